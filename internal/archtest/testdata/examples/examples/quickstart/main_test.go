package main

import "fmt"

func Example() {
	main()
	fmt.Println("bought")
	// Output: bought
}
