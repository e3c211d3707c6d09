package pricing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Owners tells whose SKUs they are, so that a merchant prices only the own.
type Owners interface {
	// Merchants returns the merchants of the SKUs that exist.
	Merchants(ctx context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.MerchantID, error)
}

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the prices. Required.
	Store Store
	// Units runs the units of work of the backend that Store belongs to. Required.
	Units uow.Manager
	// Events is the log of the same backend. Required.
	Events event.Appender
	// Channels are the sales channels. Required.
	Channels []Channel
	// Resolver decides which price holds. Defaults to ListPrices{Store}.
	Resolver Resolver
	// Owners tells whose SKUs they are. Defaults to nobody's: then only staff
	// and system set prices, of any SKU.
	Owners Owners
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints the ids of events. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Service sets and tells prices.
type Service struct {
	cfg      Config
	channels Channels
}

// NewService returns a service, or an error that names everything that is
// wrong with cfg.
func NewService(cfg Config) (*Service, error) {
	var wrong []error
	need := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errors.New("pricing.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Units != nil, "Units")
	need(cfg.Events != nil, "Events")
	need(len(cfg.Channels) > 0, "Channels")
	channels, err := NewChannels(cfg.Channels)
	if err != nil {
		wrong = append(wrong, fmt.Errorf("pricing.Config.Channels: %w", err))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if cfg.Resolver == nil {
		cfg.Resolver = ListPrices{Store: cfg.Store}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg, channels: channels}, nil
}

// Channel returns a channel. NotFound.
func (s *Service) Channel(id ref.ChannelID) (Channel, error) { return s.channels.Find(id) }

// Request is for whom and where prices are asked.
type Request struct {
	Channel ref.ChannelID
	Member  ref.MemberID  // empty: a guest, or a list for everybody
	Company ref.CompanyID // empty: a consumer
	// At is when. Defaults to now.
	At time.Time
}

// Resolve returns what at most [MaxBatch] items cost, one result per item in
// their order, by the shop's [Resolver]. Prices are public: there is no scope.
// Kinds: NotFound for an unknown channel, Invalid for too many items.
func (s *Service) Resolve(ctx context.Context, r Request, items []Item) ([]Resolved, error) {
	ch, err := s.channels.Find(r.Channel)
	if err != nil {
		return nil, err
	}
	if err := checkBatch(len(items)); err != nil || len(items) == 0 {
		return nil, err
	}
	if r.At.IsZero() {
		r.At = s.cfg.Clock.Now()
	}
	asked := make([]Item, len(items))
	for i, it := range items {
		if it.Quantity == 0 {
			it.Quantity = 1
		}
		asked[i] = it
	}
	out, err := s.cfg.Resolver.Resolve(ctx, Context{Channel: ch, Member: r.Member, Company: r.Company, At: r.At}, asked)
	if err != nil {
		return nil, err
	}
	if len(out) != len(items) {
		return nil, fault.New(fault.Internal, "pricing.resolver", "the resolver broke its contract")
	}
	for i, p := range out {
		if p.SKU != items[i].SKU || p.Found() && p.Unit.Currency() != ch.Currency {
			return nil, fault.New(fault.Internal, "pricing.resolver", "the resolver broke its contract").
				With("sku", string(items[i].SKU))
		}
	}
	return out, nil
}

// Stored returns the prices of SKUs in a channel that the scope may see, by
// key, planned and base ones, without those that ended: all for staff and
// system, the own for a merchant; what is foreign is left out. Kinds: NotFound
// for an unknown channel, Invalid for too many SKUs.
func (s *Service) Stored(ctx context.Context, scope ref.Scope, channel ref.ChannelID, skus []ref.SKUID) ([]Price, error) {
	if _, err := s.channels.Find(channel); err != nil {
		return nil, err
	}
	if err := checkBatch(len(skus)); err != nil {
		return nil, err
	}
	may, err := s.allowed(ctx, scope, skus)
	if err != nil {
		return nil, err
	}
	own := make([]ref.SKUID, 0, len(skus))
	for _, sku := range skus {
		if may(sku) {
			own = append(own, sku)
		}
	}
	return s.cfg.Store.Find(ctx, FindQuery{Channels: []ref.ChannelID{channel}, SKUs: own, After: s.cfg.Clock.Now()})
}

// List pages through the prices of a channel by key. Staff and system only:
// PermissionDenied. NotFound for an unknown channel.
func (s *Service) List(ctx context.Context, scope ref.Scope, q Query, p page.Request) (page.Page[Price], error) {
	if !scope.All() {
		return page.Page[Price]{}, denied()
	}
	if _, err := s.channels.Find(q.Channel); err != nil {
		return page.Page[Price]{}, err
	}
	return s.cfg.Store.List(ctx, q, p)
}

// Purge deletes at most limit prices that ended at or before the given time,
// the longest ended first, and returns how many; orders keep what was paid.
// Staff and system only: PermissionDenied.
func (s *Service) Purge(ctx context.Context, scope ref.Scope, before time.Time, limit int) (int, error) {
	if !scope.All() {
		return 0, denied()
	}
	return s.cfg.Store.Purge(ctx, before, limit)
}

// allowed returns which of skus the scope may price.
func (s *Service) allowed(ctx context.Context, scope ref.Scope, skus []ref.SKUID) (func(ref.SKUID) bool, error) {
	if s.cfg.Owners == nil {
		return func(ref.SKUID) bool { return scope.All() }, nil
	}
	if !scope.All() && scope.Merchant() == "" {
		return func(ref.SKUID) bool { return false }, nil
	}
	owners, err := s.cfg.Owners.Merchants(ctx, skus)
	if err != nil {
		return nil, err
	}
	return func(sku ref.SKUID) bool {
		owner, exists := owners[sku]
		return exists && (scope.All() || owner == scope.Merchant())
	}, nil
}

func checkBatch(n int) error {
	if n <= MaxBatch {
		return nil
	}
	return fault.New(fault.Invalid, "pricing.batch", "too many rows in one call").
		With("max", MaxBatch).With("have", n)
}

func denied() error {
	return fault.New(fault.PermissionDenied, "pricing.denied", "the caller may not do this")
}
