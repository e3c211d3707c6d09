package listing_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

const teaHouse = ref.MerchantID("tea-house")

// shop is a catalogue whose events reach its lists when the test says so.
type shop struct {
	*listing.Service
	catalog   *catalog.Service
	merchants *merchant.Service
	stores    storage.Stores
	clock     *clock.Manual
	log       recorder
	prices    prices
	stock     stock
	ratings   ratings
	orders    orders
	campaigns *campaigns
	t         *testing.T
}

type recorder struct{ records *[]event.Record }

func (r recorder) Append(_ context.Context, records ...event.Record) error {
	*r.records = append(*r.records, records...)
	return nil
}

// prices are a table by channel and SKU.
type prices map[ref.ChannelID]map[ref.SKUID]pricing.Resolved

func (p prices) Resolve(_ context.Context, r pricing.Request, items []pricing.Item) ([]pricing.Resolved, error) {
	out := make([]pricing.Resolved, len(items))
	for i, it := range items {
		out[i] = p[r.Channel][it.SKU]
		out[i].SKU = it.SKU
	}
	return out, nil
}

type stock map[ref.SKUID]ref.Quantity

func (s stock) Available(_ context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.Quantity, error) {
	out := map[ref.SKUID]ref.Quantity{}
	for _, sku := range skus {
		if n, ok := s[sku]; ok {
			out[sku] = n
		}
	}
	return out, nil
}

type orders map[ref.GroupID]order.Group

func (o orders) GetMany(_ context.Context, ids []ref.GroupID) ([]order.Group, error) {
	var out []order.Group
	for _, id := range ids {
		if g, ok := o[id]; ok {
			out = append(out, g)
		}
	}
	return out, nil
}

type ratings map[ref.ProductID]listing.Rating

func (r ratings) Ratings(context.Context, []ref.ProductID) (map[ref.ProductID]listing.Rating, error) {
	return r, nil
}

func setup(t *testing.T) *shop {
	t.Helper()
	s := &shop{
		t: t, stores: memory.New().Stores(),
		clock:   clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)),
		log:     recorder{&[]event.Record{}},
		prices:  prices{"en": {}, "zh": {}},
		stock:   stock{},
		ratings: ratings{},
		orders:  orders{},

		campaigns: &campaigns{},
	}
	var err error
	s.catalog, err = catalog.NewService(catalog.Config{
		Products: s.stores.Products, Categories: s.stores.Categories, Brands: s.stores.Brands,
		Units: s.stores.Units, Events: s.log, Clock: s.clock, IDs: uid.NewSequence("c"),
	})
	require.NoError(t, err)
	s.merchants, err = merchant.NewService(merchant.Config{
		Store: s.stores.Merchants, Units: s.stores.Units, Events: s.log, Clock: s.clock, IDs: uid.NewSequence("m"),
	})
	require.NoError(t, err)
	s.Service, err = listing.NewService(listing.Config{
		Store:    s.stores.Listings,
		Channels: channels(),
		Products: s.stores.Products, Categories: s.stores.Categories, Brands: s.stores.Brands,
		Merchants: s.stores.Merchants, Prices: s.prices, Stock: s.stock, Ratings: s.ratings, Orders: s.orders, Campaigns: s.campaigns, Groups: s.campaigns,
		Batch: 2, Clock: s.clock,
	})
	require.NoError(t, err)
	_, err = s.merchants.Register(t.Context(), staff(), merchant.RegisterInput{ID: teaHouse, Name: "Tea House"})
	require.NoError(t, err)
	return s
}

func channels() []pricing.Channel {
	return []pricing.Channel{
		{ID: "en", Name: "World", Currency: "USD", Locale: ref.English, Country: "US"},
		{ID: "zh", Name: "China", Currency: "CNY", Locale: ref.Chinese, Country: "CN", TaxInclusive: true},
	}
}

func staff() ref.Scope { return ref.Staff("ann") }

// catchUp hands all events to the lists and sweeps, and returns how many
// products were read.
func (s *shop) catchUp() int {
	s.t.Helper()
	records := *s.log.records
	*s.log.records = nil
	require.NoError(s.t, s.Consume(s.t.Context(), records))
	n, err := s.Sweep(s.t.Context())
	require.NoError(s.t, err)
	return n
}

// add puts a product with one SKU per price, in cents, into channel en.
func (s *shop) add(id string, in catalog.ProductInput, cents ...int64) catalog.Product {
	s.t.Helper()
	if in.Title == nil {
		in.Title = catalog.Text{ref.English: id, ref.Chinese: "茶 " + id}
	}
	option := catalog.Option{Code: "size"}
	for i, minor := range cents {
		value := string(rune('a' + i))
		option.Values = append(option.Values, catalog.OptionValue{Code: value})
		sku := ref.SKUID(id + "-" + value)
		in.SKUs = append(in.SKUs, catalog.SKUInput{ID: sku, Code: string(sku), Choices: []string{value}})
		s.prices["en"][sku] = pricing.Resolved{Unit: money.New(minor, "USD"), Version: 1}
		s.stock[sku] = 5
	}
	if len(cents) > 0 {
		in.Options = []catalog.Option{option}
	}
	p, err := s.catalog.CreateProduct(s.t.Context(), staff(), catalog.CreateInput{
		ID: ref.ProductID(id), Merchant: teaHouse, ProductInput: in, Publish: []ref.ChannelID{"en"},
	})
	require.NoError(s.t, err)
	return p
}

// ids lists the products of a query.
func (s *shop) ids(q listing.Query) []string {
	s.t.Helper()
	if q.Channel == "" {
		q.Channel = "en"
	}
	p, err := s.List(s.t.Context(), q, page.Request{})
	require.NoError(s.t, err)
	var out []string
	for _, r := range p.Items {
		out = append(out, string(r.Product))
	}
	return out
}

func (s *shop) card(id ref.ProductID) (listing.Row, bool) {
	s.t.Helper()
	rows, err := s.Cards(s.t.Context(), "en", []ref.ProductID{id})
	require.NoError(s.t, err)
	if len(rows) == 0 {
		return listing.Row{}, false
	}
	return rows[0], true
}
