package shop

import (
	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/offlinepay"
)

// refunds shows what goes back of an order group's money, with the form for
// what an employee pays back by hand.
func (d *desk) refunds(g staffGroup) ([]view.StaffTry, error) {
	list, err := d.Market.Payments.RefundsOf(d.ctx(), d.scope, g.paid.ID)
	if err != nil {
		return nil, err
	}
	out := make([]view.StaffTry, len(list))
	for i := range list {
		r := &list[i]
		leg, gateway := d.byHand(g.paid, r)
		out[i] = view.StaffTry{
			Number: r.Number, Method: "refund.title", State: "refund.state." + string(r.State), Amount: r.Amount, At: r.CreatedAt,
			Reference: leg.ProviderRef, Manual: r.Manual && !r.State.Definite(),
		}
		if out[i].Manual && gateway != nil {
			out[i].Refund, out[i].PaidBack = string(r.ID), d.can(access.PaymentsConfirm, "/staff/orders/"+g.group.Number+"/paid-back")
		}
	}
	return out, nil
}

// byHand returns what is paid back of a refund, and the gateway that takes an
// employee's word for it, nil where none does.
func (s *Shop) byHand(in payment.Intent, r *payment.Refund) (payment.RefundLeg, *offlinepay.Gateway) {
	leg := r.Legs[0] // every refund goes the one way the money came
	a, _ := in.Attempt(leg.Attempt)
	return leg, s.offline[a.Gateway]
}

// postPaidBack takes an employee's word that a refund was paid by hand. The
// same word again changes nothing. FailedPrecondition where somebody has said
// something else before.
func (d *desk) postPaidBack() error {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return err
	}
	g, err := d.found()
	if err != nil {
		return err
	}
	r, err := d.refundIn(g, payment.RefundID(in["refund"]))
	if err != nil {
		return err
	}
	leg, gateway := d.byHand(g.paid, &r)
	if !r.Manual || gateway == nil {
		return noRefund()
	}
	var wrong fault.Violations
	field := string(r.ID) + ".reference"
	said := offlinepay.Receipt{Number: leg.Number, Amount: leg.Amount, Reference: in[field], Staff: d.who.ID}
	checkReference(&wrong, field, said.Reference)
	if err := wrong.Err("staff.paid_back", "nobody could look it up"); err != nil {
		return d.refused(in, err)
	}
	if _, err := d.Market.Payments.Notify(d.ctx(), gateway.Caps().Code, gateway.PaidBack(said)); err != nil {
		return err
	}
	if r, err = d.refundIn(g, r.ID); err != nil {
		return err
	}
	if leg, _ = d.byHand(g.paid, &r); leg.State.Definite() && leg.ProviderRef != said.Reference {
		return d.refused(in, receiptClosed(leg.Number))
	}
	if r.State == payment.RefundSucceeded {
		d.tell(view.Good, "staff.said.paid_back", nil)
	} else {
		d.tell(view.Warn, "staff.said.nothing", nil)
	}
	return d.redirect("/staff/orders/" + g.group.Number)
}

// refundIn returns a refund of an order group's money. NotFound.
func (d *desk) refundIn(g staffGroup, id payment.RefundID) (payment.Refund, error) {
	list, err := d.Market.Payments.RefundsOf(d.ctx(), d.scope, g.paid.ID)
	if err != nil {
		return payment.Refund{}, err
	}
	for _, r := range list {
		if r.ID == id {
			return r, nil
		}
	}
	return payment.Refund{}, noRefund()
}

func noRefund() error {
	return fault.New(fault.NotFound, "staff.paid_back", "no such refund to pay back by hand")
}
