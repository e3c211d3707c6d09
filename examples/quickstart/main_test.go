package main

import (
	"context"
	"os"
)

func Example() {
	if err := run(context.Background(), os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// 2 x Green tea, USD 25.00 to pay
	// payment captured, order confirmed, 3 left
}
