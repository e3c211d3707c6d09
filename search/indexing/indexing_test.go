package indexing_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/indexing"
	"github.com/soukhq/souk/storage/memory"
)

func TestNewServiceNamesWhatLacks(t *testing.T) {
	t.Parallel()
	_, err := indexing.NewService(indexing.Config{Batch: -1})
	for _, field := range []string{"Search", "Channels", "Rows", "Products", "Categories", "Brands", "Prices", "Batch"} {
		require.ErrorContains(t, err, "indexing.Config."+field)
	}
	s := newShop(t, memory.New().Stores())
	_, err = indexing.NewService(indexing.Config{
		Search: s.Search, Channels: []pricing.Channel{{ID: "elsewhere"}}, Rows: s.stores.Listings, Products: s.stores.Products,
		Categories: s.stores.Categories, Brands: s.stores.Brands, Prices: s.Prices,
	})
	require.ErrorContains(t, err, "Channels")
}

func TestEveryWriteReachesTheIndex(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *shop) {
		t.Helper()
		ctx := t.Context()
		lamp := s.lamp("lamp", "Walnut desk lamp", 4900)
		other := s.lamp("other", "Oak table", 9900, 12900, 10900)
		s.drain()
		require.Equal(t, []ref.ProductID{"lamp"}, s.text("desk lamp"))
		require.Equal(t, []ref.ProductID{"other"}, s.text("C1-other-b"), "by the code of a SKU")
		require.Equal(t, []ref.ProductID{"other"}, s.priced(10500, 11000), "the price of the SKU in between")
		require.Equal(t, []string{"size a", "size b", "size c"}, s.facet(search.FacetRequest{Field: search.AttributeField("Size")}))

		// Words.
		lamp, err := s.Catalog.Product(ctx, staff(), lamp.ID)
		require.NoError(t, err)
		lamp, err = s.Catalog.ChangeProduct(ctx, staff(), lamp.ID, lamp.Version, catalog.ProductInput{
			Title: catalog.Text{ref.English: "Walnut reading light", ref.Chinese: "胡桃木台灯"}, Brand: "tessel", Category: "lamps",
			Description: en("For long evenings."),
			Attributes: []catalog.Attribute{
				{Code: "material", Name: en("Material"), Values: []catalog.Text{en("Walnut")}},
				{Code: "weight", Name: en("Weight"), Values: []catalog.Text{en("1.2 kg")}},
				{Code: "gtin", Values: []catalog.Text{en("4006381333931")}},
				{Code: "model", Values: []catalog.Text{en("LX200")}},
			},
			SKUs: []catalog.SKUInput{{ID: "lamp-a", Code: "C1-lamp-a"}},
		})
		require.NoError(t, err)
		s.drain()
		require.Empty(t, s.text("desk lamp"))
		for _, text := range []string{"reading light", "evenings", "4006381333931", "lx200"} {
			require.Equal(t, []ref.ProductID{"lamp"}, s.text(text), text)
		}
		require.Equal(t, []string{"Walnut"}, s.facet(search.FacetRequest{Field: search.AttributeField("Material")}))
		require.Equal(t, []string{"1.2 kg"}, s.facet(search.FacetRequest{Field: search.AttributeField("Weight")}))
		light, heavy := 1000.0, 1500.0
		require.Equal(t, []ref.ProductID{"lamp"}, s.find(search.Query{
			Filters: []search.Filter{{Field: search.MeasureField("Weight", "g"), Min: &light, Max: &heavy}},
		}), "texts that are measures are numbers too")

		// Prices and stock.
		s.price(pricing.SetInput{SKU: "lamp-a", Channel: "us", Unit: money.New(3900, "USD")})
		require.NoError(t, s.Stock.Adjust(ctx, staff(), inventory.CountInput{
			Counts: []inventory.Count{{SKU: "lamp-a", Location: "main", Quantity: -10}},
		}))
		s.drain()
		require.Equal(t, []ref.ProductID{"lamp"}, s.priced(3900, 3900))
		inStock := search.Query{Filters: []search.Filter{{Field: search.FieldStock, Any: []string{"in"}}}}
		require.Equal(t, []ref.ProductID{"other"}, s.find(inStock))

		// Category: its name and its place.
		c, err := s.Catalog.Category(ctx, "lamps")
		require.NoError(t, err)
		c, err = s.Catalog.ChangeCategory(ctx, staff(), c.ID, c.Version, catalog.CategoryInput{Name: en("Lights")})
		require.NoError(t, err)
		s.drain()
		require.Equal(t, []string{"Lights"}, s.facet(search.FacetRequest{Field: search.FieldCategory}))
		_, err = s.Catalog.MoveCategory(ctx, staff(), c.ID, c.Version, "home")
		require.NoError(t, err)
		s.drain()
		require.Equal(t, []string{"Home"}, s.facet(search.FacetRequest{Field: search.FieldCategory}))
		require.Equal(t, []string{search.CategoryPath("Home", "Lights")},
			s.facet(search.FacetRequest{Field: search.FieldCategory, Parent: "Home"}))

		// Brand.
		b, err := s.Catalog.Brand(ctx, "tessel")
		require.NoError(t, err)
		_, err = s.Catalog.ChangeBrand(ctx, staff(), b.ID, b.Version, catalog.BrandInput{Name: en("Tessela")})
		require.NoError(t, err)
		s.drain()
		require.Equal(t, []string{"Tessela"}, s.facet(search.FacetRequest{Field: search.FieldBrand}))

		// Merchant.
		m, err := s.Merchants.Get(ctx, staff(), "lumo")
		require.NoError(t, err)
		m, err = s.Merchants.Suspend(ctx, staff(), m.ID, m.Version)
		require.NoError(t, err)
		s.drain()
		require.Empty(t, s.find(search.Query{}))
		_, err = s.Merchants.Resume(ctx, staff(), m.ID, m.Version)
		require.NoError(t, err)
		s.drain()
		require.Len(t, s.find(search.Query{}), 2)

		// Another channel, in its own words.
		_, err = s.Catalog.Publish(ctx, staff(), catalog.PublishInput{Product: lamp.ID, Version: lamp.Version, Channel: "cn"})
		require.NoError(t, err)
		s.price(pricing.SetInput{SKU: "lamp-a", Channel: "cn", Unit: money.New(29900, "CNY")})
		s.drain()
		found, err := s.Search.Search(ctx, search.Request{Channel: "cn", Query: search.Query{Text: "台灯"}})
		require.NoError(t, err)
		require.Len(t, found.Hits, 1)

		other, err = s.Catalog.Product(ctx, staff(), other.ID)
		require.NoError(t, err)
		_, err = s.Catalog.Archive(ctx, staff(), other.ID, other.Version)
		require.NoError(t, err)
		s.drain()
		require.Equal(t, []ref.ProductID{"lamp"}, s.find(search.Query{}))
	})
}

