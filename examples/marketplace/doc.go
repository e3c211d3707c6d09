// Command marketplace is the reference marketplace of Souk: a shop in English
// and one in Chinese, with guests and members, several merchants per cart, and
// a page for employees.
//
//	go run ./examples/marketplace            # SQLite in .souk, filled with the demo
//	go run ./examples/marketplace --memory   # nothing is kept
//	DATABASE_URL=postgres://... go run ./examples/marketplace --demo
package main
