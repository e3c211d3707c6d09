package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Two products, and one question whose best answer people have named.
func Example() {
	dir, err := os.MkdirTemp("", "searcheval")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var args []string
	for flag, text := range map[string]string{
		"products": `{"id":"1","name":"Walnut desk lamp"}` + "\n" + `{"id":"2","name":"Oak desk"}` + "\n",
		"queries":  "qid\tquery\na\tdesk lamp\n",
		"qrels":    "qid\tdocid\trating\na\t1\t3\n",
	} {
		name := filepath.Join(dir, flag)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			fmt.Println(err)
			return
		}
		args = append(args, "--"+flag, name)
	}

	var out strings.Builder
	if err := run(context.Background(), args, &out); err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "ndcg") || strings.HasPrefix(line, "zero") {
			fmt.Print(line)
		}
	}
	// Output:
	// ndcg@10=1.0000
	// zero_result_rate=0.0000
}
