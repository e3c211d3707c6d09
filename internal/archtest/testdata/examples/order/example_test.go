package order_test

import "fmt"

func Example() {
	fmt.Println("placed")
	// Output: placed
}
