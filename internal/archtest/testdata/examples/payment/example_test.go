package payment_test

import "fmt"

func Example() {
	fmt.Println("compiled, never run")
}
