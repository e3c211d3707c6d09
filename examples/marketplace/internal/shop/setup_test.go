package shop_test

import (
	"context"
	"errors"
	"html"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/examples/marketplace/internal/shop"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// house is a marketplace behind a test server, with a part of the demo.
type house struct {
	t      *testing.T
	url    string
	clock  *clock.Manual
	market *commerce.Marketplace
	stores storage.Stores
	bank   *fakepay.Bank
	data   *demo.Data
}

type silent struct{}

func (silent) Begin(int) {}
func (silent) Add(int)   {}

// each runs a test on every backend. A short run, which looks for races, looks
// for those of the pages: the stores have tests of their own.
func each(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	on := backendtest.All()
	if testing.Short() {
		on = backendtest.List{backendtest.Memory()}
	}
	on.Filled("shop", stock).Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		fn(t, openHouse(t, b.Open(t)))
	})
}

// some returns a few products of each shop: those of several merchants with
// options, and those with enough of everything. They are read once for all
// tests, which only read them too.
var some = sync.OnceValues(func() (*demo.Data, error) {
	data, err := demo.Load()
	if err != nil {
		return nil, err
	}
	for i := range data.Shops {
		s := &data.Shops[i]
		var kept []demo.Product
		per := map[string]int{}
		for _, p := range s.Products {
			if per[p.Merchant] < 6 {
				for j := range p.Variants {
					p.Variants[j].Stock = 20
				}
				per[p.Merchant]++
				kept = append(kept, p)
			}
		}
		s.Products = kept
	}
	return data, nil
})

// newHouse opens a house in empty stores.
func newHouse(t *testing.T, stores storage.Stores) *house {
	t.Helper()
	require.NoError(t, stock(t.Context(), stores))
	return openHouse(t, stores)
}

// stock fills stores with a part of the demo.
func stock(ctx context.Context, stores storage.Stores) error {
	data, err := some()
	if err != nil {
		return err
	}
	c, err := marketConfig(stores, clock.System{}, fakepay.New().Gateway())
	if err != nil {
		return err
	}
	m, err := commerce.New(c)
	if err != nil {
		return err
	}
	return seed.Run(ctx, m, stores, data, silent{})
}

func marketConfig(stores storage.Stores, clk clock.Clock, gateways ...payment.Gateway) (commerce.Config, error) {
	taxes, taxErr := shop.Taxes()
	delivery, deliveryErr := shop.Delivery()
	if err := errors.Join(taxErr, deliveryErr); err != nil {
		return commerce.Config{}, err
	}
	return commerce.Config{
		Stores: stores, Channels: shop.Channels(), Gateways: gateways, Clock: clk,
		Catalog: commerce.CatalogConfig{Taxes: taxes}, Checkout: commerce.CheckoutConfig{Delivery: delivery},
		Cart:    commerce.CartConfig{MaxQuantity: shop.MaxPieces},
		Coupons: commerce.CouponsConfig{CodeKeys: []coupon.CodeKey{{ID: "1", Secret: codeSecret()}}},
	}, nil
}

// codeSecret is one for all houses: a code that was stocked is good in each.
var codeSecret = sync.OnceValue(func() []byte { return web.Secret(coupon.MinSecret) })

// renderer is one for all houses: to read and check the templates takes longer
// than most tests.
var renderer = sync.OnceValues(func() (*web.Renderer, error) { return web.NewRenderer(web.RendererConfig{}) })

// openHouse opens a house in stores that hold the stock, with changes to how it
// is made.
func openHouse(t *testing.T, stores storage.Stores, changes ...func(*commerce.Config)) *house {
	t.Helper()
	data, err := some()
	require.NoError(t, err)
	h := &house{t: t, stores: stores, clock: clock.NewManual(time.Now()), data: data}
	h.bank, err = fakepay.Open(t.Context(), fakepay.Config{Plan: fakepay.Ask, PayPage: shop.PayPage, Clock: h.clock})
	require.NoError(t, err)
	cash, err := offlinepay.New(offlinepay.Config{Kind: offlinepay.CashOnDelivery, Secrets: [][]byte{web.Secret(32)}, Clock: h.clock})
	require.NoError(t, err)
	transfer, err := offlinepay.New(offlinepay.Config{
		Kind: offlinepay.Transfer, Secrets: [][]byte{web.Secret(32)}, Clock: h.clock, Show: map[string]string{"holder": "Souk", "account": "1234"},
	})
	require.NoError(t, err)
	cfg, err := marketConfig(stores, h.clock, h.bank.Gateway(), cash, transfer)
	require.NoError(t, err)
	for _, change := range changes {
		change(&cfg)
	}
	h.market, err = commerce.New(cfg)
	require.NoError(t, err)
	pictures, err := web.NewPictures("")
	require.NoError(t, err)
	pages, err := renderer()
	require.NoError(t, err)
	s, err := shop.New(shop.Config{
		Renderer: pages,
		Market:   h.market, Merchants: stores.Merchants, Bank: h.bank, Offline: []*offlinepay.Gateway{cash, transfer}, Demo: true, Codes: true, Clock: h.clock, Pictures: pictures,
		Sessions: web.NewMemorySessions(h.clock), StaffSessions: web.NewMemorySessions(h.clock), Health: web.NewHealth(nil, nil),
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})),
	})
	require.NoError(t, err)
	srv := httptest.NewServer(s.Handler())
	t.Cleanup(srv.Close)
	h.url = srv.URL
	return h
}

