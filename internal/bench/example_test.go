package bench_test

import "fmt"

// The shop's rival writes all rows of a table in one statement.
func Example() {
	h := handwritten{}
	s := h.insert("stock_log", "sku, kind, reserved", []any{"tea", "reserve", 2}, []any{"cup", "reserve", 1})

	fmt.Println(s.sql)
	fmt.Println(s.args...)
	// Output:
	// INSERT INTO stock_log (sku, kind, reserved) VALUES ($1, $2, $3), ($4, $5, $6) ON CONFLICT DO NOTHING
	// tea reserve 2 cup reserve 1
}
