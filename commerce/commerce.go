package commerce

import (
	"sync"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/promo/redemption"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/indexing"
)

// Marketplace is a shop with every service. It is safe for concurrent use.
type Marketplace struct {
	Catalog   *catalog.Service
	Listing   *listing.Service
	Prices    *pricing.Service
	Stock     *inventory.Service
	Merchants *merchant.Service
	Members   *member.Service
	Staff     *access.Service
	Carts     *cart.Service
	Checkout  *checkout.Service
	Orders    *order.Service
	Payments  *payment.Service
	// Campaigns keeps the promotions; nil for a shop without.
	Campaigns *campaign.Service
	// Coupons gives coupons out; nil for a shop without promotions.
	Coupons *coupon.Service
	// Search finds products; nil for a shop without.
	Search *search.Service
	// Indexing feeds the search; nil for a shop without.
	Indexing *indexing.Service
	// Recommend serves shelves of recommendations and measures them; nil for a
	// shop without.
	Recommend *shelf.Service
	// Events delivers the event log: letters, lag, further subscribers.
	Events *outbox.Outbox
	// Units commits a host's own changes with the shop's.
	Units uow.Manager

	cfg    Config
	advice *advice // nil without recommendations
	mu     sync.Mutex
	run    *running // nil while stopped
}

// New returns a marketplace, or an error that names every store and gateway that
// is missing and every channel that is wrong, joined; where there are none, the
// first part of cfg that its service refuses. It writes nothing and starts
// nothing.
func New(cfg Config) (*Marketplace, error) {
	if err := cfg.fill(); err != nil {
		return nil, err
	}
	b := &builder{m: &Marketplace{cfg: cfg, Units: cfg.Stores.Units}}
	b.people()
	b.catalog()
	b.coupons()
	b.promotions()
	b.recommendations()
	b.orders()
	b.search()
	b.events()
	if b.err != nil {
		return nil, b.err
	}
	return b.m, nil
}

// builder makes the services in the order in which they need each other; the
// first error ends it.
type builder struct {
	m   *Marketplace
	err error
}

func build[C, S any](b *builder, make func(C) (S, error), cfg C) S {
	var s S
	if b.err == nil {
		s, b.err = make(cfg)
	}
	return s
}

func (b *builder) catalog() {
	c, s, m := &b.m.cfg, &b.m.cfg.Stores, b.m
	m.Catalog = build(b, catalog.NewService, catalog.Config{
		Products: s.Products, Categories: s.Categories, Brands: s.Brands, Merchants: m.Merchants,
		Units: s.Units, Events: s.Events, Locale: c.Channels[0].Locale, Clock: c.Clock, IDs: c.IDs,
	})
	m.Prices = build(b, pricing.NewService, pricing.Config{
		Store: s.Prices, Units: s.Units, Events: s.Events, Channels: c.Channels,
		Resolver: c.Catalog.Prices, Owners: m.Catalog, Clock: c.Clock, IDs: c.IDs,
	})
	m.Stock = build(b, inventory.NewService, inventory.Config{
		Store: s.Inventory, Units: s.Units, Events: s.Events, Owners: m.Catalog,
		Router: c.Catalog.Router, Clock: c.Clock, IDs: c.IDs,
	})
	m.Listing = build(b, listing.NewService, listing.Config{
		Store: s.Listings, Channels: c.Channels, Products: s.Products, Categories: s.Categories, Brands: s.Brands,
		Prices: m.Prices, Stock: m.Stock, Merchants: s.Merchants, Orders: s.Orders,
		Campaigns: s.Campaigns, Groups: s.PromoGroups, Units: s.Units, Events: s.Events, Clock: c.Clock, IDs: c.IDs,
	})
}

func (b *builder) people() {
	c, s, m := &b.m.cfg, &b.m.cfg.Stores, b.m
	m.Merchants = build(b, merchant.NewService, merchant.Config{
		Store: s.Merchants, Units: s.Units, Events: s.Events, Clock: c.Clock, IDs: c.IDs,
	})
	m.Members = build(b, member.NewService, member.Config{
		Store: s.Members, Books: s.AddressBooks, Units: s.Units, Events: s.Events,
		Limiter: c.Members.Limiter, Hasher: c.Members.Hasher, Clock: c.Clock, IDs: c.IDs,
	})
	m.Staff = build(b, access.NewService, access.Config{
		Store: s.Staff, Units: s.Units, Passwords: c.Members.Hasher, Limiter: c.Members.Limiter, Clock: c.Clock, IDs: c.IDs,
	})
}

