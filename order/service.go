package order

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/actor"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the orders. Required.
	Store Store
	// Personal keeps addresses, mail addresses and notes. Required.
	Personal PersonalStore
	// Book enters changes; it writes to the same stores. Required.
	Book *Book
	// Units runs the units of work of the backend that Store belongs to. Required.
	Units uow.Manager
	// ReceiveWithin is how long after shipping an order counts as received by
	// itself; negative for never. Defaults to 14 days.
	ReceiveWithin time.Duration
	// MaxProlong is how far from now a deadline can be moved. Defaults to 90
	// days.
	MaxProlong time.Duration
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Service reads orders and fulfils them. Placing, paying and canceling touch
// stock and money as well: the checkout does that.
type Service struct{ cfg Config }

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var missing []error
	need := func(ok bool, field string) {
		if !ok {
			missing = append(missing, errors.New("order.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Personal != nil, "Personal")
	need(cfg.Book != nil, "Book")
	need(cfg.Units != nil, "Units")
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if cfg.ReceiveWithin == 0 {
		cfg.ReceiveWithin = 14 * 24 * time.Hour
	}
	if cfg.MaxProlong <= 0 {
		cfg.MaxProlong = 90 * 24 * time.Hour
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg}, nil
}

// Get returns the part of a group that the scope may see: a merchant sees
// only the own order. NotFound.
func (s *Service) Get(ctx context.Context, scope ref.Scope, id GroupID) (Group, error) {
	if !storable(string(id)) {
		return Group{}, missingGroup(id)
	}
	g, err := s.cfg.Store.Get(ctx, id)
	if err != nil {
		return Group{}, err
	}
	return g.Seen(scope)
}

// Find returns the group that a group's or an order's number names, as
// somebody typed it. NotFound.
func (s *Service) Find(ctx context.Context, scope ref.Scope, number string) (Group, error) {
	id, err := s.cfg.Book.find(ctx, number)
	if err != nil {
		return Group{}, err
	}
	return s.Get(ctx, scope, id)
}

// List pages through the orders that the scope may see, the newest first: a
// buyer's and a merchant's own whatever the query asks for, all for staff and
// system. Kinds: Invalid; PermissionDenied for nobody.
func (s *Service) List(ctx context.Context, scope ref.Scope, q Query, p page.Request) (page.Page[Order], error) {
	if err := q.check(); err != nil {
		return page.Page[Order]{}, err
	}
	switch scope.Kind() {
	case ref.MemberScope:
		if q.Member != "" && q.Member != scope.Member() || q.Guest != "" {
			return page.Page[Order]{}, nil
		}
		q.Member = scope.Member()
	case ref.GuestScope:
		if q.Guest != "" && q.Guest != scope.Guest() || q.Member != "" {
			return page.Page[Order]{}, nil
		}
		q.Guest = scope.Guest()
	case ref.MerchantScope:
		if q.Merchant != "" && q.Merchant != scope.Merchant() {
			return page.Page[Order]{}, nil
		}
		q.Merchant = scope.Merchant()
	case ref.StaffScope, ref.SystemScope:
	case ref.NoScope:
		return page.Page[Order]{}, denied()
	}
	return s.cfg.Store.List(ctx, q, p)
}

// History returns what happened to the orders that the scope may see, each
// order's entries in their order. NotFound.
func (s *Service) History(ctx context.Context, scope ref.Scope, id GroupID) ([]Entry, error) {
	g, err := s.Get(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	all, err := s.cfg.Store.History(ctx, id)
	if err != nil {
		return nil, err
	}
	out := all[:0]
	for _, e := range all {
		if _, err := g.Order(e.Order); err == nil {
			out = append(out, e)
		}
	}
	return out, nil
}

// cause says that the scope acts now; an actor in the context, such as the
// staff member behind a system call, is named instead.
func (s *Service) cause(ctx context.Context, scope ref.Scope, reason string) Cause {
	if a := actor.From(ctx); a.Scope.Kind() != ref.NoScope {
		scope = a.Scope
	}
	return Cause{At: s.cfg.Clock.Now(), By: scope.String(), Reason: reason}
}

// may says who beside staff and system may do something to an order.
type may struct{ buyer, merchant bool }

// change loads an order the scope may see, checks the permission, applies fn
// and records it. Version 0 takes the newest. A change that lost a race is
// repeated on the newest order unless the caller named a version.
func (s *Service) change(
	ctx context.Context, scope ref.Scope, in Target, who may, fn func(o *Order) (Entry, error),
) (Order, error) {
	var out Order
	unit := func(ctx context.Context) error {
		g, err := s.Get(ctx, scope, in.Group)
		if err != nil {
			return err
		}
		o, err := g.Order(in.Order)
		if err != nil {
			return err
		}
		switch {
		case scope.All():
		case scope.Merchant() != "" && !who.merchant, scope.Merchant() == "" && !who.buyer:
			return denied()
		}
		if in.Version != 0 && in.Version != o.Version {
			return fault.New(fault.Conflict, "order.stale", "the order changed meanwhile").With("order", string(o.ID))
		}
		e, err := fn(o)
		if err != nil {
			return err
		}
		if err := s.cfg.Book.Record(ctx, &g, []*Order{o}, []Entry{e}); err != nil {
			return err
		}
		out = *o
		return nil
	}
	for try := 1; ; try++ {
		err := s.cfg.Units.Do(ctx, unit)
		if err == nil {
			return out, nil
		}
		if try == uow.MaxAttempts || in.Version != 0 || !errors.Is(err, fault.Conflict) {
			return Order{}, err
		}
	}
}

func denied() error {
	return fault.New(fault.PermissionDenied, "order.denied", "the caller may not do this")
}
