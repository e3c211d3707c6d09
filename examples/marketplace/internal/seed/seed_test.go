package seed_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/examples/marketplace/internal/shop"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// silence hears no progress.
type silence struct{}

func (silence) Begin(int) {}
func (silence) Add(int)   {}

// sample is a part of the demo that the test can be through with in
// milliseconds.
func sample(t *testing.T) *demo.Data {
	t.Helper()
	data, err := demo.Load()
	require.NoError(t, err)
	for i := range data.Shops {
		data.Shops[i].Products = data.Shops[i].Products[:5]
	}
	return data
}

func market(t *testing.T, s storage.Stores) *commerce.Marketplace {
	t.Helper()
	m, err := commerce.New(commerce.Config{
		Stores: s, Channels: shop.Channels(), Gateways: []payment.Gateway{fakepay.New()},
	})
	require.NoError(t, err)
	return m
}

// shelf is what a buyer and the stock clerk see of a product.
type shelf struct {
	Title  string
	Lowest string
	Sold   int64
	Stock  map[ref.SKUID]ref.Quantity
}

func shelves(t *testing.T, m *commerce.Marketplace, data *demo.Data) map[ref.ProductID]shelf {
	t.Helper()
	out := map[ref.ProductID]shelf{}
	for _, s := range data.Shops {
		rows, err := m.Listing.List(t.Context(), listing.Query{Channel: s.Channel}, page.Request{Limit: 100})
		require.NoError(t, err)
		for _, r := range rows.Items {
			out[r.Product] = shelf{Title: r.Title, Lowest: r.Lowest.String(), Sold: r.Sold, Stock: map[ref.SKUID]ref.Quantity{}}
		}
		for _, p := range s.Products {
			for _, v := range p.Variants {
				stock, err := m.Stock.Available(t.Context(), []ref.SKUID{ref.SKUID(v.Code)})
				require.NoError(t, err)
				out[ref.ProductID(p.Code)].Stock[ref.SKUID(v.Code)] = stock[ref.SKUID(v.Code)]
			}
		}
	}
	return out
}

// offers tells which promotions and coupons there are, and in which state.
func offers(t *testing.T, m *commerce.Marketplace, s storage.Stores, data *demo.Data) []string {
	t.Helper()
	var out []string
	first, err := s.Merchants.Get(t.Context(), merchant.ID(data.Merchants[0].Code))
	require.NoError(t, err)
	campaigns, err := m.Campaigns.List(t.Context(), ref.System(), campaign.Query{}, page.Request{Limit: 100})
	require.NoError(t, err)
	for _, c := range campaigns.Items {
		window := time.Duration(0) // from the first start on, whenever it was resumed
		if until := c.Promotion.Until; !until.IsZero() {
			window = until.Sub(first.CreatedAt.Truncate(time.Hour))
		}
		out = append(out, fmt.Sprint(c.ID, c.State, c.Version, c.Promotion.Version, window))
	}
	templates, err := m.Coupons.Templates(t.Context(), ref.System(), coupon.TemplateQuery{}, page.Request{Limit: 100})
	require.NoError(t, err)
	for _, c := range templates.Items {
		out = append(out, fmt.Sprint(c.ID, c.Merchant, c.State, c.Version))
	}
	groups, err := m.Campaigns.Groups(t.Context(), ref.System())
	require.NoError(t, err)
	done, err := s.Signals.Read(t.Context(), 0, 100_000)
	require.NoError(t, err)
	require.NotEmpty(t, done)
	return append(out, fmt.Sprint(len(groups)), fmt.Sprint("signals ", len(done)))
}

// TestACutOffFillingIsResumed ends the filling at every third call of a store,
// by turns before it and after it. The next start fills the rest, and nothing is there twice.
func TestACutOffFillingIsResumed(t *testing.T) {
	t.Parallel()
	data := sample(t)
	calls := 0
	stores := storage.Intercept(memory.New().Stores(), func(ctx context.Context, _ storage.Call, next func(context.Context) error) error {
		calls++
		return next(ctx)
	})
	whole := market(t, stores)
	require.NoError(t, seed.Run(t.Context(), whole, stores, data, silence{}))
	want := shelves(t, whole, data)
	require.Len(t, want, 10)
	offered := offers(t, whole, stores, data)
	require.Len(t, offered, 24, "%q", offered)
	filling := calls

	down := errors.New("the power is gone")
	step := 3
	if testing.Short() {
		step = 15
	}
	for at := 1; at <= filling; at += step {
		before := at%2 == 0
		t.Run(fmt.Sprintf("call %d before %v", at, before), func(t *testing.T) {
			t.Parallel()
			plain, n := memory.New().Stores(), 0
			broken := storage.Intercept(plain, func(ctx context.Context, _ storage.Call, next func(context.Context) error) error {
				n++
				switch {
				case n > at, n == at && before:
					return down
				case n == at:
					return errors.Join(next(ctx), down)
				}
				return next(ctx)
			})
			m := market(t, broken)
			err := seed.Run(t.Context(), m, broken, data, silence{})
			if err == nil {
				t.Skip("it was through") // a call that a unit repeats is one more
			}
			require.ErrorIs(t, err, down)

			m = market(t, plain)
			done, err := seed.Done(t.Context(), plain)
			require.NoError(t, err)
			if !done {
				require.NoError(t, seed.Run(t.Context(), m, plain, data, silence{}))
			}
			require.Equal(t, want, shelves(t, m, data))
			require.Equal(t, offered, offers(t, m, plain, data))
			for v, err := range m.Verify(t.Context()) {
				require.NoError(t, err)
				require.Fail(t, "the shop is not sound", v)
			}
		})
	}
}