func TestWindowsReachTheIndexOnTime(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	p, now := s.lamp("lamp", "Desk lamp", 5000), s.clock.Now()
	_, err := s.Catalog.Publish(t.Context(), staff(), catalog.PublishInput{
		Product: p.ID, Version: p.Version, Channel: "us", From: now.Add(time.Hour), Until: now.Add(5 * time.Hour),
	})
	require.NoError(t, err)
	c, err := s.Campaigns.Save(t.Context(), staff(), campaign.SaveInput{Promotion: promo.Promotion{
		ID: "night", Name: "Night", Level: promo.LevelPrice, From: now.Add(2 * time.Hour), Until: now.Add(3 * time.Hour),
		Benefit: promo.Benefit{Percent: &promo.Percent{PPM: 200_000}},
	}})
	require.NoError(t, err)
	_, err = s.Campaigns.Activate(t.Context(), staff(), c.ID, c.Version)
	require.NoError(t, err)
	s.price(pricing.SetInput{SKU: "lamp-a", Channel: "us", Unit: money.New(4500, "USD"), From: now.Add(4 * time.Hour)})
	for hour, want := range []float64{0, 5000, 4000, 5000, 4500, 0} {
		s.clock.Set(now.Add(time.Duration(hour) * time.Hour))
		s.drain()
		if want == 0 {
			require.Empty(t, s.text("lamp"), "hour %d", hour)
			continue
		}
		require.Equal(t, []ref.ProductID{"lamp"}, s.priced(want, want), "hour %d", hour)
	}
}

