package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Demand is what an owner wants of a SKU.
type Demand struct {
	// Owner is whom it is for: an order's id, at most 200 bytes.
	Owner    string
	SKU      ref.SKUID
	Quantity ref.Quantity
}

// ReserveInput is what is to be promised, all of it or nothing.
type ReserveInput struct {
	Demands []Demand
	// ExpiresAt releases what is still held by then; zero for never. A
	// checkout leaves it zero while a payment attempt is open.
	ExpiresAt time.Time
}

// maxRoutes is how often a demand is routed anew after others took the pieces
// that the route counted on.
const maxRoutes = 3

// Reserve promises pieces to owners, all of them or none, inside the caller's
// unit: it is the last thing a unit does, since rows of stock are what others
// wait for. Demands of one owner and SKU are summed first. Three statements,
// however many demands there are. Kinds: Invalid with every wrong demand;
// Exhausted, code "inventory.short", with every shortage, which leaves the
// unit usable; AlreadyExists; FailedPrecondition outside a unit.
func (s *Service) Reserve(ctx context.Context, in ReserveInput) error {
	demands, err := sum(in.Demands)
	if err != nil || len(demands) == 0 {
		return err
	}
	now := s.cfg.Clock.Now()
	skus := skusOf(demands)
	for try := 1; ; try++ {
		levels, err := s.cfg.Store.Levels(ctx, skus)
		if err != nil {
			return err
		}
		rs, short, err := s.route(demands, levels, in.ExpiresAt, now)
		if err != nil {
			return err
		}
		if len(short) > 0 {
			return ErrShort(short)
		}
		if short, err = s.cfg.Store.Reserve(ctx, rs, now); err != nil {
			return err
		}
		if len(short) == 0 {
			return s.announce(ctx, skus, KindReserve, demands[0].Owner, now)
		}
		if try == maxRoutes {
			return ErrShort(short)
		}
	}
}

// sum adds the demands of one owner and SKU up, sorted by (SKU, owner).
func sum(in []Demand) ([]Demand, error) {
	type key struct {
		sku   ref.SKUID
		owner string
	}
	total := map[key]ref.Quantity{}
	var v fault.Violations
	for i, d := range in {
		path := fmt.Sprintf("demands[%d].", i)
		checkID(&v, path+"owner", d.Owner, 200)
		checkID(&v, path+"sku", string(d.SKU), ref.MaxID)
		if !d.Quantity.Valid() {
			v.Add(path+"quantity", "out_of_range", fault.Params{"min": 1, "max": ref.MaxQuantity})
			continue
		}
		total[key{d.SKU, d.Owner}] += d.Quantity
	}
	if err := v.Err("inventory.invalid", "the demand is not valid"); err != nil {
		return nil, err
	}
	out := make([]Demand, 0, len(total))
	for k, q := range total {
		out = append(out, Demand{Owner: k.owner, SKU: k.sku, Quantity: q})
	}
	slices.SortFunc(out, func(a, b Demand) int { return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Owner, b.Owner)) })
	return out, nil
}

func skusOf(demands []Demand) []ref.SKUID {
	out := make([]ref.SKUID, len(demands))
	for i, d := range demands {
		out[i] = d.SKU
	}
	return slices.Compact(out)
}