// products returns the demo's products of a channel, one per merchant.
func (h *house) products(channel ref.ChannelID) []demo.Product {
	var out []demo.Product
	seen := map[string]bool{}
	for _, s := range h.data.Shops {
		for _, p := range s.Products {
			if s.Channel == channel && !seen[p.Merchant] {
				seen[p.Merchant] = true
				out = append(out, p)
			}
		}
	}
	return out
}

// visitor is a browser without scripts.
type visitor struct {
	*house
	client *http.Client
	base   string
}

func (h *house) visitor(channel string) *visitor {
	jar, err := cookiejar.New(nil)
	require.NoError(h.t, err)
	return &visitor{house: h, base: "/" + channel, client: &http.Client{Jar: jar}}
}

type answer struct {
	status int
	path   string
	body   string
	wait   string // Retry-After
}

func (v *visitor) do(req *http.Request) answer {
	v.t.Helper()
	res, err := v.client.Do(req)
	require.NoError(v.t, err)
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	require.NoError(v.t, err)
	return answer{res.StatusCode, res.Request.URL.RequestURI(), html.UnescapeString(string(raw)), res.Header.Get("Retry-After")}
}

func (v *visitor) get(path string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.url+v.at(path), nil)
	require.NoError(v.t, err)
	return v.do(req)
}

func (v *visitor) post(path string, pairs ...string) answer {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.send(path, form.Encode())
}

func (v *visitor) send(path, body string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.url+v.at(path), strings.NewReader(body))
	require.NoError(v.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req)
}

// at is an address of the shop, or of the site where it begins with two
// slashes.
func (v *visitor) at(path string) string {
	if rest, ok := strings.CutPrefix(path, "//"); ok {
		return "/" + rest
	}
	return v.base + path
}

// find returns what a pattern's group matches in a page.
func (a answer) find(t *testing.T, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(a.body)
	require.NotNil(t, m, "%s is not in %s (%d):\n%s", pattern, a.path, a.status, a.body)
	return m[1]
}

func destination(channel string) []string {
	if channel == "/zh" {
		return []string{
			"address.name", "李雷", "address.phone", "13800138000", "address.country", "CN", "address.region", "广东省",
			"address.city", "深圳市", "address.district", "南山区", "address.line1", "科技园路 1 号", "address.postal_code", "518000",
		}
	}
	return []string{
		"address.name", "Bo Li", "address.phone", "202 555 0143", "address.country", "US", "address.region", "CA",
		"address.city", "Los Angeles", "address.line1", "1 Main St", "address.postal_code", "90001",
	}
}

// fill puts one piece of the first product of each of n merchants into the
// cart.
func (v *visitor) fill(n int) {
	v.t.Helper()
	for _, p := range v.products(ref.ChannelID(v.base[1:]))[:n] {
		a := v.post("/cart/lines", "sku", p.Variants[0].Code, "quantity", "1")
		require.Equal(v.t, 200, a.status, a.body)
		require.Equal(v.t, v.base+"/cart", a.path)
	}
}

// review goes through the checkout up to its last page.
func (v *visitor) review(method string) answer {
	v.t.Helper()
	a := v.post("/checkout/address", append(destination(v.base), "email", "bo@example.com")...)
	require.Equal(v.t, v.base+"/checkout/delivery", a.path, a.body)
	form := []string{}
	for _, m := range regexp.MustCompile(`name="(rate\.[^"]+)" value="standard"`).FindAllStringSubmatch(a.body, -1) {
		form = append(form, m[1], "standard")
	}
	a = v.post("/checkout/delivery", form...)
	require.Equal(v.t, v.base+"/checkout/payment", a.path, a.body)
	a = v.post("/checkout/payment", "method", method, "purchase_ref", "PO-7")
	require.Equal(v.t, v.base+"/checkout/review", a.path, a.body)
	return a
}

func (v *visitor) place(review answer) answer {
	v.t.Helper()
	return v.post("/checkout/place", "quote", review.find(v.t, `name="quote" value="([^"]+)"`), "key", review.find(v.t, `name="key" value="([^"]+)"`))
}

// sound proves the books.
func (h *house) sound() {
	h.t.Helper()
	for v, err := range h.market.Verify(h.t.Context()) {
		require.NoError(h.t, err)
		require.Fail(h.t, "violation", "%+v", v)
	}
}

// offers has the shop give out coupons of a kind.
func (h *house) offers(id coupon.TemplateID, in coupon.Terms) {
	h.t.Helper()
	in.Promotion = ref.PromotionID(id)
	_, err := h.market.Campaigns.Save(h.t.Context(), ref.System(), campaign.SaveInput{Promotion: promo.Promotion{
		ID: in.Promotion, Name: in.Name, Redeem: promo.RedeemCoupon,
		Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: money.New(500, "USD"), Per: promo.PerOrder}},
	}})
	require.NoError(h.t, err)
	t, err := h.market.Coupons.Create(h.t.Context(), ref.System(), coupon.CreateInput{ID: id, Terms: in})
	require.NoError(h.t, err)
	_, err = h.market.Coupons.Activate(h.t.Context(), ref.System(), id, t.Version)
	require.NoError(h.t, err)
}

func openMemory() storage.Stores { return memory.New().Stores() }

// hire adds an employee of one role.
func (h *house) hire(login string, role access.Role) {
	h.t.Helper()
	_, err := h.market.Staff.Hire(h.t.Context(), ref.System(), access.HireInput{
		Login: login, Name: login, Password: "boxes upon boxes", Roles: []access.Role{role},
	})
	require.NoError(h.t, err)
}