// buy has a member buy a piece of each SKU.
func (s *shop) buy(member ref.MemberID, skus ...ref.SKUID) {
	s.t.Helper()
	buyer, ctx := ref.Member(member), s.t.Context()
	c, err := s.Carts.Open(ctx, buyer, "us")
	require.NoError(s.t, err)
	in := cart.AddInput{Target: cart.Target{Cart: c.ID}}
	for _, sku := range skus {
		in.Items = append(in.Items, cart.Item{SKU: sku, Quantity: 1})
	}
	_, err = s.Carts.Add(ctx, buyer, in)
	require.NoError(s.t, err)
	choice := checkout.Choice{Cart: c.ID, Gateway: "fakepay", ShipTo: address.Address{
		Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles", Line1: "1 Main St", PostalCode: "90001",
	}}
	q, err := s.Checkout.Quote(ctx, buyer, choice)
	require.NoError(s.t, err)
	require.True(s.t, q.Ready, "%+v", q.Problems)
	_, err = s.Checkout.Place(ctx, buyer, checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: "k"})
	require.NoError(s.t, err)
}

func TestSalesReachTheIndexAndTheLog(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *shop) {
		t.Helper()
		s.lamp("aaa", "Brass lamp", 5000)
		s.lamp("bbb", "Brass lamp shade", 5000)
		s.drain()
		bo := search.Visitor(ref.Member("bo"))
		found, err := s.Search.Search(t.Context(), search.Request{Channel: "us", Visitor: bo, Query: search.Query{Text: "brass lamp"}})
		require.NoError(t, err)
		for place, h := range found.Hits {
			require.NoError(t, s.Search.Click(t.Context(), search.Click{Search: found.ID, Visitor: bo, Product: h.ID, Place: place + 1}))
		}
		s.drain()
		s.clock.Advance(time.Minute)
		s.buy("bo", "bbb-a")
		s.drain()
		require.Equal(t, []ref.ProductID{"bbb", "aaa"}, s.find(search.Query{Sort: search.BySales}))
		report := func() []search.QueryLine {
			p, err := s.Search.Queries(t.Context(), staff(), search.ReportQuery{Channel: "us"}, page.Request{})
			require.NoError(t, err)
			return p.Items
		}
		require.Equal(t, []search.QueryLine{{Text: "brass lamp", Searches: 1, Visitors: 1, Clicked: 1, Converted: 1}}, report())

		forgotten, err := event.New("e-1", "member", "bo", s.clock.Now(), forgot{"bo"})
		require.NoError(t, err)
		require.NoError(t, s.Indexing.Follow(t.Context(), forgotten))
		require.Empty(t, report())
	})
}

// forgot is member.forgotten.v1 as it is stored.
type forgot struct {
	Member string `json:"member"`
}

func (forgot) EventName() string { return "member.forgotten.v1" }

func TestWhatIsNotUnderstoodIsPassedOver(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	require.NoError(t, s.Indexing.React(t.Context(), event.Record{Name: "other.v1"}))
	require.NoError(t, s.Indexing.Follow(t.Context(), event.Record{Name: "other.v1"}))
	require.Error(t, s.Indexing.React(t.Context(), event.Record{Name: listing.Refreshed{}.EventName(), Payload: []byte("no")}))
	for _, name := range []string{"order.confirmed.v1", "member.forgotten.v1"} {
		require.Error(t, s.Indexing.Follow(t.Context(), event.Record{Name: name, Payload: []byte("no")}))
	}
	gone, err := event.New("e-1", "order", "o-1", s.clock.Now(), confirmed{"g-1", "o-1"})
	require.NoError(t, err)
	require.NoError(t, s.Indexing.Follow(t.Context(), gone), "an order that is not there any more")
}

type confirmed struct {
	Group string `json:"group"`
	Order string `json:"order"`
}

func (confirmed) EventName() string { return "order.confirmed.v1" }

// slowRows lets a test do something between the reading of rows and what is
// made of them.
type slowRows struct {
	listing.Store
	after func(call int)
	calls int
}

func (r *slowRows) GetMany(ctx context.Context, channel ref.ChannelID, currency money.Currency, ids []ref.ProductID) ([]listing.Row, error) {
	rows, err := r.Store.GetMany(ctx, channel, currency, ids)
	r.passed()
	return rows, err
}

