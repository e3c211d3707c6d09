package listing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

func TestARowSaysWhatAListShows(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	_, err := s.catalog.CreateCategories(ctx, staff(), []catalog.CategoryInput{
		{ID: "home", Name: catalog.Text{ref.English: "Home"}},
		{ID: "tea", Parent: "home", Name: catalog.Text{ref.English: "Tea"}},
	})
	require.NoError(t, err)
	_, err = s.catalog.CreateBrands(ctx, staff(), []catalog.BrandInput{{ID: "co", Name: catalog.Text{ref.English: "Tea & Co"}}})
	require.NoError(t, err)
	p := s.add("oolong", catalog.ProductInput{
		Brand: "co", Category: "tea", Pictures: []catalog.Picture{{Ref: "oolong.png"}, {Ref: "more.png"}},
	}, 1200, 800, 1500)
	s.prices["en"]["oolong-b"] = pricing.Resolved{Unit: money.New(800, "USD"), Was: money.New(1000, "USD")}
	delete(s.prices["en"], "oolong-c")
	s.ratings["oolong"] = listing.Rating{Average: 450, Count: 3}
	s.orders["g1"] = order.Group{ID: "g1", Orders: []order.Order{{ID: "o1"}, {ID: "o2", Lines: []order.Line{
		{Product: "oolong", Quantity: 2}, {Product: "oolong", Quantity: 1},
	}}}}
	confirmed, err := event.New("e1", order.Topic, "g1", s.clock.Now(), order.Confirmed{Subject: order.Subject{Group: "g1", Order: "o2"}})
	require.NoError(t, err)
	require.ErrorIs(t, s.React(ctx, confirmed), fault.FailedPrecondition, "it would count twice")
	require.NoError(t, s.stores.Units.Do(ctx, func(ctx context.Context) error { return s.React(ctx, confirmed) }))
	require.Equal(t, 1, s.catchUp())
	row, ok := s.card("oolong")
	require.True(t, ok)
	require.Equal(t, listing.Row{
		Channel: "en", Currency: "USD", Product: "oolong", Merchant: teaHouse,
		Slug: "oolong", Title: "oolong", Brand: "co", BrandName: "Tea & Co",
		Categories: []ref.CategoryID{"home", "tea"}, Picture: "oolong.png",
		Lowest: money.New(800, "USD"), Highest: money.New(1200, "USD"), Compare: money.New(1000, "USD"),
		InStock: true, Sold: 3, Rating: 450, Ratings: 3,
		Newest: s.clock.Now(), Version: row.Version,
	}, row)

	// The Chinese channel has no price yet, then its own row.
	p, err = s.catalog.Publish(ctx, staff(), catalog.PublishInput{Product: p.ID, Version: p.Version, Channel: "zh"})
	require.NoError(t, err)
	s.catchUp()
	require.Empty(t, s.ids(listing.Query{Channel: "zh"}))
	s.prices["zh"]["oolong-a"] = pricing.Resolved{Unit: money.New(6000, "CNY")}
	require.NoError(t, s.Refresh(ctx, []ref.ProductID{"oolong", "none"}))
	zh, err := s.Cards(ctx, "zh", []ref.ProductID{"none", "oolong"})
	require.NoError(t, err)
	require.Len(t, zh, 1)
	require.Equal(t, "茶 oolong", zh[0].Title)
	require.Equal(t, money.New(6000, "CNY"), zh[0].Highest)
	require.Equal(t, money.Money{}, zh[0].Compare)

	single := s.add("cup", catalog.ProductInput{}, 300)
	s.catchUp()
	row, _ = s.card("cup")
	require.Equal(t, single.SKUs[0].ID, row.SKU, "a product without a choice names its SKU")
	_ = p
}

