package checkout

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/soukhq/souk/commerce/actor"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// MaxRefundKey bounds the key of a refund, in bytes.
const MaxRefundKey = 100

// RefundInput names pieces of one order that are paid back.
type RefundInput struct {
	Group ref.GroupID
	Order order.ID
	// Version is the version of the order that the caller has seen: where it
	// moved on, was shipped or had other pieces refunded, nothing is paid back.
	// Zero takes the newest.
	Version int64
	Lines   []RefundLine
	// Delivery pays the delivery back too.
	Delivery bool
	// Withdrawn says that it is not the buyer who gives the pieces up: they
	// could not be delivered, or were lost or damaged. They earn offers for what
	// is kept as if they were kept too, so that nothing is clawed back for them,
	// now or later.
	Withdrawn bool
	// Reason is a code such as "returned" or "damaged": at most
	// order.MaxReason lower case letters, digits and underscores. Defaults to
	// "returned".
	Reason string
	// Key makes the call repeatable: 1 to [MaxRefundKey] bytes, chosen by the
	// caller. It stands for this input for ever.
	Key string
	// Expect is what the caller was told goes back in all, the
	// [Refunded.Total] of a preview: where it is another amount by now, nothing
	// is paid back. The zero value expects nothing.
	Expect money.Money
}

// RefundLine is so many pieces of a line.
type RefundLine struct {
	Line     order.LineID
	Quantity ref.Quantity
}

// Refunded is what became of a refund.
type Refunded struct {
	Group order.Group
	// Units is what was decided: the pieces, what they are worth, what was
	// clawed back, and the amount.
	Units order.UnitRefund
	// Refund is the payment's; zero where nothing goes back. A merchant sees
	// no more of it than what goes back.
	Refund payment.Refund
	// GivenBack is what goes back beside it: what was kept back of refunds of
	// the group's other orders, and is not due any more.
	GivenBack []GivenBack
	// Replayed says that an earlier call decided it.
	Replayed bool
}

// Total returns what goes back in all: of the pieces, and of the group's other
// orders beside it.
func (r Refunded) Total() money.Money {
	sum := r.Units.Amount.Minor()
	for i := range r.GivenBack {
		sum += r.GivenBack[i].Units.Amount.Minor()
	}
	return money.New(sum, r.Units.Amount.Currency())
}

