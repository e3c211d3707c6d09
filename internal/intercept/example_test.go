package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/soukhq/souk/commerce/event"
)

// A port with one method becomes a wrapper that passes its calls through the
// hook.
func Example() {
	code, err := generate(reflect.TypeFor[struct{ Events event.Appender }]())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, method, _ := strings.Cut(string(code), "func (w *interceptedEvents) Append")
	fmt.Println("Append" + strings.TrimSpace(method))
	// Output:
	// Append(ctx context.Context, a1 ...event.Record) (err error) {
	// 	err = w.hook(ctx, Call{Port: "Events", Method: "Append", Args: []any{a1}, Results: []any{}}, func(ctx context.Context) error {
	// 		return w.next.Append(ctx, a1...)
	// 	})
	// 	return err
	// }
}
