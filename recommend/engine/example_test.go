package engine_test

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/engine"
)

func Example() {
	ctx := context.Background()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	e, err := engine.New(engine.Config{Clock: clock.NewManual(now)})
	if err != nil {
		fmt.Println(err)
		return
	}
	var events []recommend.Event
	for n, basket := range [][]ref.ProductID{{"tea", "pot"}, {"tea", "pot"}, {"saw", "hammer"}, {"tea"}} {
		for _, product := range basket {
			events = append(events, recommend.Event{
				ID: fmt.Sprintf("order-%d/%s", n, product), Kind: recommend.Purchase, Product: product, At: now,
				Visitor: recommend.Visitor{Member: ref.MemberID(fmt.Sprintf("member-%d", n))}, Basket: fmt.Sprintf("order-%d", n),
			})
		}
	}
	if err := e.Record(ctx, events...); err != nil {
		fmt.Println(err)
		return
	}
	if err := e.Refit(ctx); err != nil {
		fmt.Println(err)
		return
	}
	shelf, err := e.Recommend(ctx, recommend.Query{
		Shelf: recommend.ForYou, Visitor: recommend.Visitor{Member: "member-3"}, Limit: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, item := range shelf.Items {
		fmt.Println(item.Product, item.Reason.Because, item.Reason.Product)
	}
	// Output: pot you_bought tea
}
