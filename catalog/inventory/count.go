package inventory

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// CountInput moves stock at locations: what came in, or a correction.
type CountInput struct {
	Counts []Count
	// Ref names the document behind it; at most 200 bytes.
	Ref string
}

// Count is so many pieces of a SKU at a location, more or fewer.
type Count struct {
	SKU      ref.SKUID
	Location ref.LocationID
	Quantity ref.Quantity
}

// MaxCounts bounds one call of Receive, Adjust or Return.
const MaxCounts = 10_000

// Receive adds goods that came in. Staff and system, and merchants for the
// own SKUs. All of it or nothing; joins the caller's unit. Kinds: Invalid;
// NotFound for a foreign SKU.
func (s *Service) Receive(ctx context.Context, scope ref.Scope, in CountInput) error {
	return s.count(ctx, scope, KindReceive, in, 1)
}

// Adjust corrects what lies there by a difference, never to an absolute
// number, so that a correction cannot undo a sale made meanwhile. Kinds as for
// Receive; Exhausted where fewer pieces would lie there than are promised.
func (s *Service) Adjust(ctx context.Context, scope ref.Scope, in CountInput) error {
	return s.count(ctx, scope, KindAdjust, in, -ref.MaxQuantity)
}

// Back is pieces that come back of what an owner's committed reservations of a
// SKU have taken.
type Back struct {
	Owner string
	SKU   ref.SKUID
	// Before is how many of them came back earlier, Quantity how many do now.
	Before   ref.Quantity
	Quantity ref.Quantity
}

// Return puts pieces of committed reservations back at the locations they came
// from, inside the caller's unit: those of a SKU in the order of the locations,
// so that whatever comes back in whatever parts, each location gets what it
// gave. It goes by the reservations, so that nothing is invented: what is not
// committed is passed over. The caller makes sure that each part comes back
// once. The number of statements does not depend on how many parts there are.
// Kinds: Invalid for less than a piece; FailedPrecondition outside a unit.
func (s *Service) Return(ctx context.Context, parts ...Back) error {
	if len(parts) == 0 {
		return nil
	}
	var v fault.Violations
	owners := make([]string, len(parts))
	for i, b := range parts {
		if b.Before < 0 || b.Quantity < 1 {
			v.Add(fmt.Sprintf("parts[%d].quantity", i), "out_of_range", fault.Params{"min": 1})
		}
		owners[i] = b.Owner
	}
	if err := v.Err("inventory.invalid", "what comes back is not valid"); err != nil {
		return err
	}
	rs, err := s.Reservations(ctx, slices.Compact(slices.Sorted(slices.Values(owners)))...)
	if err != nil {
		return err
	}
	var changes []Change
	for _, b := range parts {
		skip, left := b.Before, b.Quantity
		for _, r := range rs {
			if r.Owner != b.Owner || r.SKU != b.SKU || r.State != Committed {
				continue
			}
			passed := min(skip, r.Quantity)
			n := min(left, r.Quantity-passed)
			skip, left = skip-passed, left-n
			if n > 0 {
				changes = append(changes, Change{SKU: r.SKU, Location: r.Location, Kind: KindReturn, Delta: n, Ref: r.Owner})
			}
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return s.apply(ctx, changes, KindReturn, changes[0].Ref)
}

func (s *Service) count(ctx context.Context, scope ref.Scope, kind Kind, in CountInput, least ref.Quantity) error {
	var v fault.Violations
	switch n := len(in.Counts); {
	case n == 0:
		v.Add("counts", "required", nil)
	case n > MaxCounts:
		v.Add("counts", "too_many", fault.Params{"max": MaxCounts})
		return v.Err("inventory.invalid", "the count is not valid")
	}
	switch {
	case len(in.Ref) > 200:
		v.Add("ref", "too_long", fault.Params{"max": 200})
	case !ref.PlainText(in.Ref):
		v.Add("ref", "malformed", nil)
	}
	skus := make([]ref.SKUID, len(in.Counts))
	changes := make([]Change, len(in.Counts))
	for i, c := range in.Counts {
		path := fmt.Sprintf("counts[%d].", i)
		checkID(&v, path+"sku", string(c.SKU), ref.MaxID)
		checkID(&v, path+"location", string(c.Location), ref.MaxID)
		if c.Quantity == 0 || c.Quantity < least || c.Quantity > ref.MaxQuantity {
			v.Add(path+"quantity", "out_of_range", fault.Params{"min": least, "max": ref.MaxQuantity})
		}
		skus[i] = c.SKU
		changes[i] = Change{SKU: c.SKU, Location: c.Location, Kind: kind, Delta: c.Quantity, Ref: in.Ref}
	}
	if err := v.Err("inventory.invalid", "the count is not valid"); err != nil {
		return err
	}
	own, err := s.own(ctx, scope, skus)
	if err != nil {
		return err
	}
	for _, sku := range skus {
		if !scope.All() && !slices.Contains(own, sku) {
			return missing(sku)
		}
	}
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error { return s.apply(ctx, changes, kind, in.Ref) })
}

// checkID notes what is wrong with an id that a row will carry.
func checkID(v *fault.Violations, path, id string, most int) {
	switch {
	case id == "" || len(id) > most:
		v.Add(path, "required", fault.Params{"max": most})
	case !ref.PlainText(id):
		v.Add(path, "malformed", nil)
	}
}

func (s *Service) apply(ctx context.Context, changes []Change, kind Kind, about string) error {
	if len(changes) == 0 {
		return nil
	}
	now := s.cfg.Clock.Now()
	changes = slices.Clone(changes)
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Location, b.Location))
	})
	if err := s.cfg.Store.Apply(ctx, changes, now); err != nil {
		return err
	}
	skus := make([]ref.SKUID, len(changes))
	for i, c := range changes {
		skus[i] = c.SKU
	}
	return s.announce(ctx, slices.Compact(skus), kind, about, now)
}
