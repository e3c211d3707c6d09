package promo_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/promo"
)

// A list that is there and empty is one that somebody forgot to fill: it must
// not select everything.
func TestAnEmptyListSelectsNothing(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"skus", "products", "categories", "brands", "merchants", "tags"} {
		for body, ok := range map[string]bool{`{}`: true, `{"` + list + `":["a"]}`: true, `{"` + list + `":[]}`: false} {
			p := promo.Promotion{ID: "tenth", Version: 1, Name: "A tenth off", Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 100_000}}}
			require.NoError(t, json.Unmarshal([]byte(body), &p.Lines))
			err := newEngine(t).Validate(&p)
			if ok {
				require.NoError(t, err, body)
				continue
			}
			var f *fault.Fault
			require.ErrorAs(t, err, &f, body)
			require.Equal(t, "lines."+list, f.Fields[0].Path)
			require.Equal(t, "required", f.Fields[0].Code)
		}
	}
}
