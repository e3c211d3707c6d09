// Command intercept writes storage/intercept_gen.go: for every port in
// storage.Stores a wrapper that passes each call through a hook. It is run by
// go generate.
package main
