package shelf_test

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/engine"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/storage/memory"
)

// A page shows a shelf, somebody follows a link of it, and the report tells.
func Example() {
	ctx, stores := context.Background(), memory.New().Stores()
	e, err := engine.New(engine.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := e.Describe(ctx, recommend.Product{ID: "tea", Sellable: true, Listed: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}); err != nil {
		fmt.Println(err)
		return
	}
	shelves, err := shelf.NewService(shelf.Config{
		Recommender: e, Signals: stores.Signals, Impressions: stores.Impressions, Stats: stores.ShelfStats,
		Policies: stores.ShelfPolicies, Units: stores.Units,
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	visitor := shelf.VisitorOf(ref.Guest("the token of a session"))
	a := shelves.Shelf(ctx, shelf.Request{Slot: "home", Query: recommend.Query{Visitor: visitor}, Seen: true})
	fmt.Println(a.Strategy, a.Items[0].Product, a.Items[0].Reason.Because)
	fmt.Println(shelves.Click(visitor, a.Request, "tea"), shelves.Flush(ctx))

	now := time.Now()
	r, err := shelves.Report(ctx, ref.Staff("ann"), shelf.ReportQuery{From: now.AddDate(0, 0, -1), Until: now})
	fmt.Println(r.Strategies[0].Requests, r.Strategies[0].ClickRate, err)
	// Output:
	// for_you tea new
	// <nil> <nil>
	// 1 1 <nil>
}

// The slot is served by whichever of two strategies is hit more.
func ExampleService_SavePolicy() {
	ctx, stores := context.Background(), memory.New().Stores()
	e, err := engine.New(engine.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	shelves, err := shelf.NewService(shelf.Config{
		Recommender: e, Signals: stores.Signals, Impressions: stores.Impressions, Stats: stores.ShelfStats,
		Policies: stores.ShelfPolicies, Units: stores.Units,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := shelves.SavePolicy(ctx, ref.Staff("ann"), shelf.PolicyInput{
		Slot: "home", Mode: shelf.Bandit, Arms: []shelf.Arm{{Name: "for_you"}, {Name: "hot"}},
	})
	fmt.Println(p.Version, err)
	odds, err := shelves.Odds(ctx, ref.Staff("ann"))
	fmt.Printf("%.1f %v\n", odds["home"]["for_you"]+odds["home"]["hot"], err)
	// Output:
	// 1 <nil>
	// 1.0 <nil>
}