func (b *builder) promotions() {
	c, s, m := &b.m.cfg, &b.m.cfg.Stores, b.m
	if !c.promotions() {
		return
	}
	engine := build(b, promo.NewEngine, c.Promotions.Engine)
	m.Campaigns = build(b, campaign.NewService, campaign.Config{
		Store: s.Campaigns, Groups: s.PromoGroups, Usage: s.PromoUses, Units: s.Units, Events: s.Events,
		Engine: engine, Templates: c.Promotions.Templates, Location: c.Location, Clock: c.Clock, IDs: c.IDs,
	})
	if c.Checkout.Promotions != nil || b.err != nil {
		return
	}
	buyers := c.Promotions.Buyers
	if buyers == nil {
		buyers = regulars{s.Orders}
	}
	c.Checkout.Promotions = build(b, redemption.New, redemption.Config{
		Campaigns: m.Campaigns, Versions: s.Campaigns, Usage: s.PromoUses, Offers: m.Listing, Engine: engine,
		Coupons: wallets{m.Coupons}, Buyers: buyers,
		MaxCandidates: c.Promotions.Engine.MaxCandidates, Location: c.Location, Log: c.Log,
	})
}

func (b *builder) orders() {
	c, s, m := &b.m.cfg, &b.m.cfg.Stores, b.m
	m.Carts = build(b, cart.NewService, cart.Config{
		Store: s.Carts, Offers: m.Listing, Units: s.Units, Currencies: currencies(c.Channels),
		MaxLines: c.Cart.MaxLines, MaxQuantity: c.Cart.MaxQuantity, Merge: c.Cart.Merge, Watch: b.watcher(), Clock: c.Clock, IDs: c.IDs,
	})
	book := build(b, order.NewBook, order.BookConfig{
		Store: s.Orders, Personal: s.OrderPersonals, Claims: s.Claims, Events: s.Events, Numbers: c.Orders.Numbers,
	})
	m.Orders = build(b, order.NewService, order.Config{
		Store: s.Orders, Personal: s.OrderPersonals, Book: book, Units: s.Units,
		ReceiveWithin: c.Orders.ReceiveWithin, Clock: c.Clock, IDs: c.IDs,
	})
	completion := build(b, checkout.NewCompletion, checkout.CompletionConfig{
		Book: book, Stock: m.Stock, Promotions: c.Checkout.Promotions,
		PayWithin: c.Checkout.PayWithin, TransferWithin: c.Checkout.TransferWithin, Clock: c.Clock,
	})
	m.Payments = build(b, payment.NewService, payment.Config{
		Store: s.Payments, Refunds: s.PaymentRefunds, Notices: s.PaymentNotices, Cases: s.PaymentCases,
		Units: s.Units, Events: s.Events, Subject: completion, Gateways: c.Gateways,
		MaxAttempts: c.Payment.MaxAttempts, AlertAfter: c.Payment.AlertAfter, Clock: c.Clock, IDs: c.IDs, Log: c.Log,
	})
	m.Checkout = build(b, checkout.NewService, checkout.Config{
		Channels: c.Channels, Carts: m.Carts, Offers: m.Listing, Rates: c.Checkout.Delivery, Taxes: c.Catalog.Taxes,
		Promotions: c.Checkout.Promotions, Split: c.Checkout.Split, Book: book, Stock: m.Stock, Payments: m.Payments,
		Units: s.Units, Calls: s.Idempotency, QuoteLife: c.Checkout.QuoteLife, PayWithin: c.Checkout.PayWithin,
		TransferWithin: c.Checkout.TransferWithin, Clock: c.Clock, IDs: c.IDs, Log: c.Log,
	})
}

func (b *builder) coupons() {
	c, s, m := &b.m.cfg, &b.m.cfg.Stores, b.m
	if !c.promotions() {
		return
	}
	m.Coupons = build(b, coupon.NewService, coupon.Config{
		Templates: s.CouponTemplates, Coupons: s.Coupons, Codes: s.CouponCodes, Units: s.Units, Events: s.Events,
		Promotions: c.Coupons.Promotions, Orders: standings{s.Orders}, Rewards: c.Coupons.Rewards,
		CodeKeys: c.Coupons.CodeKeys, Limiter: c.Coupons.Limiter, Clock: c.Clock, IDs: c.IDs,
	})
}

func (b *builder) events() {
	c, s, m := &b.m.cfg, &b.m.cfg.Stores, b.m
	consumers := []outbox.Consumer{{Name: "souk.listing", Topics: listing.Topics()}}
	if m.Listing != nil {
		consumers[0].React = m.Listing.React
	}
	if m.Coupons != nil {
		consumers = append(consumers, outbox.Consumer{Name: "souk.coupons", Topics: coupon.Topics(), React: b.followOrders()})
	}
	if m.Indexing != nil {
		consumers = append(consumers, m.searchConsumers()...)
	}
	consumers = append(consumers, m.advice.consumers()...)
	m.Events = build(b, outbox.New, outbox.Config{
		Units: s.Units, Events: s.Events, Cursors: s.Cursors, Letters: s.Letters, Leases: s.Leases,
		Consumers: append(consumers, c.Events.Consumers...),
		Retention: c.Events.Retention, Poll: c.Events.Poll, Log: c.Log, Clock: c.Clock, IDs: c.IDs,
	})
}

func currencies(channels []pricing.Channel) map[ref.ChannelID]money.Currency {
	out := make(map[ref.ChannelID]money.Currency, len(channels))
	for _, ch := range channels {
		out[ch.ID] = ch.Currency
	}
	return out
}
