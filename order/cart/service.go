package cart

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// LineCeiling is the highest number of lines that Config.MaxLines may allow.
const LineCeiling = 5_000

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the carts. Required.
	Store Store
	// Offers tells prices and stock. Required.
	Offers Offers
	// Units runs the units of work of the backend that Store belongs to. Required.
	Units uow.Manager
	// Currencies are the currencies of the channels. Required, not empty.
	Currencies map[ref.ChannelID]money.Currency
	// MaxLines bounds the lines of a cart, at most [LineCeiling]. Defaults to 1,000.
	MaxLines int
	// MaxQuantity bounds the pieces of one SKU in a cart, at most
	// ref.MaxQuantity. Defaults to 9,999.
	MaxQuantity ref.Quantity
	// Merge decides what a cart holds after signing in. Defaults to SumLines{}.
	Merge MergeStrategy
	// Watch is told what buyers add. Defaults to nobody.
	Watch Watcher
	// GuestLife, MemberLife and ClosedLife are how long a cart is kept after
	// its last change. Default to 30 days, 180 days and 30 days.
	GuestLife, MemberLife, ClosedLife time.Duration
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Watcher is told which products a buyer added to a cart, once they are there:
// for statistics and recommendations, not for anything that has to happen. It
// returns at once and cannot fail. A call inside a unit of work may still be
// undone.
type Watcher interface {
	Added(ctx context.Context, scope ref.Scope, channel ref.ChannelID, products []ref.ProductID)
}

// Greeter is what a [Watcher] may be as well: it is told which member turned
// out to be the guest of a browser, whether or not there was a cart to take
// over. The same holds for it.
type Greeter interface {
	SignedIn(ctx context.Context, member, guest ref.Scope)
}

const day = 24 * time.Hour

// Service keeps the buyers' carts.
type Service struct{ cfg Config }

