package inventory

import (
	"cmp"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
)

// Router decides which location serves which demand. It sees the levels as
// they were read; the reservation that follows decides whether they hold.
type Router interface {
	// Route returns where each demand is served from: shares of a demand add
	// up to its quantity, or to less where there is not enough, which is then
	// reported as a shortage. It depends on its arguments alone.
	Route(demands []Demand, levels []Level) []Share
}

// Share is a part of a demand at one location.
type Share struct {
	// Demand is the index of the demand.
	Demand   int
	Location ref.LocationID
	Quantity ref.Quantity
}

// Nearest is the default [Router]. An owner's demands are served from one
// location where one has all of it, so that it ships once; else each SKU from
// the location that has most of it, and from several only where it must.
// Between equals the order of Prefer decides, then the location's id.
type Nearest struct {
	// Prefer lists locations, the best first. Defaults to none.
	Prefer []ref.LocationID
}

var _ Router = Nearest{}

// Route implements [Router].
func (n Nearest) Route(demands []Demand, levels []Level) []Share {
	free := map[ref.SKUID]map[ref.LocationID]ref.Quantity{}
	var locations []ref.LocationID
	for _, l := range levels {
		if free[l.SKU] == nil {
			free[l.SKU] = map[ref.LocationID]ref.Quantity{}
		}
		free[l.SKU][l.Location] = l.Available()
		locations = append(locations, l.Location)
	}
	slices.SortFunc(locations, n.compare)
	locations = slices.Compact(locations)

	byOwner := map[string][]int{}
	var owners []string
	for i, d := range demands {
		if byOwner[d.Owner] == nil {
			owners = append(owners, d.Owner)
		}
		byOwner[d.Owner] = append(byOwner[d.Owner], i)
	}
	var out []Share
	take := func(i int, loc ref.LocationID, q ref.Quantity) {
		free[demands[i].SKU][loc] -= q
		out = append(out, Share{Demand: i, Location: loc, Quantity: q})
	}
	for _, owner := range owners {
		mine := byOwner[owner]
		whole := slices.IndexFunc(locations, func(loc ref.LocationID) bool {
			return !slices.ContainsFunc(mine, func(i int) bool { return free[demands[i].SKU][loc] < demands[i].Quantity })
		})
		if whole >= 0 {
			for _, i := range mine {
				take(i, locations[whole], demands[i].Quantity)
			}
			continue
		}
		for _, i := range mine {
			n.spread(demands[i], free[demands[i].SKU], locations, func(loc ref.LocationID, q ref.Quantity) { take(i, loc, q) })
		}
	}
	return out
}

// spread serves one demand from the fullest locations.
func (n Nearest) spread(d Demand, free map[ref.LocationID]ref.Quantity, locations []ref.LocationID, take func(ref.LocationID, ref.Quantity)) {
	order := slices.Clone(locations)
	slices.SortStableFunc(order, func(a, b ref.LocationID) int { return cmp.Compare(free[b], free[a]) })
	left := d.Quantity
	for _, loc := range order {
		if q := min(left, free[loc]); q > 0 {
			take(loc, q)
			left -= q
		}
	}
}

func (n Nearest) compare(a, b ref.LocationID) int {
	rank := func(l ref.LocationID) int {
		if i := slices.Index(n.Prefer, l); i >= 0 {
			return i
		}
		return len(n.Prefer)
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}
