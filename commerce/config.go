package commerce

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/promo/exprcond"
	"github.com/soukhq/souk/promo/redemption"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/engine"
	"github.com/soukhq/souk/recommend/feed"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// Config is everything a shop can decide. The zero Config is a whole
// marketplace in memory.
type Config struct {
	// Stores keep everything. Defaults to storage/memory, which is gone with
	// the process.
	Stores storage.Stores
	// Channels are the storefronts, each with its currency. Defaults to one,
	// "default", in US dollars without tax in the prices.
	Channels []pricing.Channel
	// Gateways take the money. Defaults to payment/fakepay, and only together
	// with the default Stores: a shop that keeps its data names who is paid.
	Gateways []payment.Gateway

	// What each part of the shop can decide. The zero value of each is
	// complete, and its fields tell their defaults.

	// Catalog is about goods, prices, taxes and stock.
	Catalog CatalogConfig
	// Cart bounds carts.
	Cart CartConfig
	// Checkout is about quotes, delivery and placing.
	Checkout CheckoutConfig
	// Promotions is about what takes amounts off.
	Promotions PromotionsConfig
	// Orders is about orders once they are placed.
	Orders OrdersConfig
	// Payment is about payments, beside the Gateways.
	Payment PaymentConfig
	// Members is about accounts and passwords.
	Members MembersConfig
	// Coupons is about codes and who may guess them.
	Coupons CouponsConfig
	// Search is about finding products.
	Search SearchConfig
	// Recommend is about the shelves.
	Recommend RecommendConfig
	// Events is about the event log and its consumers.
	Events EventsConfig

	// Location is where the shop's day begins: order numbers carry the date.
	// Defaults to UTC.
	Location *time.Location
	// Log receives what goes wrong in the background, with ids and codes and
	// never a name. Defaults to silence.
	Log *slog.Logger
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// CatalogConfig decides about goods, prices and stock.
type CatalogConfig struct {
	// Prices decides which price holds. Defaults to the stored list prices.
	Prices pricing.Resolver
	// Taxes computes taxes. Defaults to a table without rates: nothing is
	// taxed.
	Taxes pricing.TaxCalculator
	// Router decides which location serves a demand. Defaults to
	// inventory.Nearest{}.
	Router inventory.Router
}

// maxCartLines is the default of CartConfig.MaxLines.
const maxCartLines = 1_000

// CartConfig bounds carts.
type CartConfig struct {
	// MaxLines bounds the lines of a cart. Defaults to 1,000.
	MaxLines int
	// MaxQuantity bounds the pieces of one SKU in a cart. Defaults to 9,999.
	MaxQuantity ref.Quantity
	// Merge decides what a cart holds after signing in. Defaults to
	// cart.SumLines{}.
	Merge cart.MergeStrategy
}

// CheckoutConfig decides about quoting and placing.
type CheckoutConfig struct {
	// Delivery prices the delivery. Defaults to one method, "standard", free
	// of charge, to everywhere.
	Delivery shipping.RateCalculator
	// Promotions takes amounts off. Defaults to promo/redemption over the
	// campaigns, see [PromotionsConfig], and to none for a shop without.
	Promotions checkout.Promotions
	// Split decides which lines become which order. Defaults to one order per
	// merchant.
	Split order.SplitStrategy
	// QuoteLife is how long a quote can be accepted. Defaults to 15 minutes.
	QuoteLife time.Duration
	// PayWithin is how long a buyer has to pay. Defaults to 30 minutes.
	PayWithin time.Duration
	// TransferWithin is PayWithin where the money takes days. Defaults to 7
	// days.
	TransferWithin time.Duration
}

// PromotionsConfig decides about promotions. A shop has them where Stores has
// the stores for them: all of Campaigns, PromoGroups, PromoUses, CouponTemplates,
// Coupons and CouponCodes, or none.
type PromotionsConfig struct {
	// Engine bounds the search for the best combination, and adds kinds of
	// conditions and benefits. Conditions defaults to expressions, as
	// exprcond.Kind, and MaxLines to as many as a cart may have.
	Engine promo.Config
	// Buyers tells promotions that ask what is known of a buyer: segments,
	// tags, how many orders. Defaults to counting the orders alone.
	Buyers redemption.Buyers
	// Templates are the activity templates. Defaults to
	// promo.StandardTemplates.
	Templates []promo.Template
}

// OrdersConfig decides about placed orders.
type OrdersConfig struct {
	// Numbers names orders for people. Defaults to order.DateNumbers in
	// Location.
	Numbers order.Numberer
	// ReceiveWithin is how long after shipping an order counts as received;
	// negative for never. Defaults to 14 days.
	ReceiveWithin time.Duration
}

// PaymentConfig decides about payments.
type PaymentConfig struct {
	// MaxAttempts bounds the tries to pay one group. Defaults to 20.
	MaxAttempts int
	// AlertAfter is when a payment without a definite answer becomes a case
	// for a person. Defaults to 30 minutes.
	AlertAfter time.Duration
}

// MembersConfig decides about accounts of members and staff.
type MembersConfig struct {
	// Hasher hashes passwords. Defaults to argon2id with member.MinHashMemory.
	Hasher *member.Hasher
	// Limiter bounds the guessing of passwords. Defaults to counting in Stores.
	Limiter member.Limiter
}

// CouponsConfig decides about coupons.
type CouponsConfig struct {
	// CodeKeys are the keys under which the codes of coupons are digested, each
	// at least coupon.MinSecret random bytes that outlive the process: the
	// first makes new codes, all of them read old ones. Defaults to none: then
	// the shop makes and knows no codes.
	CodeKeys []coupon.CodeKey
	// Limiter bounds the guessing of codes, of coupons and of promotions; see
	// [Marketplace.EnterCode]. Defaults to counting in Stores: in 15 minutes 10
	// codes of a buyer, and 100 from one origin.
	Limiter coupon.Limiter
	// Promotions tells whether there is the promotion that a template names.
	// Defaults to the campaigns of Stores that want a coupon.
	Promotions coupon.Promotions
	// Rewards tells which coupons an order earns. Defaults to what its
	// promotions promised.
	Rewards coupon.Rewards
}

// SearchConfig decides about finding products. A shop has a search where
// Stores has SearchSettings and SearchLog.
type SearchConfig struct {
	// Open opens the index of a channel, at its first use and again after
	// Stop. Defaults to search/blevesearch in memory, which every node fills
	// for itself when it starts.
	Open func(ctx context.Context, s search.Setup) (search.Index, error)
	// Shared says that Open gives all nodes the same index, which one of them
	// feeds, see search.ServiceConfig. Defaults to an index per node.
	Shared bool
	// Segmenter finds words of scripts without spaces. Defaults to none:
	// characters and pairs are found as well.
	Segmenter search.Segmenter
	// Retention is how long the log of searches is kept. Defaults to 90 days.
	Retention time.Duration
	// Off leaves the search out, whatever Stores has. Defaults to false.
	Off bool
}

// RecommendConfig decides about recommendations. A shop has them where Stores
// has the stores for them: all of Signals, ShelfPolicies, Impressions and
// ShelfStats, or none.
type RecommendConfig struct {
	// Recommender answers; the host runs it. Defaults to one in the process,
	// recommend/engine, which the marketplace runs.
	Recommender recommend.Recommender
	// Engine is what that one is made of. Defaults to engine.Config{} with the
	// shop's Clock.
	Engine engine.Config
	// Strategies are further ones that policies can name, beside the shelves
	// of Recommender. Defaults to none.
	Strategies []shelf.Strategy
	// Window is how long after a shelf was shown a click, a cart or an order
	// speaks for it. Defaults to 24 hours.
	Window time.Duration
	// Keep is how long views and impressions are kept, and what a node without
	// a snapshot reads of them when it starts. Defaults to 30 days. What a member
	// hid is kept until the member is forgotten.
	Keep time.Duration
	// History is how old the orders are that such a node reads, and the
	// purchases of the shop before that are kept among the signals. Defaults to a
	// year, or Engine.RebuyAfter where that is longer: all where it is negative.
	History time.Duration
	// Segments says in which segments of buyers a purchase counts. Defaults to
	// feed.SegmentsOf: storefront, guest or member, region.
	Segments func(o *order.Order, shipTo address.Address) []recommend.Segment
	// Snapshots keeps the state of the engine in the process, for nodes that
	// start; feed.File is one. Defaults to none: they read.
	Snapshots feed.Snapshots
}

// EventsConfig decides about the event log.
type EventsConfig struct {
	// Consumers are the shop's own, beside those of the marketplace. Defaults
	// to none.
	Consumers []outbox.Consumer
	// Retention is how long events are kept, and the notes of which messages
	// of a foreign broker were handled. Defaults to 30 days.
	Retention time.Duration
	// Poll is the longest wait for an event that nobody announced. Defaults
	// to 250 ms.
	Poll time.Duration
}

// DefaultChannel is the id of the channel of a Config that names none.
const DefaultChannel ref.ChannelID = "default"

// fill sets the defaults that other parts are made of, and reports what lacks.
func (c *Config) fill() error {
	var wrong []error
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = uid.NewV7(c.Clock)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Location == nil {
		c.Location = time.UTC
	}
	if len(c.Channels) == 0 {
		c.Channels = []pricing.Channel{{
			ID: DefaultChannel, Name: "Default", Currency: "USD", Locale: ref.English, Country: "US",
		}}
	}
	if c.Stores == (storage.Stores{}) {
		c.Stores = memory.New().Stores()
		if len(c.Gateways) == 0 {
			c.Gateways = []payment.Gateway{fakepay.NewAt(c.Clock).Gateway()}
		}
	}
	if len(c.Gateways) == 0 {
		wrong = append(wrong, errors.New("commerce.Config.Gateways is required with stores that last"))
	}
	for _, name := range c.Stores.Missing() {
		if !c.spare(name) {
			wrong = append(wrong, errors.New("commerce.Config.Stores."+name+" is missing"))
		}
	}
	if _, err := pricing.NewChannels(c.Channels); err != nil {
		wrong = append(wrong, fmt.Errorf("commerce.Config.Channels: %w", err))
	}
	if err := errors.Join(wrong...); err != nil {
		return err
	}
	return c.fillStrategies()
}

// promoStores names the stores that a shop without promotions lacks.
func promoStores() []string {
	return []string{"Campaigns", "PromoGroups", "PromoUses", "CouponTemplates", "Coupons", "CouponCodes"}
}

// promotions reports whether the shop has promotions.
func (c *Config) promotions() bool { return c.hasAny(promoStores()) }

// searchStores names the stores that a shop without a search lacks.
func searchStores() []string { return []string{"SearchSettings", "SearchLog"} }

// searches reports whether the shop has a search.
func (c *Config) searches() bool { return !c.Search.Off && c.hasAny(searchStores()) }

func (c *Config) hasAny(stores []string) bool {
	missing := c.Stores.Missing()
	return slices.ContainsFunc(stores, func(name string) bool { return !slices.Contains(missing, name) })
}

// recommendStores names the stores that a shop without recommendations lacks.
func recommendStores() []string {
	return []string{"Signals", "ShelfPolicies", "Impressions", "ShelfStats"}
}

// recommends reports whether the shop has recommendations.
func (c *Config) recommends() bool { return c.hasAny(recommendStores()) }

// spare reports whether the shop needs no store of a name: all of its feature
// are missing.
func (c *Config) spare(name string) bool {
	return !c.promotions() && slices.Contains(promoStores(), name) ||
		!c.searches() && slices.Contains(searchStores(), name) ||
		!c.recommends() && slices.Contains(recommendStores(), name)
}

func (c *Config) fillStrategies() error {
	var err error
	if c.Catalog.Taxes == nil {
		if c.Catalog.Taxes, err = pricing.NewTaxTable(pricing.TaxTableConfig{}); err != nil {
			return err
		}
	}
	if c.Checkout.Delivery == nil {
		if c.Checkout.Delivery, err = freeDelivery(c.Channels); err != nil {
			return err
		}
	}
	if c.Orders.Numbers == nil {
		c.Orders.Numbers = order.DateNumbers{Location: c.Location}
	}
	if c.Members.Hasher == nil {
		if c.Members.Hasher, err = member.NewHasher(member.HasherConfig{}); err != nil {
			return err
		}
	}
	throttle, err := member.NewThrottle(member.ThrottleConfig{Store: c.Stores.SignInAttempts, Clock: c.Clock})
	if err != nil {
		return err
	}
	if c.Members.Limiter == nil {
		c.Members.Limiter = throttle
	}
	if c.Coupons.Limiter == nil {
		c.Coupons.Limiter = codeThrottle{throttle}
	}
	if c.Coupons.Promotions == nil {
		c.Coupons.Promotions = couponOwners{c.Stores.Campaigns}
	}
	if c.Coupons.Rewards == nil {
		c.Coupons.Rewards = promised{uses: c.Stores.PromoUses, campaigns: c.Stores.Campaigns}
	}
	if c.Promotions.Engine.MaxLines == 0 {
		c.Promotions.Engine.MaxLines = max(c.Cart.MaxLines, maxCartLines)
	}
	if c.Promotions.Engine.Conditions == nil {
		c.Promotions.Engine.Conditions, err = expressions()
	}
	return err
}

func expressions() (map[string]promo.CustomCondition, error) {
	e, err := exprcond.New(exprcond.Config{})
	return map[string]promo.CustomCondition{exprcond.Kind: e}, err
}

func freeDelivery(channels []pricing.Channel) (shipping.RateCalculator, error) {
	m := shipping.Method{Code: "standard"}
	seen := map[money.Currency]bool{}
	for _, ch := range channels {
		if !seen[ch.Currency] {
			seen[ch.Currency] = true
			m.Rates = append(m.Rates, shipping.Rate{Base: money.Zero(ch.Currency)})
		}
	}
	t, err := shipping.NewTable(m)
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "commerce.channels", fmt.Sprintf("%d channels", len(channels)))
	}
	return t, nil
}