func (r *slowRows) List(ctx context.Context, q listing.Query, p page.Request) (page.Page[listing.Row], error) {
	rows, err := r.Store.List(ctx, q, p)
	r.passed()
	return rows, err
}

func (r *slowRows) passed() {
	r.calls++
	if r.after != nil {
		r.after(r.calls)
	}
}

// another returns a second feed of the shop's search, which reads rows slowly.
func (s *shop) another(rows *slowRows) *indexing.Service {
	s.t.Helper()
	rows.Store = s.stores.Listings
	feed, err := indexing.NewService(indexing.Config{
		Search: s.Search, Channels: []pricing.Channel{{ID: "us", Currency: "USD", Locale: ref.English}}, Rows: rows,
		Products: s.stores.Products, Categories: s.stores.Categories, Brands: s.stores.Brands, Prices: s.Prices, Batch: 2, Clock: s.clock,
	})
	require.NoError(s.t, err)
	return feed
}

func (s *shop) rename(id ref.ProductID, title string) {
	s.t.Helper()
	p, err := s.Catalog.Product(s.t.Context(), staff(), id)
	require.NoError(s.t, err)
	in := catalog.ProductInput{Title: en(title), Brand: p.Brand, Category: p.Category, Options: p.Options}
	for _, sku := range p.SKUs {
		in.SKUs = append(in.SKUs, catalog.SKUInput{ID: sku.ID, Code: sku.Code, Choices: sku.Choices})
	}
	_, err = s.Catalog.ChangeProduct(s.t.Context(), staff(), id, p.Version, in)
	require.NoError(s.t, err)
}

func TestAnOldReadingNeverReplacesANewerOne(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	s.lamp("lamp", "First lamp", 5000)
	s.lamp("gone", "Gone lamp", 5000)
	s.drain()
	for _, id := range []ref.ProductID{"lamp", "gone"} {
		rows := &slowRows{}
		feed := s.another(rows)
		rows.after = func(int) { // others read and write while this one has read and not yet written
			if id == "gone" {
				p, err := s.Catalog.Product(t.Context(), staff(), id)
				require.NoError(t, err)
				_, err = s.Catalog.Archive(t.Context(), staff(), id, p.Version)
				require.NoError(t, err)
			} else {
				s.price(pricing.SetInput{SKU: "lamp-a", Channel: "us", Unit: money.New(7000, "USD")})
			}
			s.drain()
		}
		r, err := event.New("e-1", listing.Topic, string(id), s.clock.Now(), listing.Refreshed{
			Products: []listing.RefreshedProduct{{Product: id, Version: 1}},
		})
		require.NoError(t, err)
		require.NoError(t, feed.React(t.Context(), r))
	}
	require.Equal(t, []ref.ProductID{"lamp"}, s.find(search.Query{}))
	require.Equal(t, []ref.ProductID{"lamp"}, s.priced(7000, 7000))
}

func TestARebuildBesideWritesLosesNothing(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	const n = 9
	for i := range n {
		s.lamp(fmt.Sprint("p", i), fmt.Sprintf("Lamp number%d", i), 5000)
	}
	s.drain()
	rows := &slowRows{}
	rows.after = func(call int) { // on every page: change what was read and what was not, add and remove
		switch call {
		case 1, 2, 3, 4, 5:
			s.rename(ref.ProductID(fmt.Sprint("p", call)), fmt.Sprintf("Lamp changed%d", call))
			s.rename(ref.ProductID(fmt.Sprint("p", n-call)), fmt.Sprintf("Lamp altered%d", n-call))
			s.lamp(fmt.Sprint("new", call), fmt.Sprintf("Lamp added%d", call), 5000)
			p, err := s.Catalog.Product(t.Context(), staff(), "p0")
			require.NoError(t, err)
			if call == 3 {
				_, err = s.Catalog.Archive(t.Context(), staff(), "p0", p.Version)
				require.NoError(t, err)
			}
		}
		s.drain()
	}
	feed := s.another(rows)
	require.NoError(t, feed.Rebuild(t.Context()))
	require.GreaterOrEqual(t, rows.calls, 5)
	for i := 1; i <= 5; i++ {
		require.Len(t, s.text(fmt.Sprint("added", i)), 1)
	}
	for i := 1; i < n; i++ {
		p, err := s.Catalog.Product(t.Context(), staff(), ref.ProductID(fmt.Sprint("p", i)))
		require.NoError(t, err)
		require.Equal(t, []ref.ProductID{p.ID}, s.text(p.Title.In(ref.English)), p.Title)
	}
	require.Empty(t, s.text("number0"))
	require.Len(t, s.find(search.Query{Limit: 100}), n+5-1)
}

