package faultpoint_test

import (
	"context"

	"github.com/soukhq/souk/payment"
)

// noted is a gateway that does nothing and notes that it was called.
type noted struct{ called *bool }

func (n noted) Caps() payment.Caps { return payment.Caps{Code: "noted"} }

func (n noted) Pay(context.Context, payment.PayRequest) (payment.Outcome, error) {
	*n.called = true
	return payment.Outcome{}, nil
}

func (n noted) Query(context.Context, payment.AttemptRef) (payment.Outcome, error) {
	*n.called = true
	return payment.Outcome{}, nil
}

func (n noted) Cancel(context.Context, payment.AttemptRef) (payment.Outcome, error) {
	*n.called = true
	return payment.Outcome{}, nil
}

func (n noted) Refund(context.Context, payment.RefundRequest) (payment.RefundOutcome, error) {
	*n.called = true
	return payment.RefundOutcome{}, nil
}

func (n noted) QueryRefund(context.Context, payment.RefundRef) (payment.RefundOutcome, error) {
	*n.called = true
	return payment.RefundOutcome{}, nil
}

func (n noted) Capture(context.Context, payment.AttemptRef) (payment.Outcome, error) {
	*n.called = true
	return payment.Outcome{}, nil
}

func (n noted) ParseNotify(context.Context, payment.RawRequest) (payment.Notification, error) {
	*n.called = true
	return payment.Notification{}, nil
}
