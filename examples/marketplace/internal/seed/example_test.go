package seed_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/storage/memory"
)

func ExampleDone() {
	done, err := seed.Done(context.Background(), memory.New().Stores())
	fmt.Println(done, err)
	// Output: false <nil>
}