func TestListsFollowTheEvents(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	_, err := s.catalog.CreateCategories(ctx, staff(), []catalog.CategoryInput{
		{ID: "a", Name: catalog.Text{ref.English: "A"}},
		{ID: "b", Name: catalog.Text{ref.English: "B"}},
		{ID: "c", Parent: "a", Name: catalog.Text{ref.English: "C"}},
	})
	require.NoError(t, err)
	brands, err := s.catalog.CreateBrands(ctx, staff(), []catalog.BrandInput{{ID: "co", Name: catalog.Text{ref.English: "Co"}}})
	require.NoError(t, err)
	var all []catalog.Product
	for _, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
		all = append(all, s.add(id, catalog.ProductInput{Category: "c", Brand: "co"}, 100))
	}
	require.Empty(t, s.ids(listing.Query{}))
	require.Equal(t, 5, s.catchUp(), "each product once, whatever happened to it")
	byTitle := listing.Query{Sort: listing.ByTitle}
	require.Equal(t, []string{"p1", "p2", "p3", "p4", "p5"}, s.ids(byTitle))
	require.Equal(t, 0, s.catchUp(), "nothing is due any more")

	s.stock["p1-a"] = 0
	rec, err := event.New("e1", inventory.Topic, "p1-a", s.clock.Now(), inventory.Changed{SKUs: []ref.SKUID{"p1-a", "unknown"}})
	require.NoError(t, err)
	require.NoError(t, s.Consume(ctx, []event.Record{rec, rec, {Topic: "other", Name: "other.happened.v1", Payload: []byte("{}")}}))
	require.Equal(t, 1, s.catchUp())
	require.Equal(t, []string{"p2", "p3", "p4", "p5"}, s.ids(listing.Query{Sort: listing.ByTitle, InStock: true}))

	_, err = s.catalog.MoveCategory(ctx, staff(), "c", 1, "b")
	require.NoError(t, err)
	require.Equal(t, 5, s.catchUp())
	require.Empty(t, s.ids(listing.Query{Category: "a"}))
	require.Len(t, s.ids(listing.Query{Category: "b"}), 5)

	_, err = s.catalog.ChangeBrand(ctx, staff(), "co", brands[0].Version, catalog.BrandInput{Name: catalog.Text{ref.English: "Renamed"}})
	require.NoError(t, err)
	require.Equal(t, 5, s.catchUp())
	row, _ := s.card("p2")
	require.Equal(t, "Renamed", row.BrandName)

	m, err := s.merchants.Suspend(ctx, staff(), teaHouse, 1)
	require.NoError(t, err)
	s.catchUp()
	require.Empty(t, s.ids(listing.Query{}), "a suspended merchant shows nothing")
	_, err = s.merchants.Resume(ctx, staff(), teaHouse, m.Version)
	require.NoError(t, err)
	s.catchUp()
	require.Len(t, s.ids(listing.Query{Merchant: teaHouse}), 5)

	_, err = s.catalog.Archive(ctx, staff(), all[1].ID, all[1].Version)
	require.NoError(t, err)
	_, err = s.catalog.Unpublish(ctx, staff(), all[2].ID, all[2].Version, "en")
	require.NoError(t, err)
	require.Equal(t, 2, s.catchUp())
	require.Equal(t, []string{"p1", "p4", "p5"}, s.ids(byTitle))

	broken := event.Record{Name: "product.changed.v1", Payload: []byte("no"), Aggregate: "p1"}
	require.Error(t, s.React(ctx, broken))
	require.Contains(t, listing.Topics(), catalog.Topic)
}

func TestWindowsAndPricesEndOnTime(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	now := s.clock.Now()
	p := s.add("tea", catalog.ProductInput{}, 100)
	_, err := s.catalog.Publish(ctx, staff(), catalog.PublishInput{
		Product: p.ID, Version: p.Version, Channel: "en", From: now.Add(time.Hour), Until: now.Add(3 * time.Hour),
	})
	require.NoError(t, err)
	s.prices["en"]["tea-a"] = pricing.Resolved{Unit: money.New(100, "USD"), Until: now.Add(2 * time.Hour)}
	s.catchUp()
	require.Empty(t, s.ids(listing.Query{}))
	s.clock.Set(now.Add(time.Hour))
	require.Len(t, s.ids(listing.Query{}), 1, "it appears without any job")
	require.Equal(t, 1, s.catchUp(), "and whoever keeps a copy hears of it")
	row, _ := s.card("tea")
	require.Equal(t, now.Add(time.Hour), row.Newest)

	s.prices["en"]["tea-a"] = pricing.Resolved{Unit: money.New(80, "USD")}
	s.clock.Set(now.Add(2*time.Hour - time.Microsecond))
	require.Equal(t, 0, s.catchUp())
	s.clock.Set(now.Add(2 * time.Hour))
	require.Equal(t, 1, s.catchUp(), "the price ended")
	row, _ = s.card("tea")
	require.Equal(t, money.New(80, "USD"), row.Lowest)

	s.clock.Set(now.Add(3 * time.Hour))
	require.Empty(t, s.ids(listing.Query{}))
	_, ok := s.card("tea")
	require.False(t, ok)
	require.Equal(t, 1, s.catchUp())
	rows, err := s.stores.Listings.GetMany(ctx, "en", "USD", []ref.ProductID{"tea"})
	require.NoError(t, err)
	require.Empty(t, rows, "and its row is gone")
	require.Equal(t, 0, s.catchUp())
}