// NewService returns a service, or an error that names every wrong field.
func NewService(cfg Config) (*Service, error) {
	var wrong []error
	need := func(ok bool, field string) {
		if !ok {
			wrong = append(wrong, errors.New("cart.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Offers != nil, "Offers")
	need(cfg.Units != nil, "Units")
	need(len(cfg.Currencies) > 0, "Currencies")
	cfg.MaxLines = orDefault(cfg.MaxLines, 1_000)
	if cfg.MaxLines < 1 || cfg.MaxLines > LineCeiling {
		wrong = append(wrong, errors.New("cart.Config.MaxLines is out of range"))
	}
	cfg.MaxQuantity = orDefault(cfg.MaxQuantity, 9_999)
	if !cfg.MaxQuantity.Valid() {
		wrong = append(wrong, errors.New("cart.Config.MaxQuantity is out of range"))
	}
	cfg.GuestLife = orDefault(cfg.GuestLife, 30*day)
	cfg.MemberLife = orDefault(cfg.MemberLife, 180*day)
	cfg.ClosedLife = orDefault(cfg.ClosedLife, 30*day)
	if min(cfg.GuestLife, cfg.MemberLife, cfg.ClosedLife) < 0 {
		wrong = append(wrong, errors.New("cart.Config: a life of a cart is negative"))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if cfg.Merge == nil {
		cfg.Merge = SumLines{}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg}, nil
}

func orDefault[T comparable](v, def T) T {
	var zero T
	if v == zero {
		return def
	}
	return v
}

// Open returns the buyer's open cart in a channel, a new and empty one where
// there is none. Kinds: Invalid for an unknown channel; PermissionDenied for
// a scope that is no buyer's.
func (s *Service) Open(ctx context.Context, scope ref.Scope, channel ref.ChannelID) (Cart, error) {
	if scope.Member() == "" && scope.Guest() == "" {
		return Cart{}, denied()
	}
	currency, ok := s.cfg.Currencies[channel]
	if !ok {
		return Cart{}, fault.New(fault.Invalid, "cart.channel", "no such channel").WithField("channel", "unknown", nil)
	}
	now := s.cfg.Clock.Now()
	fresh := Cart{
		ID: ID(s.cfg.IDs.New()), Member: scope.Member(), Guest: scope.Guest(), Channel: channel,
		Currency: currency, State: Open, CreatedAt: now,
	}
	s.touch(&fresh, now)
	for try := 1; ; try++ {
		c, err := s.find(ctx, scope, channel)
		if !errors.Is(err, fault.NotFound) {
			return c, err
		}
		err = s.cfg.Store.Insert(ctx, &fresh)
		if err == nil {
			return fresh, nil
		}
		// Another call of the same buyer was first, or its cart has just been
		// closed: look again.
		if try == uow.MaxAttempts || !errors.Is(err, fault.AlreadyExists) {
			return Cart{}, err
		}
	}
}

// find returns the open cart of a buyer in a channel. NotFound.
func (s *Service) find(ctx context.Context, scope ref.Scope, channel ref.ChannelID) (Cart, error) {
	p, err := s.cfg.Store.List(ctx, Query{
		Member: scope.Member(), Guest: scope.Guest(), Channel: channel, State: Open,
	}, page.Request{Limit: 1})
	if err != nil {
		return Cart{}, err
	}
	if len(p.Items) == 0 {
		return Cart{}, missing("")
	}
	return p.Items[0], nil
}

// Find returns the buyer's open cart in a channel. NotFound where there is
// none; PermissionDenied for a scope that is no buyer's.
func (s *Service) Find(ctx context.Context, scope ref.Scope, channel ref.ChannelID) (Cart, error) {
	if scope.Member() == "" && scope.Guest() == "" {
		return Cart{}, denied()
	}
	return s.find(ctx, scope, channel)
}

// Get returns a cart of the scope: the buyer's own, any for staff and system.
// NotFound.
func (s *Service) Get(ctx context.Context, scope ref.Scope, id ID) (Cart, error) {
	if !storable(string(id)) {
		return Cart{}, missing(id)
	}
	c, err := s.cfg.Store.Get(ctx, id)
	if err != nil {
		return Cart{}, err
	}
	if !scope.Owns(c.Member, c.Guest) {
		return Cart{}, missing(id)
	}
	return c, nil
}

// Purge deletes at most limit expired carts and returns how many. Only staff
// and system may: PermissionDenied.
func (s *Service) Purge(ctx context.Context, scope ref.Scope, limit int) (int, error) {
	if !scope.All() {
		return 0, denied()
	}
	return s.cfg.Store.Purge(ctx, s.cfg.Clock.Now(), limit)
}

// touch moves the times on after a change.
func (s *Service) touch(c *Cart, now time.Time) {
	c.UpdatedAt = now
	switch {
	case c.State != Open:
		c.ExpiresAt = now.Add(s.cfg.ClosedLife)
	case c.Member != "":
		c.ExpiresAt = now.Add(s.cfg.MemberLife)
	default:
		c.ExpiresAt = now.Add(s.cfg.GuestLife)
	}
}

// Target names the cart that a call changes.
type Target struct {
	Cart ID
	// Version is the version the caller has seen; Conflict, code
	// "cart.changed", where the cart moved on. Zero takes the newest.
	Version int64
}

// change loads an open cart of the scope, applies fn and stores it. A change
// that lost a race is repeated on the newest cart unless the caller named a
// version.
func (s *Service) change(ctx context.Context, scope ref.Scope, in Target, fn func(c *Cart) error) (Cart, error) {
	now := s.cfg.Clock.Now()
	var out Cart
	unit := func(ctx context.Context) error {
		c, err := s.Get(ctx, scope, in.Cart)
		if err != nil {
			return err
		}
		if c.State != Open {
			return closed(&c)
		}
		if in.Version != 0 && in.Version != c.Version {
			return changed(&c)
		}
		if err := fn(&c); err != nil {
			return err
		}
		s.touch(&c, now)
		if err := s.cfg.Store.Update(ctx, &c); err != nil {
			return err
		}
		out = c
		return nil
	}
	for try := 1; ; try++ {
		err := s.cfg.Units.Do(ctx, unit)
		if err == nil {
			return out, nil
		}
		if try == uow.MaxAttempts || in.Version != 0 || !errors.Is(err, fault.Conflict) {
			return Cart{}, err
		}
	}
}

func denied() error {
	return fault.New(fault.PermissionDenied, "cart.denied", "the caller has no cart")
}