// Refund pays pieces of an order back, as often as there are pieces left. What
// they are worth are their shares of the amounts frozen with the order, so
// that any partition in any order sums to what was paid, see [WorthOf]; the
// promotions are asked for nothing but claw-backs, which are entries of their
// own. What is kept back in all depends on what the buyer keeps, not on the
// steps that led there: a later refund gives back what is too much by then, and
// once everything came back, so did everything that was paid. It goes back from
// the order of which it was kept back. Nobody ever pays for a refund, and never
// more goes back than is left of what was paid for an order: after a goodwill,
// the last pieces are worth that much less.
//
// A goodwill counts from the moment it is asked for. One that fails, or that the
// bank returns, after pieces were refunded beside it leaves the buyer short of
// what they were worth: a case of the reason [payment.CaseRefundFailed] is open
// then, and until the difference went back, by another refund of the payment
// under a [RefundKey] of the order, Verify reports it as I8.
//
// Pieces of an order that is not shipped go back to stock in the same unit, to
// where they were to be taken from; a damaged one is then taken off by a
// correction. Of one that is shipped, what came back is counted when it is put
// on the shelf. Staff and system may, and the order's merchant. Never call it inside a unit.
// Kinds: NotFound; PermissionDenied for the buyer; Invalid with every wrong
// field; FailedPrecondition, code "order.not_refundable", for an order that
// was not paid or is canceled, "checkout.refund_changed" for another version of
// it than was seen and, with the amount, for another one than was expected;
// Exhausted, code "order.over_return", where not
// as many pieces are left; Conflict, code "checkout.refund_key", for a key
// that stands for another refund.
func (s *Service) Refund(ctx context.Context, scope ref.Scope, in RefundInput) (Refunded, error) {
	in, err := in.checked()
	if err != nil {
		return Refunded{}, err
	}
	if actor.From(ctx).Scope.Kind() == ref.NoScope {
		ctx = actor.With(ctx, actor.Actor{Scope: scope})
	}
	var out Refunded
	err = s.retry(ctx, func(ctx context.Context) error {
		r, err := s.draftRefund(ctx, scope, in)
		if err != nil {
			return err
		}
		if out = r.out; out.Replayed {
			return nil
		}
		told, err := out.seen(scope)
		if err != nil {
			return err
		}
		if err := in.expects(told.Total()); err != nil {
			return err
		}
		cause := s.cause(ctx, scope, s.cfg.Clock.Now(), in.Reason)
		err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
			return s.recordRefund(ctx, r, cause)
		})
		out = r.out
		return err
	})
	if err != nil {
		return Refunded{}, err
	}
	if out.Refund.ID != "" && !out.Replayed {
		// Whatever becomes of the call, the sweeper ends it.
		if sent, err := s.cfg.Payments.SendRefund(ctx, ref.System(), out.Refund.ID); err != nil {
			s.cfg.Log.WarnContext(ctx, "checkout: the refund goes on without us", "group", in.Group, "error", err)
		} else {
			out.Refund = sent
		}
	}
	if !out.Replayed {
		s.sendBack(ctx, in.Group, out.GivenBack)
	}
	if out.Group, err = s.cfg.Book.Get(ctx, in.Group); err != nil {
		return Refunded{}, err
	}
	return out.seen(scope)
}

// expects refuses what is not what the caller was told.
func (in RefundInput) expects(total money.Money) error {
	if in.Expect == (money.Money{}) || in.Expect == total {
		return nil
	}
	return fault.New(fault.FailedPrecondition, "checkout.refund_changed", "another amount goes back by now").With("amount", total)
}

// PreviewRefund tells what [Service.Refund] would pay back now, of the order and
// of the group's others beside it, and what it would claw back, and changes
// nothing; Replayed where the key has done so already. Kinds as for Refund.
func (s *Service) PreviewRefund(ctx context.Context, scope ref.Scope, in RefundInput) (Refunded, error) {
	in, err := in.checked()
	if err != nil {
		return Refunded{}, err
	}
	r, err := s.draftRefund(ctx, scope, in)
	if err != nil {
		return Refunded{}, err
	}
	if !r.out.Replayed {
		cause := s.cause(ctx, scope, s.cfg.Clock.Now(), in.Reason)
		if _, err := r.order.RefundUnits(cause, r.out.Units, r.history); err != nil {
			return Refunded{}, err
		}
	}
	return r.out.seen(scope)
}

// seen returns the part of what became of it that a scope may see.
func (r Refunded) seen(scope ref.Scope) (Refunded, error) {
	var err error
	if r.Group, err = r.Group.Seen(scope); err != nil || scope.All() {
		return r, err
	}
	r.Refund.Intent, r.Refund.Legs = "", nil
	r.GivenBack = seenBack(&r.Group, r.GivenBack)
	return r, nil
}

// seenBack leaves what is given back of the orders of a merchant's part, and no
// more of it than a merchant sees.
func seenBack(g *order.Group, all []GivenBack) []GivenBack {
	var out []GivenBack
	for _, b := range all {
		if _, err := g.Order(b.Order); err == nil {
			b.Refund.Intent, b.Refund.Legs = "", nil
			out = append(out, b)
		}
	}
	return out
}

