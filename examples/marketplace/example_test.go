package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// With a database and no way to be paid the marketplace says what to
// configure, and ends.
func Example() {
	environ := map[string]string{"DATABASE_URL": "postgres://souk@db.example/shop"}
	if err := run(context.Background(), nil, environ, strings.NewReader(""), os.Stdout, os.Stderr); err != nil {
		fmt.Println(explain(err))
	}
	// Output: no way to be paid is configured: set BANK_HOLDER and BANK_ACCOUNT to take bank transfers and cash on delivery, or use --demo to fill the shop with the demo and take fake money
}
