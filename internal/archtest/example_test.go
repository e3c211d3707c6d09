package archtest_test

import (
	"fmt"

	"github.com/soukhq/souk/internal/archtest"
)

func Example() {
	tree, err := archtest.Load("testdata/docs")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, rule := range archtest.Rules() {
		if rule.Name != "docs" {
			continue
		}
		for _, f := range rule.Findings(tree) {
			fmt.Println(f)
		}
	}
	// Output:
	// catalog: lacks doc.go
	// examples/quickstart: lacks doc.go
	// internal/pgtest: lacks doc.go
	// order/internal/x: lacks doc.go
	// payment/doc.go: lacks the package comment
}