// route asks the router and checks its answer against its contract.
func (s *Service) route(demands []Demand, levels []Level, expires, now time.Time) ([]Reservation, []Shortage, error) {
	got := make([]ref.Quantity, len(demands))
	var out []Reservation
	for _, sh := range s.cfg.Router.Route(slices.Clone(demands), slices.Clone(levels)) {
		if sh.Demand < 0 || sh.Demand >= len(demands) || sh.Quantity <= 0 {
			return nil, nil, fault.New(fault.Internal, "inventory.route", "the router broke its contract")
		}
		d := demands[sh.Demand]
		got[sh.Demand] += sh.Quantity
		out = append(out, Reservation{
			Owner: d.Owner, SKU: d.SKU, Location: sh.Location, Quantity: sh.Quantity,
			State: Held, ExpiresAt: expires, CreatedAt: now, UpdatedAt: now,
		})
	}
	want, have := map[ref.SKUID]ref.Quantity{}, map[ref.SKUID]ref.Quantity{}
	short := map[ref.SKUID]bool{}
	for i, d := range demands {
		want[d.SKU] += d.Quantity
		short[d.SKU] = short[d.SKU] || got[i] < d.Quantity
		if got[i] > d.Quantity {
			return nil, nil, fault.New(fault.Internal, "inventory.route", "the router broke its contract")
		}
	}
	for _, l := range levels {
		have[l.SKU] += l.Available()
	}
	var lacking []Shortage
	for _, sku := range skusOf(demands) {
		if short[sku] {
			lacking = append(lacking, Shortage{SKU: sku, Want: want[sku], Have: have[sku]})
		}
	}
	return out, lacking, nil
}

// Commit hands the pieces of the owners' held reservations out, inside the
// caller's unit. What is not held any more is left alone: it returns what it
// committed. FailedPrecondition outside a unit.
func (s *Service) Commit(ctx context.Context, owners ...string) ([]Reservation, error) {
	return s.settle(ctx, Committed, KindCommit, owners)
}

// Release frees the pieces of the owners' held reservations, inside the
// caller's unit. What is not held any more is left alone: it returns what it
// released. FailedPrecondition outside a unit.
func (s *Service) Release(ctx context.Context, owners ...string) ([]Reservation, error) {
	return s.settle(ctx, Released, KindRelease, owners)
}

func (s *Service) settle(ctx context.Context, to State, kind Kind, owners []string) ([]Reservation, error) {
	if len(owners) == 0 {
		return nil, nil
	}
	owners = slices.Compact(slices.Sorted(slices.Values(owners)))
	now := s.cfg.Clock.Now()
	moved, err := s.cfg.Store.Settle(ctx, owners, to, now)
	if err != nil || len(moved) == 0 {
		return nil, err
	}
	skus := make([]ref.SKUID, len(moved))
	for i, r := range moved {
		skus[i] = r.SKU
	}
	slices.Sort(skus)
	return moved, s.announce(ctx, slices.Compact(skus), kind, moved[0].Owner, now)
}

// Hold takes the expiry off the owners' held reservations, as when a payment
// attempt opens, and returns how many there are.
func (s *Service) Hold(ctx context.Context, owners ...string) (int, error) {
	if len(owners) == 0 {
		return 0, nil
	}
	return s.cfg.Store.Extend(ctx, owners, time.Time{}, s.cfg.Clock.Now())
}

// Reservations returns the reservations of owners, by (owner, SKU, location).
func (s *Service) Reservations(ctx context.Context, owners ...string) ([]Reservation, error) {
	return s.cfg.Store.Reservations(ctx, plain(owners))
}

// plain returns the owners that a store can know.
func plain(owners []string) []string {
	return slices.DeleteFunc(slices.Clone(owners), func(o string) bool { return !ref.PlainText(o) })
}

// ReleaseExpired releases at most limit reservations whose time is over, and
// returns their owners. Any number of nodes may run it at once.
func (s *Service) ReleaseExpired(ctx context.Context, limit int) ([]string, error) {
	now := s.cfg.Clock.Now()
	var owners []string
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		if owners, err = s.cfg.Store.Expired(ctx, now, limit); err != nil {
			return err
		}
		_, err = s.Release(ctx, owners...)
		return err
	})
	if err != nil {
		return nil, err
	}
	return owners, nil
}

func (s *Service) announce(ctx context.Context, skus []ref.SKUID, kind Kind, about string, at time.Time) error {
	recs, err := changedEvents(s.cfg.IDs.New(), skus, kind, about, at)
	if err != nil {
		return err
	}
	return s.cfg.Events.Append(ctx, recs...)
}
