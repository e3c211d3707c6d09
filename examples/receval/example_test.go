package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// The last item of every line is kept for the test, and the others are learned
// from.
func Example() {
	dir, err := os.MkdirTemp("", "receval")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	lines, train, test := filepath.Join(dir, "lines"), filepath.Join(dir, "train"), filepath.Join(dir, "test")
	if err := os.WriteFile(lines, []byte("ann tea pot cup\nbo saw nail\n"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	if err := run(context.Background(), []string{"last", lines, "--train", train, "--test", test}, os.Stdout, os.Stderr); err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range []string{train, test} {
		text, err := os.ReadFile(name)
		fmt.Printf("%s%v\n", text, err)
	}
	// Output:
	// ann tea pot
	// bo saw
	// <nil>
	// ann cup
	// bo nail
	// <nil>
}