// A reading that began before another change must not undo what was read
// after it.
func TestAnOldReadingDoesNotOverwrite(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	s.add("tea", catalog.ProductInput{}, 100)
	slow := stockFunc(func(ctx context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.Quantity, error) {
		got, err := s.stock.Available(ctx, skus)
		s.stock["tea-a"] = 0 // sold out while the slow one is reading
		require.NoError(t, s.Refresh(ctx, []ref.ProductID{"tea"}))
		return got, err
	})
	cfg := listing.Config{
		Store: s.stores.Listings, Channels: channels()[:1],
		Products: s.stores.Products, Categories: s.stores.Categories, Brands: s.stores.Brands,
		Prices: s.prices, Stock: slow, Clock: s.clock,
	}
	other, err := listing.NewService(cfg)
	require.NoError(t, err)
	require.NoError(t, other.Refresh(ctx, []ref.ProductID{"tea"}))
	row, ok := s.card("tea")
	require.True(t, ok)
	require.False(t, row.InStock)

	cfg.Stock = stockFunc(func(context.Context, []ref.SKUID) (map[ref.SKUID]ref.Quantity, error) { return nil, errors.New("away") })
	other, err = listing.NewService(cfg)
	require.NoError(t, err)
	require.NoError(t, s.React(ctx, event.Record{Name: "product.archived.v1", Aggregate: "tea", Payload: []byte("{}")}))
	_, err = other.Sweep(ctx)
	require.ErrorContains(t, err, "away")
	require.Equal(t, 1, s.catchUp(), "what could not be read stays due")
}

type stockFunc func(context.Context, []ref.SKUID) (map[ref.SKUID]ref.Quantity, error)

func (f stockFunc) Available(ctx context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.Quantity, error) {
	return f(ctx, skus)
}

func TestRebuild(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	for _, id := range []string{"p1", "p2", "p3", "p4", "p5"} {
		s.add(id, catalog.ProductInput{}, 100)
	}
	p, err := s.catalog.Product(ctx, staff(), "p3")
	require.NoError(t, err)
	n, err := s.Rebuild(ctx)
	require.NoError(t, err)
	require.Equal(t, 5, n)
	require.Len(t, s.ids(listing.Query{}), 5)
	_, err = s.catalog.Archive(ctx, staff(), p.ID, p.Version)
	require.NoError(t, err)
	_, err = s.Rebuild(ctx)
	require.NoError(t, err)
	require.Len(t, s.ids(listing.Query{}), 4, "an archived product leaves without its event too")
}

func TestBadQueries(t *testing.T) {
	t.Parallel()
	s, ctx := setup(t), t.Context()
	_, err := s.List(ctx, listing.Query{Channel: "none"}, page.Request{})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Cards(ctx, "none", nil)
	require.ErrorIs(t, err, fault.NotFound)
	_, err = s.Cards(ctx, "en", make([]ref.ProductID, page.MaxLimit+1))
	require.ErrorIs(t, err, fault.Invalid)
	rows, err := s.Cards(ctx, "en", []ref.ProductID{"\xff", ""})
	require.NoError(t, err)
	require.Empty(t, rows)
	_, err = s.List(ctx, listing.Query{
		Channel: "en", Category: "\xff", Brand: "a\x00", Sort: "random",
		PriceFrom: money.New(10, "USD"), PriceTo: money.New(5, "EUR"),
	}, page.Request{})
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	var got []string
	for _, fd := range f.Fields {
		got = append(got, fd.Path+":"+fd.Code)
	}
	require.Equal(t, []string{
		"category:malformed", "brand:malformed", "sort:unknown", "price_to:currency_mismatch", "price_to:not_after",
	}, got)
	_, err = s.List(ctx, listing.Query{Channel: "en"}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)

	_, err = listing.NewService(listing.Config{Channels: []pricing.Channel{{}}, Batch: -1})
	for _, field := range []string{"Store", "Products", "Categories", "Brands", "Prices", "Stock", "Channels", "Batch"} {
		require.ErrorContains(t, err, "listing.Config."+field)
	}
}