// sendBack sends what orders give back. Whatever becomes of the call, the
// sweeper ends it.
func (s *Service) sendBack(ctx context.Context, id ref.GroupID, back []GivenBack) {
	for i := range back {
		if back[i].Refund.ID == "" {
			continue
		}
		sent, err := s.cfg.Payments.SendRefund(ctx, ref.System(), back[i].Refund.ID)
		if err != nil {
			s.cfg.Log.WarnContext(ctx, "checkout: the refund goes on without us", "group", id, "error", err)
			continue
		}
		back[i].Refund = sent
	}
}

func (in RefundInput) checked() (RefundInput, error) {
	if in.Reason == "" {
		in.Reason = string(payment.ReasonReturned)
	}
	var v fault.Violations
	v.Merge("", checkReason(in.Reason))
	checkKey(&v, in.Key, MaxRefundKey)
	if len(in.Lines) == 0 && !in.Delivery {
		v.Add("lines", "required", nil)
	}
	if len(in.Lines) > order.MaxRefundLines {
		v.Add("lines", "too_many", fault.Params{"max": order.MaxRefundLines})
	}
	in.Lines = slices.Clone(in.Lines)
	seen := map[order.LineID]bool{}
	for i, l := range in.Lines {
		if !l.Quantity.Valid() {
			v.Add(fmt.Sprintf("lines[%d].quantity", i), "out_of_range", fault.Params{"min": 1, "max": ref.MaxQuantity})
		}
		if seen[l.Line] {
			v.Add(fmt.Sprintf("lines[%d].line", i), "duplicate", nil)
		}
		seen[l.Line] = true
	}
	return in, v.Err("checkout.invalid", "the refund is not valid")
}

// draftedRefund is a refund before it is written.
type draftedRefund struct {
	group   order.Group
	order   *order.Order
	history []order.Entry
	under   map[order.ID]int64 // see refunding
	out     Refunded
}

// draftRefund decides what goes back, or finds what an earlier call decided.
func (s *Service) draftRefund(ctx context.Context, scope ref.Scope, in RefundInput) (*draftedRefund, error) {
	r := &draftedRefund{}
	var err error
	if r.group, err = s.cfg.Book.Get(ctx, in.Group); err != nil {
		return nil, err
	}
	r.out.Group = r.group
	seen, err := r.group.Seen(scope)
	if err != nil {
		return nil, err
	}
	if _, err := seen.Order(in.Order); err != nil {
		return nil, err
	}
	if !scope.All() && scope.Merchant() == "" {
		return nil, fault.New(fault.PermissionDenied, "checkout.denied", "the caller may not pay anything back")
	}
	if r.order, err = r.group.Order(in.Order); err != nil {
		return nil, err
	}
	if r.history, err = s.historyOf(ctx, &r.group); err != nil {
		return nil, err
	}
	for i := range r.history {
		e := &r.history[i]
		if e.Units != nil && e.Order == in.Order && e.Units.Key == in.Key && !givesBack(e.Units) {
			return r, s.replayRefund(ctx, r, e, in)
		}
	}
	if in.Version != 0 && in.Version != r.order.Version {
		return nil, fault.New(fault.FailedPrecondition, "checkout.refund_changed", "the order changed since it was seen").
			With("order", string(in.Order))
	}
	if r.out.Units, err = unitsOf(r.order, in); err != nil {
		return nil, err
	}
	if r.order.Payment == order.PaymentUnpaid {
		return r, nil // which is refused with its reason when it is noted
	}
	if r.under, err = s.refunding(ctx, &r.group); err != nil {
		return nil, err
	}
	if err := s.clawBack(ctx, r); err != nil {
		return nil, err
	}
	r.out.Units.Amount, err = goesBack(&r.out.Units, r.order, r.under[r.order.ID])
	return r, err
}

// givesBack reports whether a refund is of no pieces of its order.
func givesBack(u *order.UnitRefund) bool { return len(u.Lines) == 0 && u.Delivery == nil }

