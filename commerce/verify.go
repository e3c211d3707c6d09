package commerce

import (
	"context"
	"fmt"
	"iter"

	"github.com/soukhq/souk/payment"
)

// Violation is a broken invariant: its name, the object that breaks it, how.
type Violation = payment.Violation

// Verify reads the whole shop and yields every invariant of money and stock
// that does not hold; a sound shop yields nothing. It changes nothing, reads a
// page at a time, may run while the shop sells, and stops at the first error
// of a store. The invariants are named in the comments of
// payment.Service.Verify, checkout.Service.Verify and inventory.Service.Verify;
// beside them
//
//   - I7: a group of orders that are all canceled holds no use of a promotion and
//     no coupon, but for one that it has paid with and that is good for one
//     order only. What a store cannot list is not looked at, see
//     campaign.UsageLister and coupon.TieLister;
//   - I19: every entry of an order's history and every row of a payment's is
//     announced in the event log, once, and nothing else is, for as long as the
//     log surely keeps it;
//   - I20: the events of an order stand in the log in the order of its history;
//   - I27: what is counted of a promotion is what its held redemptions add up
//     to, and no more than its limit;
//   - I28: as many coupons of a bounded template are there as were counted, of
//     each member and in all.
func (m *Marketplace) Verify(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		for _, part := range []iter.Seq2[Violation, error]{
			m.Payments.Verify(ctx), m.Checkout.Verify(ctx, m.Orders), m.verifyStock(ctx), m.verifyUses(ctx), m.verifyCoupons(ctx),
			m.verifyHeldUses(ctx), m.verifyTiedCoupons(ctx), m.verifyEvents(ctx, maxGroups),
		} {
			for v, err := range part {
				if !yield(v, err) {
					return
				}
			}
		}
	}
}

// maxMismatches bounds how many levels, reservations and counters one run reports.
const maxMismatches = 1_000

func (m *Marketplace) verifyStock(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		wrong, err := m.Stock.Verify(ctx, maxMismatches)
		if err != nil {
			yield(Violation{}, err)
			return
		}
		for _, w := range wrong {
			v := Violation{
				Invariant: "I21", Object: string(w.SKU) + " at " + string(w.Location),
				Detail: fmt.Sprintf("level %d/%d, held %d, ledger %d/%d",
					w.OnHand, w.Reserved, w.HeldSum, w.LedgerOnHand, w.LedgerReserved),
			}
			if !yield(v, nil) {
				return
			}
		}
		unfounded, err := m.Stock.VerifyReservations(ctx, maxMismatches)
		if err != nil {
			yield(Violation{}, err)
			return
		}
		for _, u := range unfounded {
			v := Violation{
				Invariant: "I22", Object: string(u.SKU) + " of " + u.Owner,
				Detail: fmt.Sprintf("%d %q, the ledger says reserved %d, sold %d, freed %d in %d entries, returned %d",
					u.Quantity, u.State, u.Reserved, u.Sold, u.Freed, u.Entries, u.Returned),
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (m *Marketplace) verifyUses(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		if m.Campaigns == nil {
			return
		}
		wrong, err := m.Campaigns.Verify(ctx, maxMismatches)
		if err != nil {
			yield(Violation{}, err)
			return
		}
		for _, w := range wrong {
			v := Violation{
				Invariant: "I27", Object: fmt.Sprintf("%s of %s %s", w.Limit, w.Promotion, w.Buyer),
				Detail: fmt.Sprintf("%d of %d counted, %d held", w.Used, w.Bound, w.Held),
			}
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (m *Marketplace) verifyCoupons(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		if m.Coupons == nil {
			return
		}
		wrong, err := m.Coupons.Verify(ctx, maxMismatches)
		if err != nil {
			yield(Violation{}, err)
			return
		}
		for _, w := range wrong {
			object := string(w.Template)
			if w.Member != "" {
				object += " of " + string(w.Member)
			}
			v := Violation{Invariant: "I28", Object: object, Detail: fmt.Sprintf("counted %d, there are %d", w.Counted, w.Coupons)}
			if !yield(v, nil) {
				return
			}
		}
	}
}
