package inventory

import (
	"context"
	"errors"
	"slices"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Owners tells whose SKUs they are, so that a merchant counts only the own.
type Owners interface {
	// Merchants returns the merchants of the SKUs that exist.
	Merchants(ctx context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.MerchantID, error)
}

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the stock. Required.
	Store Store
	// Units runs the units of work of the backend that Store belongs to. Required.
	Units uow.Manager
	// Events is the log of the same backend. Required.
	Events event.Appender
	// Owners tells whose SKUs they are. Defaults to nobody's: then only staff
	// and system receive and adjust.
	Owners Owners
	// Router decides which location serves a demand. Defaults to Nearest{}.
	Router Router
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints the ids of events. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Service counts, promises and hands out stock.
type Service struct{ cfg Config }

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var missing []error
	need := func(ok bool, field string) {
		if !ok {
			missing = append(missing, errors.New("inventory.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Units != nil, "Units")
	need(cfg.Events != nil, "Events")
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if cfg.Router == nil {
		cfg.Router = Nearest{}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg}, nil
}

// Available returns how many pieces of each SKU can be promised, summed over
// locations; a SKU that was never counted is left out. One statement.
func (s *Service) Available(ctx context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.Quantity, error) {
	levels, err := s.cfg.Store.Levels(ctx, named(skus))
	if err != nil {
		return nil, err
	}
	out := make(map[ref.SKUID]ref.Quantity, len(skus))
	for _, l := range levels {
		out[l.SKU] += l.Available()
	}
	return out, nil
}

// Levels returns the levels of SKUs by location. Staff, system, and a
// merchant for the own SKUs: what is foreign is left out.
func (s *Service) Levels(ctx context.Context, scope ref.Scope, skus []ref.SKUID) ([]Level, error) {
	own, err := s.own(ctx, scope, skus)
	if err != nil {
		return nil, err
	}
	return s.cfg.Store.Levels(ctx, own)
}

// Ledger pages through the movements of a SKU that the scope may see.
// Kinds: NotFound for a foreign one; PermissionDenied for all SKUs at once
// unless staff or system; Invalid.
func (s *Service) Ledger(ctx context.Context, scope ref.Scope, q LedgerQuery, p page.Request) (page.Page[Movement], error) {
	if q.SKU == "" && !scope.All() {
		return page.Page[Movement]{}, denied()
	}
	if !slices.Contains([]Kind{"", KindReceive, KindAdjust, KindReturn, KindReserve, KindCommit, KindRelease}, q.Kind) {
		return page.Page[Movement]{}, fault.New(fault.Invalid, "inventory.invalid", "the query is not valid").
			WithField("kind", "unknown", nil)
	}
	if q.SKU != "" {
		own, err := s.own(ctx, scope, []ref.SKUID{q.SKU})
		if err != nil {
			return page.Page[Movement]{}, err
		}
		if len(own) == 0 {
			return page.Page[Movement]{}, missing(q.SKU)
		}
	}
	return s.cfg.Store.Ledger(ctx, q, p)
}

// own returns those of skus that the scope may see; what can be no id at all
// is nobody's.
func (s *Service) own(ctx context.Context, scope ref.Scope, skus []ref.SKUID) ([]ref.SKUID, error) {
	skus = named(skus)
	if scope.All() {
		return skus, nil
	}
	if scope.Merchant() == "" || s.cfg.Owners == nil {
		return nil, nil
	}
	owners, err := s.cfg.Owners.Merchants(ctx, skus)
	if err != nil {
		return nil, err
	}
	var out []ref.SKUID
	for _, sku := range skus {
		if owners[sku] == scope.Merchant() {
			out = append(out, sku)
		}
	}
	return out, nil
}

// named returns the ids that a store can know: it is not asked for broken text.
func named(ids []ref.SKUID) []ref.SKUID {
	unknown := func(id ref.SKUID) bool { return !ref.ValidID(string(id)) }
	if !slices.ContainsFunc(ids, unknown) {
		return ids
	}
	return slices.DeleteFunc(slices.Clone(ids), unknown)
}

func missing(sku ref.SKUID) error {
	return fault.New(fault.NotFound, "inventory.not_found", "no such SKU").With("sku", string(sku))
}

func denied() error {
	return fault.New(fault.PermissionDenied, "inventory.denied", "the caller may not see all stock")
}