func TestALostIndexIsRebuilt(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *shop) {
		t.Helper()
		s.lamp("lamp", "Desk lamp", 5000)
		s.drain()
		require.NoError(t, s.Search.Close(), "what is in memory is gone")
		_, err := s.Search.Search(t.Context(), search.Request{Channel: "us", Query: search.Query{Text: "lamp"}})
		require.ErrorIs(t, err, fault.Unavailable)
		s.drain()
		require.Equal(t, []ref.ProductID{"lamp"}, s.text("lamp"))

		require.NoError(t, s.Search.Rebuild(t.Context(), "us", func(context.Context, search.Writer) error { return nil }))
		require.Empty(t, s.text("lamp"), "somebody emptied it")
		s.clock.Advance(time.Minute)
		s.drain()
		require.Equal(t, []ref.ProductID{"lamp"}, s.text("lamp"))

		s.rename("lamp", "Reading light")
		s.restart()
		s.drain()
		require.Equal(t, []ref.ProductID{"lamp"}, s.text("reading light"), "another process begins with a rebuild")
		require.Empty(t, s.text("desk"))
	})
}

func TestAShopWithoutItsSearchGoesOn(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	s.fail(errDisk, nil)
	s.lamp("lamp", "Desk lamp", 5000)
	require.ErrorIs(t, s.Drain(t.Context()), errDisk)
	_, err := s.Search.Search(t.Context(), search.Request{Channel: "us", Query: search.Query{Text: "lamp"}})
	require.ErrorIs(t, err, fault.Unavailable)
	require.Equal(t, "search.away", fault.CodeOf(err))
	rows, err := s.Listing.List(t.Context(), listing.Query{Channel: "us", Category: "lamps"}, page.Request{})
	require.NoError(t, err)
	require.Len(t, rows.Items, 1, "lists go on")
	s.buy("bo", "lamp-a")
	letters, err := s.Events.Letters(t.Context(), event.LetterQuery{}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, letters.Items, "no event waits for it")

	s.fail(nil, nil)
	s.clock.Advance(time.Minute)
	s.drain()
	require.Equal(t, []ref.ProductID{"lamp"}, s.text("lamp"))
}

func TestWhatAnIndexDidNotTakeIsWrittenLater(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	s.lamp("lamp", "Desk lamp", 5000)
	s.lamp("other", "Other lamp", 5000)
	s.drain()
	opens := s.opens
	s.fail(nil, errDisk)
	s.rename("lamp", "Reading light")
	require.ErrorIs(t, s.Drain(t.Context()), fault.Unavailable)
	require.Equal(t, []ref.ProductID{"lamp"}, s.text("desk"), "what is there is still found")
	require.NoError(t, s.Indexing.Mend(t.Context()), "it waits before it tries again")
	s.fail(nil, nil)
	s.clock.Advance(time.Minute)
	s.drain()
	require.Equal(t, []ref.ProductID{"lamp"}, s.text("reading light"))
	require.Equal(t, opens, s.opens, "it was never given up")
}

func TestAProductWithTooMuchOfEverythingIsFound(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	p := s.lamp("lamp", "Desk lamp", 5000)
	in := catalog.ProductInput{Title: en("Desk lamp"), SKUs: []catalog.SKUInput{{ID: "lamp-a", Code: "C1-lamp-a"}}}
	long := ""
	for range 300 {
		long += "灯 long words "
	}
	in.Description = en(long)
	for i := range 40 {
		in.Attributes = append(in.Attributes, catalog.Attribute{Code: fmt.Sprint("a", i), Values: []catalog.Text{en(fmt.Sprint("value", i))}})
	}
	p, err := s.Catalog.Product(t.Context(), staff(), p.ID)
	require.NoError(t, err)
	_, err = s.Catalog.ChangeProduct(t.Context(), staff(), p.ID, p.Version, in)
	require.NoError(t, err)
	s.drain()
	require.Equal(t, []ref.ProductID{"lamp"}, s.text("desk lamp"))
}
