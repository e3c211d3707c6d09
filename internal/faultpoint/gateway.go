package faultpoint

import (
	"context"
	"reflect"

	"github.com/soukhq/souk/payment"
)

// gatewayTypes are the ports of a gateway.
func gatewayTypes() []reflect.Type {
	return []reflect.Type{
		reflect.TypeFor[payment.Gateway](), reflect.TypeFor[payment.Refunder](),
		reflect.TypeFor[payment.Capturer](), reflect.TypeFor[payment.Notifier](),
	}
}

// Full is a gateway with every power.
type Full interface {
	payment.Gateway
	payment.Refunder
	payment.Capturer
	payment.Notifier
}

// Gateway returns a gateway whose calls pass the points: before the request is
// sent, and after it took effect, where the answer is lost.
func (p *Process) Gateway(next Full) Full { return &gateway{process: p, next: next} }

type gateway struct {
	process *Process
	next    Full
}

func call[T any](g *gateway, name string, fn func() (T, error)) (T, error) {
	var none T
	name = gatewayCall(name)
	if err := g.process.hit(name+before, unknown); err != nil {
		return none, err
	}
	out, err := fn()
	if lost := g.process.hit(name+after, unknown); lost != nil {
		return none, lost
	}
	return out, err
}

func (g *gateway) Caps() payment.Caps { return g.next.Caps() }

func (g *gateway) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	return call(g, "Pay", func() (payment.Outcome, error) { return g.next.Pay(ctx, req) })
}

func (g *gateway) Query(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return call(g, "Query", func() (payment.Outcome, error) { return g.next.Query(ctx, ref) })
}

func (g *gateway) Cancel(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return call(g, "Cancel", func() (payment.Outcome, error) { return g.next.Cancel(ctx, ref) })
}

func (g *gateway) Refund(ctx context.Context, req payment.RefundRequest) (payment.RefundOutcome, error) {
	return call(g, "Refund", func() (payment.RefundOutcome, error) { return g.next.Refund(ctx, req) })
}

func (g *gateway) QueryRefund(ctx context.Context, ref payment.RefundRef) (payment.RefundOutcome, error) {
	return call(g, "QueryRefund", func() (payment.RefundOutcome, error) { return g.next.QueryRefund(ctx, ref) })
}

func (g *gateway) Capture(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return call(g, "Capture", func() (payment.Outcome, error) { return g.next.Capture(ctx, ref) })
}

func (g *gateway) ParseNotify(ctx context.Context, raw payment.RawRequest) (payment.Notification, error) {
	return call(g, "ParseNotify", func() (payment.Notification, error) { return g.next.ParseNotify(ctx, raw) })
}
