package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A file of two invoices is sold in a shop in memory, and the shop's sums are
// those of the file.
func Example() {
	dir, err := os.MkdirTemp("", "replay")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, text := range map[string]string{
		"products.tsv.gz": "stock_code\tdescription\n10002\tA globe\n",
		"lines.tsv.gz": "invoice\tstock_code\tqty\tts\tunit_price\tcustomer\tcountry\n" +
			"1\t10002\t2\t2010-12-01 08:26\t1.04\t17850\tUnited Kingdom\n" +
			"2\t10002\t3\t2010-12-02 09:00\t0.99\t\tFrance\n",
	} {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err1 := io.WriteString(z, text)
		err2 := z.Close()
		err3 := os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600)
		if err1 != nil || err2 != nil || err3 != nil {
			fmt.Println(err1, err2, err3)
			return
		}
	}

	var out strings.Builder
	if err := run(context.Background(), []string{dir}, &out, io.Discard); err != nil {
		fmt.Println(err)
		return
	}
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "filled:") && !strings.HasPrefix(line, "sold:") { // which tell the time it took
			fmt.Print(line)
		}
	}
	// Output:
	// file: 2 lines in 2 invoices, 5 pieces for GBP 5.05
	// store: memory
	// orders completed: 2, GBP 5.05, 5 pieces
	// payments captured: 2, GBP 5.05
	// stock movements sold: 2, GBP 5.05, 5 pieces
	// total=5.05
	// pieces=5
	// verified: every invariant of orders, payments and stock holds
}
