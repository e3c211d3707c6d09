package checkout

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// within is how long a buyer has to pay under terms; zero where it is paid on
// delivery.
func within(terms payment.Terms, pay, transfer time.Duration) time.Duration {
	switch terms {
	case payment.TermsOnDelivery:
		return 0
	case payment.TermsTransfer:
		return transfer
	case payment.TermsImmediate:
		return pay
	}
	return pay
}

// Await implements [payment.Subject]. What is paid on delivery is confirmed, its
// stock handed out, and never expires. Under other terms the orders wait for
// their payment, and are not shipped before: as long as if they had been placed
// like that, and never less long than the buyer was promised before. Stock that
// was handed out stays so until they are paid for or canceled. Orders that are
// shipped cannot be brought back by not paying: beside them nothing expires.
func (c *Completion) Await(ctx context.Context, in payment.Intent, terms payment.Terms) (payment.Awaited, error) {
	g, err := c.cfg.Book.Get(ctx, in.Group)
	if err != nil {
		return payment.Awaited{}, err
	}
	by := c.payBy(&g, &in, terms)
	reason := "payment_chosen"
	if terms == "" {
		reason = "uncollected"
	}
	b := c.batch(ctx, reason)
	var sold []string
	for i := range g.Orders {
		switch o := &g.Orders[i]; {
		case o.Payment != order.PaymentUnpaid:
		case o.State == order.StatePending && terms == payment.TermsOnDelivery:
			b.do(o, o.Confirm)
			sold = append(sold, string(o.ID))
		case o.State == order.StateConfirmed && terms != payment.TermsOnDelivery,
			o.State == order.StatePending && !o.Deadline.Equal(by):
			b.do(o, func(cause order.Cause) (order.Entry, error) { return o.Await(cause, by) })
		}
	}
	out := payment.Awaited{PayBy: by}
	if len(b.entries) > 0 || b.err != nil {
		out.Move = func(ctx context.Context) error {
			if err := b.record(ctx, c.cfg.Book, &g); err != nil || len(sold) == 0 {
				return err
			}
			_, err := c.cfg.Stock.Commit(ctx, sold...)
			return err
		}
	}
	return out, nil
}

// Choose implements [payment.ChoiceSubject]: an offer for those who pay in a
// certain way is not kept by paying in another one.
func (c *Completion) Choose(ctx context.Context, in payment.Intent, gateway string) error {
	g, err := c.cfg.Book.Get(ctx, in.Group)
	if err != nil || !g.Promoted {
		return err
	}
	return c.cfg.Promotions.PaidBy(ctx, g.ID, gateway)
}

// payBy is when a group that is awaited under terms is given up unpaid; zero for
// never.
func (c *Completion) payBy(g *order.Group, in *payment.Intent, terms payment.Terms) time.Time {
	if terms == payment.TermsOnDelivery || shippedUnpaid(g) {
		return time.Time{}
	}
	if terms == "" { // the buyer has to be told before
		if !in.PayBy.IsZero() {
			return in.PayBy
		}
		terms = payment.TermsTransfer
	}
	long := within(terms, c.cfg.PayWithin, c.cfg.TransferWithin)
	if in.PayBy.IsZero() {
		return clock.Normalize(c.cfg.Clock.Now().Add(long))
	}
	if by := g.PlacedAt.Add(long); by.After(in.PayBy) {
		return by
	}
	return in.PayBy
}

func shippedUnpaid(g *order.Group) bool {
	for i := range g.Orders {
		if o := &g.Orders[i]; o.State == order.StateShipped && o.Owed() {
			return true
		}
	}
	return false
}
