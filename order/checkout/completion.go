package checkout

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// CompletionConfig is what a [Completion] is made of.
type CompletionConfig struct {
	// Book enters what becomes of orders. Required.
	Book *order.Book
	// Stock hands pieces out and takes them back. Required.
	Stock *inventory.Service
	// Promotions are those of the [Service]. Defaults to none.
	Promotions Promotions
	// PayWithin and TransferWithin are how long a buyer has to pay who chooses
	// another way to: the same as in [Config]. Default as there.
	PayWithin, TransferWithin time.Duration
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
}

// Completion is what a payment means for the orders: the [payment.Subject] of
// a shop. It runs in the unit that records the payment's outcome.
type Completion struct{ cfg CompletionConfig }

var (
	_ payment.Subject       = (*Completion)(nil)
	_ payment.RefundSubject = (*Completion)(nil)
	_ payment.ChoiceSubject = (*Completion)(nil)
)

// NewCompletion returns a completion, or an error that names every missing
// field.
func NewCompletion(cfg CompletionConfig) (*Completion, error) {
	var missing []error
	if cfg.Book == nil {
		missing = append(missing, errors.New("checkout.CompletionConfig.Book is required"))
	}
	if cfg.Stock == nil {
		missing = append(missing, errors.New("checkout.CompletionConfig.Stock is required"))
	}
	if min(cfg.PayWithin, cfg.TransferWithin) < 0 {
		missing = append(missing, errors.New("checkout.CompletionConfig.durations must not be negative"))
	}
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	cfg.PayWithin = cmp.Or(cfg.PayWithin, payWithin)
	cfg.TransferWithin = cmp.Or(cfg.TransferWithin, transferWithin)
	if cfg.Promotions == nil {
		cfg.Promotions = NoPromotions{}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	return &Completion{cfg: cfg}, nil
}

// Captured pays the orders and hands out their stock. Money for a group of
// which no order wants it any more is not accepted: it goes back. Where nothing
// was to be paid, nothing was paid for the orders that are being canceled: they
// are left to who cancels them.
func (c *Completion) Captured(ctx context.Context, in payment.Intent) (bool, error) {
	g, err := c.cfg.Book.Get(ctx, in.Group)
	if err != nil {
		return false, err
	}
	wanted := false
	for i := range g.Orders {
		o := &g.Orders[i]
		wanted = wanted || o.State != order.StateCanceling && o.State != order.StateCanceled
	}
	if !wanted {
		return false, c.close(ctx, &g, string(payment.ReasonLate))
	}
	b := c.batch(ctx, "")
	var sold []string
	for i := range g.Orders {
		o := &g.Orders[i]
		given := o.State == order.StateCanceling && in.Payable.IsZero()
		if o.State == order.StateCanceled || o.Payment != order.PaymentUnpaid || given {
			continue
		}
		if o.State == order.StatePending || o.State == order.StateCanceling {
			sold = append(sold, string(o.ID))
		}
		b.do(o, o.Pay)
	}
	if err := b.record(ctx, c.cfg.Book, &g); err != nil {
		return false, err
	}
	_, err = c.cfg.Stock.Commit(ctx, sold...)
	return true, err
}

// Closed cancels the orders that were not paid and frees what they hold.
func (c *Completion) Closed(ctx context.Context, in payment.Intent) error {
	g, err := c.cfg.Book.Get(ctx, in.Group)
	if err != nil {
		return err
	}
	return c.close(ctx, &g, string(in.Reason))
}

func (c *Completion) close(ctx context.Context, g *order.Group, reason string) error {
	b := c.batch(ctx, reason)
	for i := range g.Orders {
		o := &g.Orders[i]
		if o.Payment == order.PaymentUnpaid && o.State.To(order.StateCanceled) {
			b.do(o, o.Cancel)
		}
	}
	if err := b.record(ctx, c.cfg.Book, g); err != nil || len(b.orders) == 0 {
		return err
	}
	if err := release(ctx, c.cfg.Promotions, c.cfg.Book, g, b.cause.At); err != nil {
		return err
	}
	return restock(ctx, c.cfg.Stock, b.orders)
}

// restock frees what orders hold and takes back what was handed out for them,
// but for the pieces that came back when they were refunded.
func restock(ctx context.Context, stock *inventory.Service, orders []*order.Order) error {
	ids := make([]string, len(orders))
	var back []inventory.Back
	for i, o := range orders {
		ids[i] = string(o.ID)
		back = append(back, unreturned(o)...)
	}
	if _, err := stock.Release(ctx, ids...); err != nil {
		return err
	}
	return stock.Return(ctx, back...)
}

// Refunded notes on the orders what went back to the buyer, or what the bank
// returned of it.
func (c *Completion) Refunded(ctx context.Context, in payment.Intent, r payment.Refund) error {
	g, err := c.cfg.Book.Get(ctx, in.Group)
	if err != nil {
		return err
	}
	b := c.batch(ctx, string(r.Reason))
	left := r.Amount
	for _, o := range inTurn(&g, r.Key) {
		if left.IsZero() {
			break
		}
		if left, err = b.refund(o, left, r.State == payment.RefundReversed); err != nil {
			return err
		}
	}
	return b.record(ctx, c.cfg.Book, &g)
}

// inTurn returns the paid orders of a group in the order in which a refund is
// noted on them: the one that its key names, then the others.
func inTurn(g *order.Group, key string) []*order.Order {
	var out []*order.Order
	id, _ := refundedOrder(key)
	for i := range g.Orders {
		switch o := &g.Orders[i]; {
		case o.Payment == order.PaymentUnpaid:
		case o.ID == id:
			out = slices.Insert(out, 0, o)
		default:
			out = append(out, o)
		}
	}
	return out
}

// RefundKey is the key of a refund for one order of a group; what names which
// refund of it. What is beyond that order, and a refund under another key, is
// noted on the orders in turn.
func RefundKey(id order.ID, what string) string { return "order/" + string(id) + "/" + what }

func refundedOrder(key string) (order.ID, bool) {
	rest, ok := strings.CutPrefix(key, "order/")
	if !ok {
		return "", false
	}
	id, _, ok := strings.Cut(rest, "/")
	return order.ID(id), ok
}

// batch gathers the changes of several orders of a group.
type batch struct {
	cause   order.Cause
	orders  []*order.Order
	entries []order.Entry
	err     error
}

func (c *Completion) batch(ctx context.Context, reason string) *batch {
	return &batch{cause: order.Cause{At: c.cfg.Clock.Now(), By: acting(ctx, ref.System()), Reason: reason}}
}

// do applies one change to an order.
func (b *batch) do(o *order.Order, change func(order.Cause) (order.Entry, error)) {
	if b.err != nil {
		return
	}
	e, err := change(b.cause)
	if err != nil {
		b.err = err
		return
	}
	b.entries = append(b.entries, e)
	if n := len(b.orders); n == 0 || b.orders[n-1] != o {
		b.orders = append(b.orders, o)
	}
}

// refund notes as much of amount on an order as it holds, and returns the rest.
func (b *batch) refund(o *order.Order, amount money.Money, returned bool) (money.Money, error) {
	room, err := o.Total.Sub(o.Refunded)
	if err != nil {
		return amount, err
	}
	change := o.Refund
	if returned {
		room, change = o.Refunded, o.ReturnRefund
	}
	part := amount
	if room.Minor() < amount.Minor() {
		part = room
	}
	if part.IsZero() {
		return amount, nil
	}
	b.do(o, func(cause order.Cause) (order.Entry, error) { return change(cause, part) })
	return amount.Sub(part)
}

func (b *batch) record(ctx context.Context, book *order.Book, g *order.Group) error {
	if b.err != nil {
		return b.err
	}
	return book.Record(ctx, g, b.orders, b.entries)
}
