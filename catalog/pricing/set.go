package pricing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// SetInput is a price to set; its currency is the channel's.
type SetInput struct {
	SKU     ref.SKUID
	Channel ref.ChannelID
	Unit    money.Money
	// Was is what it cost before, above Unit. Defaults to nothing said.
	Was money.Money
	// From and Until are the window in which it holds, half-open, without
	// Until for ever. Defaults to the base price.
	From, Until time.Time
	// Version is that of the price to overwrite. Defaults to whichever there
	// is, none included.
	Version int64
}

// SetResult is what became of one row.
type SetResult struct {
	Price   Price // as stored, where Err is nil
	Changed bool  // false where the same price was stored already
	Err     error
}

// Refused returns the errors of the rows that were refused, each with its place
// in the call, or nil where all were set. Kinds: any of them, so errors.Is is true
// for each; a caller that goes by kinds looks at the rows.
func Refused(results []SetResult) error {
	var all []error
	for i := range results {
		if err := results[i].Err; err != nil {
			all = append(all, fmt.Errorf("prices[%d]: %w", i, err))
		}
	}
	return errors.Join(all...)
}

// row is an input on its way to the store.
type row struct {
	price Price
	err   error
}

// Set sets at most [MaxBatch] prices in one unit, in a number of statements
// that does not depend on the rows. A row that is refused does not disturb the
// others; its error is in its result, see [Refused]: Invalid; NotFound for an unknown channel
// or a SKU that is missing or foreign; Conflict for another version, or for a
// second row with one key; Exhausted, code "pricing.windows", for a window
// beyond [MaxWindows]. A price that says what is stored already writes
// nothing. Kinds of the call itself: Invalid for too many rows,
// PermissionDenied for buyers.
func (s *Service) Set(ctx context.Context, scope ref.Scope, in []SetInput) ([]SetResult, error) {
	rows, err := s.rows(ctx, scope, in)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	id, now := s.cfg.IDs.New(), s.cfg.Clock.Now()
	var out []SetResult
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		out, err = s.set(ctx, rows, id, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// rows checks what can be checked before the unit.
func (s *Service) rows(ctx context.Context, scope ref.Scope, in []SetInput) ([]row, error) {
	if !scope.All() && scope.Merchant() == "" {
		return nil, denied()
	}
	if err := checkBatch(len(in)); err != nil || len(in) == 0 {
		return nil, err
	}
	skus := make([]ref.SKUID, len(in))
	for i := range in {
		skus[i] = in[i].SKU
	}
	may, err := s.allowed(ctx, scope, skus)
	if err != nil {
		return nil, err
	}
	out := make([]row, len(in))
	seen := make(map[Key]bool, len(in))
	for i, v := range in {
		ch, err := s.channels.Find(v.Channel)
		p := Price{
			Key:  Key{SKU: v.SKU, Channel: v.Channel, Currency: ch.Currency, From: normal(v.From)},
			Unit: v.Unit, Was: v.Was, Until: normal(v.Until), Version: v.Version,
		}
		switch {
		case err != nil:
		case !may(v.SKU):
			err = missing(v.SKU)
		case seen[p.Key]:
			err = fault.New(fault.Conflict, "pricing.repeated", "an earlier row sets the same price").With("sku", string(v.SKU))
		default:
			err = p.check(ch)
		}
		seen[p.Key] = seen[p.Key] || err == nil
		out[i] = row{price: p, err: err}
	}
	return out, nil
}

// set compares the rows with what is stored and writes what differs.
func (s *Service) set(ctx context.Context, rows []row, id string, now time.Time) ([]SetResult, error) {
	stored, err := s.stored(ctx, rows, now)
	if err != nil {
		return nil, err
	}
	out := make([]SetResult, len(rows))
	var writes []*Price
	var at []int
	for i, r := range rows {
		p, err := r.price, r.err
		have, exists := stored.prices[p.Key]
		switch {
		case err != nil:
		case exists && have.same(p) && (p.Version == 0 || p.Version == have.Version):
			out[i].Price = have
			continue
		case !exists && p.Version == 0 && stored.windows[group(p.Key)] >= MaxWindows:
			err = fault.New(fault.Exhausted, "pricing.windows", "the SKU has too many planned prices").
				With("sku", string(p.SKU)).With("max", MaxWindows)
		case !exists:
			stored.windows[group(p.Key)]++
		}
		if err != nil {
			out[i].Err = err
			continue
		}
		p.CreatedAt, p.UpdatedAt = now, now
		writes, at = append(writes, &p), append(at, i)
	}
	if len(writes) == 0 {
		return out, nil
	}
	errs, err := s.cfg.Store.Put(ctx, writes)
	if err != nil {
		return nil, err
	}
	var changed []Key
	for j, i := range at {
		if out[i].Err = errs[j]; errs[j] == nil {
			out[i].Price, out[i].Changed = *writes[j], true
			changed = append(changed, writes[j].Key)
		}
	}
	return out, s.announce(ctx, id, changed, now)
}

// storedPrices is what the rows of a call meet.
type storedPrices struct {
	prices  map[Key]Price
	windows map[Key]int // how many have not ended, per SKU, channel and currency
}

func group(k Key) Key {
	k.From = time.Time{}
	return k
}

func (s *Service) stored(ctx context.Context, rows []row, now time.Time) (storedPrices, error) {
	out := storedPrices{prices: map[Key]Price{}, windows: map[Key]int{}}
	var q FindQuery
	channels := map[ref.ChannelID]bool{}
	for _, r := range rows {
		if r.err != nil {
			continue
		}
		q.SKUs = append(q.SKUs, r.price.SKU)
		if !channels[r.price.Channel] {
			channels[r.price.Channel] = true
			q.Channels = append(q.Channels, r.price.Channel)
		}
	}
	found, err := s.cfg.Store.Find(ctx, q)
	if err != nil {
		return out, err
	}
	for _, p := range found {
		out.prices[p.Key] = p
		if p.Until.IsZero() || p.Until.After(now) {
			out.windows[group(p.Key)]++
		}
	}
	return out, nil
}

// Remove deletes at most [MaxBatch] prices and returns one error per key:
// NotFound where there is none or its SKU is foreign. Kinds of the call itself
// as for Set.
func (s *Service) Remove(ctx context.Context, scope ref.Scope, keys []Key) ([]error, error) {
	if !scope.All() && scope.Merchant() == "" {
		return nil, denied()
	}
	if err := checkBatch(len(keys)); err != nil || len(keys) == 0 {
		return nil, err
	}
	skus := make([]ref.SKUID, len(keys))
	for i := range keys {
		skus[i] = keys[i].SKU
	}
	may, err := s.allowed(ctx, scope, skus)
	if err != nil {
		return nil, err
	}
	var own []Key
	wanted := make([]Key, len(keys))
	for i, k := range keys {
		k.From = normal(k.From)
		if wanted[i] = k; may(k.SKU) {
			own = append(own, k)
		}
	}
	id, now := s.cfg.IDs.New(), s.cfg.Clock.Now()
	gone := map[Key]bool{}
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		clear(gone)
		removed, err := s.cfg.Store.Remove(ctx, own)
		if err != nil {
			return err
		}
		changed := make([]Key, len(removed))
		for i, p := range removed {
			changed[i], gone[p.Key] = p.Key, true
		}
		return s.announce(ctx, id, changed, now)
	})
	if err != nil {
		return nil, err
	}
	errs := make([]error, len(keys))
	for i, k := range wanted {
		if !gone[k] {
			errs[i] = missing(k.SKU)
		}
	}
	return errs, nil
}

func (s *Service) announce(ctx context.Context, id string, changed []Key, now time.Time) error {
	if len(changed) == 0 {
		return nil
	}
	records, err := changedEvents(id, changed, now)
	if err != nil {
		return err
	}
	return s.cfg.Events.Append(ctx, records...)
}

func missing(sku ref.SKUID) error {
	return fault.New(fault.NotFound, "pricing.not_found", "no such price").With("sku", string(sku))
}
