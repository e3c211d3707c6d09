package shop

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
)

// Merchants tells the names of sellers; merchant.Store has it.
type Merchants interface {
	GetMany(ctx context.Context, ids []ref.MerchantID) ([]merchant.Merchant, error)
}

// Config is what a [Shop] is made of.
type Config struct {
	// Market has the services. Required.
	Market *commerce.Marketplace
	// Merchants tells sellers' names. Required.
	Merchants Merchants
	// Sessions and StaffSessions keep who is who; they may be one store.
	// Required.
	Sessions, StaffSessions scs.Store
	// Pictures draws the products. Required.
	Pictures *web.Pictures
	// Health answers balancers. Required.
	Health *web.Health
	// Bank is the fake provider whose page the shop serves. Defaults to none.
	Bank *fakepay.Bank
	// Offline are the ways to pay whose money employees confirm. Defaults to none.
	Offline []*offlinepay.Gateway
	// Codes says that the shop has keys for codes of coupons: members are shown
	// where to type one.
	Codes bool
	// Demo says that nothing is charged, and shows how to sign in.
	Demo bool
	// Secure says that visitors come by HTTPS only: cookies are sent no other
	// way, and browsers are told to stay there.
	Secure bool
	// Proxies are those whose word on where a request comes from is taken, for
	// the budget of sign-ins per origin. Defaults to none.
	Proxies web.Proxies
	// Location is the time zone in which times are shown. Defaults to UTC.
	Location *time.Location
	// Renderer makes the pages; shops of one Location may share it. Defaults to
	// a new one.
	Renderer *web.Renderer
	// Log gets one line per request. Defaults to silence.
	Log *slog.Logger
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints keys of orders. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Shop serves the marketplace to browsers.
type Shop struct {
	Config
	assets   *web.Assets
	sessions *web.Sessions
	staff    *web.Sessions
	fail     web.Failures
	fronts   []*front
	sellers  map[ref.MerchantID]demo.Merchant
	offline  map[string]*offlinepay.Gateway // by code
	delivery *shipping.Table                // of sample carts
	handler  http.Handler
}

// New returns a shop, or an error that names what is missing.
func New(c Config) (*Shop, error) {
	if c.Market == nil || c.Merchants == nil || c.Sessions == nil || c.StaffSessions == nil || c.Pictures == nil || c.Health == nil {
		return nil, errors.New("shop.Config: Market, Merchants, Sessions, StaffSessions, Pictures and Health are required")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = uid.NewV7(c.Clock)
	}
	s := &Shop{Config: c, sellers: map[ref.MerchantID]demo.Merchant{}, offline: map[string]*offlinepay.Gateway{}}
	for _, g := range c.Offline {
		s.offline[g.Caps().Code] = g
	}
	var err error
	if s.delivery, err = Delivery(); err != nil {
		return nil, err
	}
	if s.assets, err = web.NewAssets(); err != nil {
		return nil, err
	}
	if s.Renderer == nil {
		if s.Renderer, err = web.NewRenderer(web.RendererConfig{Assets: s.assets, Location: c.Location}); err != nil {
			return nil, err
		}
	}
	for _, m := range demo.Merchants() {
		s.sellers[ref.MerchantID(m.Code)] = m
	}
	channels := map[ref.ChannelID]pricing.Channel{}
	for _, ch := range Channels() {
		channels[ch.ID] = ch
	}
	for _, d := range demo.Shops() {
		s.fronts = append(s.fronts, newFront(s, channels[d.Channel], d))
	}
	s.fail = web.Failures{Renderer: s.Renderer, Log: c.Log, Chrome: s.failureChrome}
	s.sessions = web.NewSessions(web.SessionConfig{
		Store: c.Sessions, Cookie: "souk", Path: "/", Lifetime: 60 * 24 * time.Hour, Idle: 30 * 24 * time.Hour,
		Secure: c.Secure, Fail: s.fail.Fail,
	})
	s.staff = web.NewSessions(web.SessionConfig{
		Store: c.StaffSessions, Cookie: "souk_staff", Path: "/staff", Lifetime: 12 * time.Hour, Idle: time.Hour,
		Strict: true, Secure: c.Secure, Fail: s.fail.Fail,
	})
	s.handler = s.routes()
	return s, nil
}

// Handler answers everything.
func (s *Shop) Handler() http.Handler { return s.handler }
