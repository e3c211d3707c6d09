package web_test

import (
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

// shelf is a row of recommended products whose reasons say all there is to say.
func (s samples) shelf(id, title string, hide bool) view.Shelf {
	out := view.Shelf{ID: id, Request: "request", Title: view.Said{Key: "shelf.title." + title, Params: fault.Params{"Name": s.text(s.shop.Departments[0].Name)}}}
	if hide {
		out.Hide, out.Back = "#", s.base()+"/"
	}
	whys := []string{
		"you_bought", "you_carted.some", "you_viewed", "hot.some", "", "also_bought", "together", "similar", "discover.some", "trending.some",
		"hot_in_category", "new.some", "you_bought.some", "you_carted", "you_viewed.some", "similar.some", "also_bought.some", "together.some",
		"hot_in_segment.some", "discover",
	}
	for i, c := range s.cards(len(id), len(whys)) {
		if whys[i] != "" {
			c.Why = view.Said{Key: "shelf.why." + whys[i], Params: fault.Params{"Name": s.shop.Products[i].Name}}
		}
		c.Tagged, c.InStock = true, true
		out.Picks = append(out.Picks, view.Pick{Card: c, Product: s.shop.Products[i].Code})
	}
	return out
}

// shelves are the pages with recommendations, and of those who look after them.
func (s samples) shelves(kind string) map[string]view.Page {
	home, product, cart, category := s.home(), s.product(kind, 4), s.cart(false), s.category()
	home.Shelves = []view.Shelf{s.shelf("home", "yours", true), s.shelf("home_hot", "hot", false), s.shelf("home_trending", "trending", false)}
	product.Shelves = []view.Shelf{s.shelf("product_together", "together", false), s.shelf("product_also", "also", false), s.shelf("product_similar", "similar", false)}
	product.New, product.Unseen = true, "p1"
	cart.Shelves = []view.Shelf{s.shelf("cart", "cart", true)}
	category.Shelves = []view.Shelf{s.shelf("category", "category", false)}
	none := s.shelfDesk()
	none.Rows, none.Segments, none.Curves, none.Models = nil, nil, nil, nil
	unfitted := s.shelfDesk()
	unfitted.Models[0].Model, unfitted.Models[0].Trials = "", nil
	form := view.StaffShelfForm{
		Chrome: s.chrome("Rowan", 0), Name: "…", Action: "#", Version: 2,
		Form:  view.Form{Values: map[string]string{"mode": "split"}},
		Modes: []view.Choice{{Code: "fixed", Label: "1"}, {Code: "split", Label: "3:1", Selected: true}, {Code: "interleave", Label: "1+2"}, {Code: "bandit", Label: "↑"}},
		Arms: []view.ShelfChoice{
			{Field: "weight.hot", Use: "use.hot", Name: "Hot", About: "…", On: true, Weight: "3"},
			{Field: "weight.mine", Use: "use.mine", Name: "mine", Weight: "x"},
		},
	}
	wrong := form
	wrong.Form.Faults = []fault.Field{
		{Path: "mode", Code: "unknown"}, {Path: "arms", Code: "out_of_range", Params: fault.Params{"min": 2, "max": 10}}, {Path: "weight.mine", Code: "number"},
	}
	stale := form
	stale.Form.Fault = fault.New(fault.Conflict, "shelf_policy.stale", "stale")
	return map[string]view.Page{
		"home-shelves": home, "product-shelves": product, "cart-shelves": cart, "category-shelves": category,
		"staff-shelves": s.shelfDesk(), "staff-shelves-none": none, "staff-shelves-unfitted": unfitted,
		"staff-shelf": form, "staff-shelf-wrong": wrong, "staff-shelf-stale": stale,
	}
}

func (s samples) shelfDesk() view.StaffShelves {
	line := view.ShelfLine{
		Place: "Home", Strategy: "For you", Requests: 12_040, Hits: "8.1%", Clicks: "7.9%", Carts: "2.0%", Orders: "0.9%", Coverage: "31.0%", Novelty: "9.2",
		Revenue: []money.Money{money.New(123_456, "USD"), money.New(99_900, "CNY")},
	}
	by, bare := line, line
	by.Segment, bare.Revenue = "en · members", nil
	p := view.StaffShelves{
		Chrome: s.chrome("Rowan", 0), Spans: []view.Link{{Label: "30", Href: "#", Current: true}}, Slots: []view.Link{{Label: "★", Href: "#", Current: true}, {Label: "Home", Href: "#"}},
		Places: []view.ShelfPlace{
			{Name: "Home", Href: "#", Mode: "bandit", Arms: []view.ShelfArm{{Name: "For you", Share: "61.0%"}, {Name: "Popular now", Share: "39.0%"}}},
			{Name: "Cart", Arms: []view.ShelfArm{{Name: "Bought together"}}},
		},
		Models: []view.ShelfModel{{
			Strategies: []string{"For you", "Similar"}, Model: "itemknn user=0.5 target=0.2 source=0.5 recency=0.5 gap=0.5", FittedAt: s.now,
			Interactions: 4012, Waiting: 31, Products: 3530, Sellable: 3102, Visitors: 820, Baskets: 210,
			Trials: []view.ShelfTrial{{Model: "itemknn user=0.5", NDCG: "0.1210", Chosen: true}, {Model: "rp3beta user=0.9", NDCG: "0.1174"}},
		}},
		Rows: []view.ShelfLine{line, bare}, Segments: []view.ShelfLine{by},
		Curves: &view.Curves{
			Width: 480, Height: 220, Left: 60, Lines: []view.PlotLine{{Y: 190, Label: "0%"}, {Y: 20, Label: "10%"}},
			Days: []view.CurveDay{{X: 60, Label: "3/1"}, {X: 440, Label: "3/30"}},
		},
	}
	for n := range 8 {
		c := view.Curve{Name: string(rune('A' + n)), Number: n}
		c.Dots = []view.CurveDot{{X: 60, Y: 20 + 20*n, Day: "2026-03-01", Share: "5.0%", Requests: 80}, {X: 440, Y: 30 + 20*n, Day: "2026-03-30", Share: "6.0%", Requests: 1200}}
		c.Path = fmt.Sprintf("M60 %dL440 %d", c.Dots[0].Y, c.Dots[1].Y)
		p.Curves.Series = append(p.Curves.Series, c)
	}
	return p
}