// replayRefund answers a key that was used.
func (s *Service) replayRefund(ctx context.Context, r *draftedRefund, e *order.Entry, in RefundInput) error {
	u := *e.Units
	same := len(u.Lines) == len(in.Lines) && (u.Delivery != nil) == in.Delivery && u.Withdrawn == in.Withdrawn && e.Reason == in.Reason
	for _, l := range in.Lines {
		same = same && slices.ContainsFunc(u.Lines, func(o order.RefundedUnits) bool {
			return o.Line == l.Line && o.Quantity == l.Quantity
		})
	}
	if !same {
		return fault.New(fault.Conflict, "checkout.refund_key", "the key stands for another refund").With("key", in.Key)
	}
	r.out.Units, r.out.Replayed = u, true
	key, paid := linked(string(in.Order), in.Key), u.Payment != ""
	for i := range r.history {
		if b := &r.history[i]; b.Units != nil && b.Units.Key == key && givesBack(b.Units) {
			r.out.GivenBack = append(r.out.GivenBack, GivenBack{Order: b.Order, Units: *b.Units})
			paid = paid || b.Units.Payment != ""
		}
	}
	if !paid {
		return nil
	}
	refunds, err := s.cfg.Payments.RefundsOfCapture(ctx, ref.System(), r.group.Intent)
	if err != nil {
		return err
	}
	for _, p := range refunds {
		if string(p.ID) == u.Payment {
			r.out.Refund = p
		}
		for i := range r.out.GivenBack {
			if b := &r.out.GivenBack[i]; string(p.ID) == b.Units.Payment {
				b.Refund = p
			}
		}
	}
	return nil
}

// recordRefund writes a refund, inside a unit: the payment's rows first and the
// stock's last, as everywhere. The orders' versions decide between it and who
// ships, cancels or refunds another part of the group at the same moment.
func (s *Service) recordRefund(ctx context.Context, r *draftedRefund, cause order.Cause) error {
	next := r.group.Clone()
	o, err := next.Order(r.order.ID)
	if err != nil {
		return err
	}
	u := r.out.Units
	r.out.Refund = payment.Refund{}
	if u.Amount.Sign() > 0 {
		r.out.Refund, err = s.cfg.Payments.Refund(ctx, ref.System(), payment.RefundInput{
			Intent: next.Intent, Key: RefundKey(o.ID, "units/"+u.Key), Reason: payment.ReasonReturned, Amount: u.Amount,
		})
		if err != nil {
			return err
		}
		u.Payment = string(r.out.Refund.ID)
	}
	b := &batch{cause: cause}
	b.do(o, func(c order.Cause) (order.Entry, error) { return o.RefundUnits(c, u, r.history) })
	if r.out.GivenBack, err = s.recordBack(ctx, &next, r.out.GivenBack, r.history, b, payment.ReasonReturned); err != nil {
		return err
	}
	e := b.entries[0]
	r.out.Units = *e.Units
	if err := s.stillUnder(ctx, r.group.ID, r.under, opened([]payment.Refund{r.out.Refund}, r.out.GivenBack)); err != nil {
		return err
	}
	if err := s.cfg.Book.Record(ctx, &next, watch(&next, b.orders), b.entries); err != nil || !inHouse(e.To) {
		return err
	}
	return s.cfg.Stock.Return(ctx, refunded(r.order, &u)...)
}

// stillUnder refuses a refund, or a cancellation, beside which another refund
// came under way since it was drafted, such as a goodwill, or has arrived and left
// less room for others: it is drafted anew, with what that has left. It is asked
// when the payment's row is held by what this one has opened.
func (s *Service) stillUnder(ctx context.Context, id ref.GroupID, under map[order.ID]int64, own []payment.RefundID) error {
	g, err := s.cfg.Book.Get(ctx, id)
	if err != nil {
		return err
	}
	now, err := s.refunding(ctx, &g, own...)
	if err != nil || maps.Equal(now, under) {
		return err
	}
	return fault.New(fault.Conflict, "checkout.refunded_meanwhile", "another refund is under way")
}
