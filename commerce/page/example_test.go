package page_test

import (
	"fmt"

	"github.com/soukhq/souk/commerce/page"
)

// A store pages through rows that are sorted by name: it decodes the cursor
// to the name of the last row seen and encodes the last one it hands out.
func Example() {
	rows := []string{"ann", "bob", "cid", "dan", "eve"}
	list := func(req page.Request) (page.Page[string], error) {
		size, err := req.Size()
		if err != nil {
			return page.Page[string]{}, err
		}
		key, err := page.Decode("example.name", req.After, 1)
		if err != nil {
			return page.Page[string]{}, err
		}
		var out page.Page[string]
		for _, r := range rows {
			if key != nil && r <= key[0] {
				continue
			}
			if len(out.Items) == size {
				out.Next = page.Encode("example.name", out.Items[size-1])
				break
			}
			out.Items = append(out.Items, r)
		}
		return out, nil
	}

	req := page.Request{Limit: 2}
	for {
		p, err := list(req)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(p.Items)
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	// Output:
	// [ann bob]
	// [cid dan]
	// [eve]
}
