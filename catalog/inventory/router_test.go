package inventory_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	level := func(sku ref.SKUID, loc ref.LocationID, n ref.Quantity) inventory.Level {
		return inventory.Level{SKU: sku, Location: loc, OnHand: n + 1, Reserved: 1}
	}
	tea := inventory.Demand{Owner: "o", SKU: "tea", Quantity: 3}
	silk := inventory.Demand{Owner: "o", SKU: "silk", Quantity: 1}
	for name, c := range map[string]struct {
		router  inventory.Nearest
		demands []inventory.Demand
		levels  []inventory.Level
		want    []inventory.Share
	}{
		"one location that has all of an order": {
			demands: []inventory.Demand{tea, silk},
			levels:  []inventory.Level{level("tea", "a", 9), level("tea", "b", 3), level("silk", "b", 1)},
			want:    []inventory.Share{{Demand: 0, Location: "b", Quantity: 3}, {Demand: 1, Location: "b", Quantity: 1}},
		},
		"the preferred one of several": {
			router:  inventory.Nearest{Prefer: []ref.LocationID{"c", "b"}},
			demands: []inventory.Demand{tea},
			levels:  []inventory.Level{level("tea", "a", 9), level("tea", "b", 3), level("tea", "c", 2)},
			want:    []inventory.Share{{Demand: 0, Location: "b", Quantity: 3}},
		},
		"the fullest first where it must be several": {
			demands: []inventory.Demand{tea},
			levels:  []inventory.Level{level("tea", "a", 1), level("tea", "b", 2)},
			want:    []inventory.Share{{Demand: 0, Location: "b", Quantity: 2}, {Demand: 0, Location: "a", Quantity: 1}},
		},
		"less than wanted where there is no more": {
			demands: []inventory.Demand{tea},
			levels:  []inventory.Level{level("tea", "a", 1)},
			want:    []inventory.Share{{Demand: 0, Location: "a", Quantity: 1}},
		},
		"two owners share what is there": {
			demands: []inventory.Demand{tea, {Owner: "p", SKU: "tea", Quantity: 3}},
			levels:  []inventory.Level{level("tea", "a", 4), level("tea", "b", 3)},
			want:    []inventory.Share{{Demand: 0, Location: "a", Quantity: 3}, {Demand: 1, Location: "b", Quantity: 3}},
		},
	} {
		require.Equal(t, c.want, c.router.Route(c.demands, c.levels), name)
	}
}

// Whatever the levels, no location gives more than it has, no demand gets
// more than it wants, and what there is goes to those who want it.
func TestNearestKeepsItsContract(t *testing.T) {
	t.Parallel()
	skus := []ref.SKUID{"a", "b", "c"}
	locations := []ref.LocationID{"x", "y", "z"}
	rapid.Check(t, func(rt *rapid.T) {
		var levels []inventory.Level
		have := map[ref.SKUID]ref.Quantity{}
		free := map[ref.SKUID]map[ref.LocationID]ref.Quantity{}
		for _, sku := range skus {
			free[sku] = map[ref.LocationID]ref.Quantity{}
			for _, loc := range locations {
				if n := ref.Quantity(rapid.IntRange(-1, 5).Draw(rt, "level")); n >= 0 {
					levels = append(levels, inventory.Level{SKU: sku, Location: loc, OnHand: n})
					free[sku][loc] = n
					have[sku] += n
				}
			}
		}
		var demands []inventory.Demand
		want := map[ref.SKUID]ref.Quantity{}
		for _, owner := range []string{"o", "p"} {
			for _, sku := range skus {
				if n := ref.Quantity(rapid.IntRange(0, 8).Draw(rt, "want")); n > 0 {
					demands = append(demands, inventory.Demand{Owner: owner, SKU: sku, Quantity: n})
					want[sku] += n
				}
			}
		}
		prefer := rapid.SampledFrom([][]ref.LocationID{nil, {"z"}, {"y", "x"}}).Draw(rt, "prefer")
		got := make([]ref.Quantity, len(demands))
		served := map[ref.SKUID]ref.Quantity{}
		for _, sh := range (inventory.Nearest{Prefer: prefer}).Route(slices.Clone(demands), slices.Clone(levels)) {
			d := demands[sh.Demand]
			require.Positive(rt, sh.Quantity)
			got[sh.Demand] += sh.Quantity
			served[d.SKU] += sh.Quantity
			free[d.SKU][sh.Location] -= sh.Quantity
			require.GreaterOrEqual(rt, free[d.SKU][sh.Location], ref.Quantity(0))
		}
		for i, d := range demands {
			require.LessOrEqual(rt, got[i], d.Quantity)
		}
		for _, sku := range skus {
			require.Equal(rt, min(want[sku], have[sku]), served[sku])
		}
	})
}

// greedy promises more than there is; stubborn gives more than was wanted.
type (
	greedy   struct{}
	stubborn struct{}
)

func (greedy) Route(d []inventory.Demand, _ []inventory.Level) []inventory.Share {
	return []inventory.Share{{Demand: 0, Location: "main", Quantity: d[0].Quantity}}
}

func (stubborn) Route(d []inventory.Demand, _ []inventory.Level) []inventory.Share {
	return []inventory.Share{{Demand: 0, Location: "main", Quantity: d[0].Quantity + 1}}
}

func TestARouterThatIsWrongSellsNothing(t *testing.T) {
	t.Parallel()
	for router, kind := range map[inventory.Router]fault.Kind{greedy{}: fault.Exhausted, stubborn{}: fault.Internal} {
		b := setup(t)
		var err error
		b.Service, err = inventory.NewService(inventory.Config{
			Store: b.stores.Inventory, Units: b.stores.Units, Events: b.stores.Events, Router: router,
		})
		require.NoError(t, err)
		b.receive(t, "tea", "main", 1)
		err = b.reserve(t.Context(), time.Time{}, inventory.Demand{Owner: "o", SKU: "tea", Quantity: 2})
		require.ErrorIs(t, err, kind)
		require.EqualValues(t, 1, b.available(t, "tea"))
		b.sound(t)
	}
}
