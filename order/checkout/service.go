package checkout

import (
	"cmp"
	"errors"
	"log/slog"
	"time"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/payment"
)

// Config is what a [Service] is made of.
type Config struct {
	// Channels are the sales channels that are open. Required.
	Channels []pricing.Channel
	// Carts holds what is to be bought. Required.
	Carts *cart.Service
	// Offers tells what SKUs cost and how many there are. Required.
	Offers cart.Offers
	// Rates prices the delivery. Required.
	Rates shipping.RateCalculator
	// Taxes computes the tax. Required.
	Taxes pricing.TaxCalculator
	// Promotions takes amounts off. Defaults to none.
	Promotions Promotions
	// Split decides which lines become which order. Defaults to
	// order.ByMerchant{}.
	Split order.SplitStrategy
	// Book enters orders. Required.
	Book *order.Book
	// Stock promises and hands out pieces. Required.
	Stock *inventory.Service
	// Payments takes the money; its Subject is a [Completion] over the same
	// Book and Stock, with the same times to pay. Required.
	Payments *payment.Service
	// Units runs the units of work of the backend of all of them. Required.
	Units uow.Manager
	// Calls remembers the answers of keyed calls, in the same backend. Required.
	Calls uow.Idempotency
	// QuoteLife is how long a quote can be accepted. Defaults to 15 minutes.
	QuoteLife time.Duration
	// PayWithin is how long a buyer has to pay before the orders are closed;
	// a gateway that is paid on delivery has no such limit. Defaults to 30
	// minutes.
	PayWithin time.Duration
	// TransferWithin is PayWithin for gateways whose money takes days.
	// Defaults to 7 days.
	TransferWithin time.Duration
	// MaxProlong is how far from now the time to pay by can be moved. Defaults
	// to 90 days.
	MaxProlong time.Duration
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
	// Log gets ids and codes. Defaults to silence.
	Log *slog.Logger
}

// The defaults of both configurations.
const (
	payWithin      = 30 * time.Minute
	transferWithin = 7 * 24 * time.Hour
)

// Service quotes, places and cancels.
type Service struct {
	cfg      Config
	channels map[ref.ChannelID]pricing.Channel
}

// NewService returns a service, or an error that names everything that is
// wrong with cfg.
func NewService(cfg Config) (*Service, error) {
	var wrong []error
	need := func(ok bool, text string) {
		if !ok {
			wrong = append(wrong, errors.New("checkout.Config."+text))
		}
	}
	need(len(cfg.Channels) > 0, "Channels is required")
	need(cfg.Carts != nil, "Carts is required")
	need(cfg.Offers != nil, "Offers is required")
	need(cfg.Rates != nil, "Rates is required")
	need(cfg.Taxes != nil, "Taxes is required")
	need(cfg.Book != nil, "Book is required")
	need(cfg.Stock != nil, "Stock is required")
	need(cfg.Payments != nil, "Payments is required")
	need(cfg.Units != nil, "Units is required")
	need(cfg.Calls != nil, "Calls is required")
	need(min(cfg.QuoteLife, cfg.PayWithin, cfg.TransferWithin, cfg.MaxProlong) >= 0, "durations must not be negative")
	s := &Service{cfg: cfg, channels: map[ref.ChannelID]pricing.Channel{}}
	for _, ch := range cfg.Channels {
		_, twice := s.channels[ch.ID]
		need(!twice, "Channels names "+string(ch.ID)+" twice")
		s.channels[ch.ID] = ch
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	c := &s.cfg
	if c.Promotions == nil {
		c.Promotions = NoPromotions{}
	}
	if c.Split == nil {
		c.Split = order.ByMerchant{}
	}
	if c.QuoteLife == 0 {
		c.QuoteLife = 15 * time.Minute
	}
	c.PayWithin = cmp.Or(c.PayWithin, payWithin)
	c.TransferWithin = cmp.Or(c.TransferWithin, transferWithin)
	if c.MaxProlong == 0 {
		c.MaxProlong = 90 * 24 * time.Hour
	}
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = uid.NewV7(c.Clock)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return s, nil
}
