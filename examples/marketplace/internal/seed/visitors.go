package seed

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/dice"
	"github.com/soukhq/souk/recommend"
)

// weeks is how far back the visitors of the demo go.
const weeks = 3

// signals is how many are appended at once.
const signals = 1000

// visitors lets imaginary visitors look around and buy in the weeks before the
// shop opened, so that it has something to recommend by. They are drawn by lot:
// the popular more often, what is of one brand or of two categories that go
// together in one visit. What they do is appended like the signals of anybody
// else; the ids are the same each time, so that a filling that is resumed adds
// nobody twice.
func (sd *seeder) visitors(ctx context.Context, data *demo.Data) error {
	opened, err := sd.opened(ctx, data)
	if err != nil {
		return err
	}
	var all []recommend.Event
	for i := range data.Shops {
		all = append(all, visits(&data.Shops[i], opened)...)
	}
	slices.SortStableFunc(all, func(a, b recommend.Event) int { return a.At.Compare(b.At) })
	for some := range slices.Chunk(all, signals) {
		if err := sd.stores.Signals.Append(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// visits draws what happened in a shop until it opened.
func visits(shop *demo.Shop, opened time.Time) []recommend.Event {
	goods := map[string][]*demo.Product{}
	var categories []string
	for i := range shop.Products {
		p := &shop.Products[i]
		if goods[p.Category] == nil {
			categories = append(categories, p.Category)
		}
		goods[p.Category] = append(goods[p.Category], p)
	}
	if len(categories) == 0 {
		return nil
	}
	slices.Sort(categories)
	for _, list := range goods {
		slices.SortStableFunc(list, func(a, b *demo.Product) int {
			return cmp.Or(cmp.Compare(b.Popularity, a.Popularity), cmp.Compare(a.Code, b.Code))
		})
	}
	var all []recommend.Event
	for n := range 40 + len(shop.Products)/12 {
		v := visit{
			dice: dice.New("visitor", string(shop.Channel), strconv.Itoa(n)), who: fmt.Sprintf("demo %s %d", shop.Channel, n),
		}
		v.at = opened.Add(-time.Duration(1+v.dice.N(weeks*7*24*60)) * time.Minute)
		// The category of a product drawn from all is a large one more often.
		first := shop.Products[v.dice.N(len(shop.Products))].Category
		at, _ := slices.BinarySearch(categories, first)
		v.shop(goods[first], goods[categories[(at+1)%len(categories)]])
		all = append(all, v.events...)
	}
	return all
}

// visit is one visitor, who comes once.
type visit struct {
	dice   *dice.Dice
	who    string
	at     time.Time
	events []recommend.Event
}

// shop looks at some goods, and buys one of them now and then, with something
// that goes with it.
func (v *visit) shop(goods, others []*demo.Product) {
	wanted := v.pick(goods)
	v.did(recommend.View, wanted)
	for range 2 + v.dice.N(4) {
		p := v.pick(goods)
		if alike := ofBrand(goods, wanted.Brand); v.dice.N(2) == 0 && len(alike) > 1 {
			p = v.pick(alike)
		}
		v.did(recommend.View, p)
	}
	if v.dice.N(5) < 2 {
		return
	}
	v.did(recommend.CartAdd, wanted)
	// What goes with a product is one of a few.
	with := others[(dice.New("goes with", wanted.Code).N(len(others))+v.dice.N(3))%len(others)]
	v.did(recommend.View, with)
	v.did(recommend.CartAdd, with)
	if v.dice.N(4) > 0 {
		v.did(recommend.Purchase, wanted)
		v.did(recommend.Purchase, with)
		if v.dice.N(3) == 0 {
			v.did(recommend.Purchase, v.pick(goods))
		}
	}
}

// pick draws one, those at the head more often.
func (v *visit) pick(goods []*demo.Product) *demo.Product {
	return goods[v.dice.N(1+v.dice.N(len(goods)))]
}

func ofBrand(goods []*demo.Product, brand string) []*demo.Product {
	var out []*demo.Product
	for _, p := range goods {
		if p.Brand == brand {
			out = append(out, p)
		}
	}
	return out
}

func (v *visit) did(kind recommend.Kind, p *demo.Product) {
	e := recommend.Event{
		ID: v.who + " " + strconv.Itoa(len(v.events)), Kind: kind, Visitor: recommend.Visitor{Session: v.who}, Product: ref.ProductID(p.Code), At: v.at,
	}
	if kind == recommend.Purchase {
		e.Basket = v.who
	}
	v.at = v.at.Add(time.Duration(10+v.dice.N(50)) * time.Second)
	v.events = append(v.events, e)
}
