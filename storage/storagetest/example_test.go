package storagetest_test

import (
	"fmt"

	"github.com/soukhq/souk/storage/storagetest"
)

// Run takes a *testing.T; the cases can be looked at without one: here what is
// left of the merchants' cases for an adapter that joins no units.
func ExampleAreas() {
	limits := storagetest.Limits{NoUnits: true}
	for _, area := range storagetest.Areas() {
		if area.Name != "merchant" {
			continue
		}
		runs, why := 0, map[string]bool{}
		for _, c := range area.Cases {
			if c.Skip == nil || c.Skip(limits) == "" {
				runs++
				continue
			}
			why[c.Skip(limits)] = true
		}
		fmt.Println(runs > 0, len(why))
	}
	// Output: true 1
}
