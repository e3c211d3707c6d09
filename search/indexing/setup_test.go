package indexing_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/storage"
)

func staff() ref.Scope { return ref.Staff("ann") }

func en(s string) catalog.Text { return catalog.Text{ref.English: s} }

// shop is a marketplace in two channels with an index in memory that can be
// made to fail.
type shop struct {
	*commerce.Marketplace
	t      *testing.T
	clock  *clock.Manual
	stores storage.Stores

	mu    sync.Mutex
	opens int
	away  error // of openings
	full  error // of writes
	old   bool  // was analysed by an older version
}

func (s *shop) fail(away, full error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away, s.full = away, full
}

var errDisk = errors.New("the disk is full")

type inner = search.Index

// writing is an index that takes nothing where its shop says so.
type writing struct {
	inner
	shop *shop
}

func (w writing) Index(ctx context.Context, d []search.Document) error {
	w.shop.mu.Lock()
	err := w.shop.full
	w.shop.mu.Unlock()
	if err != nil {
		return err
	}
	return w.inner.Index(ctx, d)
}

func (w writing) Stats(ctx context.Context) (search.Stats, error) {
	out, err := w.inner.Stats(ctx)
	w.shop.mu.Lock()
	defer w.shop.mu.Unlock()
	out.Outdated = w.shop.old
	return out, err
}

func (w writing) Rebuild(ctx context.Context, fill func(context.Context, search.Writer) error) error {
	err := w.inner.Rebuild(ctx, fill)
	w.shop.mu.Lock()
	defer w.shop.mu.Unlock()
	w.shop.old = w.shop.old && err != nil
	return err
}

func (s *shop) open(_ context.Context, in search.Setup) (search.Index, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opens++
	if s.away != nil {
		return nil, s.away
	}
	index, err := blevesearch.Open(blevesearch.Config{Analyzer: in.Analyzer, Thesaurus: in.Thesaurus, Queries: in.Queries})
	return writing{index, s}, err
}

// newShop opens a shop over stores with a merchant, a brand and two categories.
func newShop(t *testing.T, stores storage.Stores) *shop {
	t.Helper()
	s := &shop{t: t, clock: clock.NewManual(time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)), stores: stores}
	s.restart()
	_, err := s.Merchants.Register(t.Context(), staff(), merchant.RegisterInput{ID: "lumo", Name: "Lumo"})
	require.NoError(t, err)
	_, err = s.Catalog.CreateBrands(t.Context(), staff(), []catalog.BrandInput{{ID: "tessel", Name: en("Tessel")}})
	require.NoError(t, err)
	_, err = s.Catalog.CreateCategories(t.Context(), staff(), []catalog.CategoryInput{
		{ID: "home", Name: en("Home")}, {ID: "lamps", Name: en("Lamps")},
	})
	require.NoError(t, err)
	return s
}

// restart begins another process of the shop.
func (s *shop) restart() {
	s.t.Helper()
	m, err := commerce.New(commerce.Config{
		Stores: s.stores, Gateways: []payment.Gateway{fakepay.NewAt(s.clock).Gateway()}, Clock: s.clock,
		Channels: []pricing.Channel{
			{ID: "us", Name: "US", Currency: "USD", Locale: ref.English, Country: "US"},
			{ID: "cn", Name: "China", Currency: "CNY", Locale: ref.Chinese, Country: "CN"},
		},
		Search: commerce.SearchConfig{Open: s.open},
	})
	require.NoError(s.t, err)
	s.Marketplace = m
	s.t.Cleanup(func() { require.NoError(s.t, m.Stop(context.WithoutCancel(s.t.Context()))) })
}

// lamp puts a product with a SKU per price into the US channel, ten pieces of
// each.
func (s *shop) lamp(id, title string, cents ...int64) catalog.Product {
	s.t.Helper()
	in := catalog.ProductInput{Title: en(title), Brand: "tessel", Category: "lamps"}
	option := catalog.Option{Code: "size", Name: en("Size")}
	var prices []pricing.SetInput
	var counts []inventory.Count
	for i, minor := range cents {
		value := string(rune('a' + i))
		option.Values = append(option.Values, catalog.OptionValue{Code: value, Name: en("size " + value)})
		sku := ref.SKUID(id + "-" + value)
		in.SKUs = append(in.SKUs, catalog.SKUInput{ID: sku, Code: "C1-" + string(sku), Choices: []string{value}})
		prices = append(prices, pricing.SetInput{SKU: sku, Channel: "us", Unit: money.New(minor, "USD")})
		counts = append(counts, inventory.Count{SKU: sku, Location: "main", Quantity: 10})
	}
	in.Options = []catalog.Option{option}
	p, err := s.Catalog.CreateProduct(s.t.Context(), staff(), catalog.CreateInput{
		ID: ref.ProductID(id), Merchant: "lumo", ProductInput: in, Publish: []ref.ChannelID{"us"},
	})
	require.NoError(s.t, err)
	s.price(prices...)
	require.NoError(s.t, s.Stock.Receive(s.t.Context(), staff(), inventory.CountInput{Counts: counts}))
	return p
}

func (s *shop) price(in ...pricing.SetInput) {
	s.t.Helper()
	done, err := s.Prices.Set(s.t.Context(), staff(), in)
	require.NoError(s.t, err)
	for _, r := range done {
		require.NoError(s.t, r.Err)
	}
}

func (s *shop) drain() {
	s.t.Helper()
	require.NoError(s.t, s.Drain(s.t.Context()))
}

// find returns what a query finds in the US channel: of words what has all of
// them.
func (s *shop) find(q search.Query) []ref.ProductID {
	s.t.Helper()
	found, err := s.Search.Search(s.t.Context(), search.Request{Channel: "us", Query: q})
	require.NoError(s.t, err)
	var ids []ref.ProductID
	if q.Text != "" {
		found.Hits = found.Hits[:found.Full]
	}
	for _, h := range found.Hits {
		ids = append(ids, h.ID)
	}
	return ids
}

func (s *shop) text(text string) []ref.ProductID {
	s.t.Helper()
	return s.find(search.Query{Text: text})
}

// facet returns the values of a facet of everything.
func (s *shop) facet(r search.FacetRequest) []string {
	s.t.Helper()
	f, err := s.Search.Facets(s.t.Context(), "us", search.Query{}, r)
	require.NoError(s.t, err)
	var out []string
	for _, v := range f.Values {
		out = append(out, v.Value)
	}
	return out
}

// priced returns what costs from one amount to another, in cents.
func (s *shop) priced(from, to float64) []ref.ProductID {
	s.t.Helper()
	return s.find(search.Query{Filters: []search.Filter{{Field: search.FieldPrice, Min: &from, Max: &to}}})
}

func onEach(t *testing.T, test func(t *testing.T, s *shop)) {
	t.Helper()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		test(t, newShop(t, on.Open(t)))
	})
}
