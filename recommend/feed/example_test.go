package feed_test

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/engine"
	"github.com/soukhq/souk/recommend/feed"
	"github.com/soukhq/souk/storage/memory"
)

// Somebody looks at a product, and the engine hears of it.
func Example() {
	ctx, stores := context.Background(), memory.New().Stores()
	e, err := engine.New(engine.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	f, err := feed.New(feed.Config{
		Recommender: e, Signals: stores.Signals, Orders: stores.Orders, Members: stores.Members,
		Listings: stores.Listings, Products: stores.Products, Events: stores.Events,
		Channels: []pricing.Channel{{ID: "en", Currency: "USD"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = stores.Signals.Append(ctx, []recommend.Event{{
		ID: "view 1", Kind: recommend.View, Product: "tea", Visitor: recommend.Visitor{Session: "browser"}, At: time.Now(),
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	more, err := f.Poll(ctx)
	fmt.Println(more, err)
	shelf, err := e.Recommend(ctx, recommend.Query{Shelf: recommend.Hot, Visitor: recommend.Visitor{Session: "another"}})
	fmt.Println(shelf.Items[0].Product, shelf.Items[0].Reason.Because, err)
	// Output:
	// false <nil>
	// tea hot <nil>
}
