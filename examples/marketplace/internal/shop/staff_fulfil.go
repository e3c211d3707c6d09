package shop

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
)

// parts adds each merchant's order of the group with what the employee can do
// to it, and where it goes.
func (d *desk) parts(p *view.StaffOrder, g staffGroup) error {
	rows, err := d.staffRows(d.ctx(), d.who, p.Locale, g.group.Orders)
	if err != nil {
		return err
	}
	history, err := d.Market.Orders.History(d.ctx(), d.scope, g.group.ID)
	if err != nil {
		return err
	}
	at, told := "/staff/orders/"+g.group.Number, refundWordsOf(&g.group)
	p.Buyer = rows[0].Buyer
	for i := range g.group.Orders {
		o := &g.group.Orders[i]
		part := view.StaffPart{
			StaffRow: rows[i], Order: string(o.ID), Version: o.Version, Delivery: o.Shipping.Label,
			Carrier: o.Parcel.Carrier, Tracking: o.Parcel.Tracking, Refunds: told.of(o, history),
		}
		for j := range o.Lines {
			part.Lines = append(part.Lines, summaryLine(&o.Lines[j], ""))
		}
		if o.Cancellable() {
			part.Cancel = d.can(access.OrdersCancel, at+"/cancel")
		}
		switch o.State {
		case order.StateConfirmed:
			if part.Idle = !o.Kept(); !part.Idle {
				part.Ship = d.can(access.OrdersFulfil, at+"/ship")
			}
		case order.StateShipped:
			if !o.Owed() {
				part.Complete = d.can(access.OrdersFulfil, at+"/complete")
			}
			if o.Payment == order.PaymentUnpaid {
				part.TakeBack = d.can(access.OrdersFulfil, at+"/take-back")
			}
		case order.StatePending, order.StateCompleted, order.StateCanceling, order.StateCanceled:
		}
		if refundable(o) {
			part.Refund = d.can(access.PaymentsRefund, at+"/refunds/"+string(o.ID))
		}
		p.Parts = append(p.Parts, part)
	}
	personal, err := d.Market.Orders.Personal(d.ctx(), d.scope, g.group.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	if !personal.ShipTo.IsZero() {
		a := shownAddress(personal.ShipTo, d.Renderer.Texts(p.Locale))
		p.Address = &a
	}
	return nil
}

// target reads which order of the group a form is about, and the version that
// was seen of it.
func (d *desk) target() (web.Inputs, order.Target, error) {
	in, err := web.ReadForm(d.r)
	if err != nil {
		return in, order.Target{}, err
	}
	g, err := d.Market.Orders.Find(d.ctx(), d.scope, d.r.PathValue("number"))
	if err != nil {
		return in, order.Target{}, err
	}
	if !ref.ValidID(in["order"]) {
		return in, order.Target{}, errNowhere()
	}
	version, err := strconv.ParseInt(in["version"], 10, 64)
	if err != nil || version < 1 {
		return in, order.Target{}, fault.New(fault.Invalid, "staff.version", "no version").WithField("version", "required", nil)
	}
	return in, order.Target{Group: g.ID, Order: order.ID(in["order"]), Version: version}, nil
}

// postShip notes that a parcel was handed to a carrier.
func (d *desk) postShip() error {
	in, about, err := d.target()
	if err != nil {
		return err
	}
	own := in["order"] + "."
	_, err = d.Market.Orders.Ship(d.ctx(), d.scope, order.ShipInput{
		Target: about, Parcel: order.Parcel{Carrier: in[own+"carrier"], Tracking: in[own+"tracking"]},
	})
	if err != nil {
		return d.refused(in, relabel(err, func(path string) (string, fault.Params) {
			return own + strings.TrimPrefix(path, "parcel."), nil
		}))
	}
	d.tell(view.Good, "staff.said.shipped", nil)
	return d.redirect("/staff/orders/" + d.r.PathValue("number"))
}

// postComplete notes that a parcel has arrived.
func (d *desk) postComplete() error {
	in, about, err := d.target()
	if err != nil {
		return err
	}
	if _, err := d.Market.Orders.Complete(d.ctx(), d.scope, about); err != nil {
		return d.refused(in, err)
	}
	d.tell(view.Good, "staff.said.completed", nil)
	return d.redirect("/staff/orders/" + d.r.PathValue("number"))
}

// end makes a form that ends one merchant's order as it was seen.
func (d *desk) end(
	end func(context.Context, ref.Scope, checkout.CancelInput) (checkout.Canceled, error), reason string, said func(*checkout.Canceled, []order.ID) string,
) error {
	in, about, err := d.target()
	if err != nil {
		return err
	}
	one := []order.ID{about.Order}
	done, err := end(d.ctx(), d.scope, checkout.CancelInput{
		Group: about.Group, Orders: one, Versions: map[order.ID]int64{about.Order: about.Version}, Reason: reason,
	})
	if err != nil {
		return d.refused(in, err)
	}
	d.tell(view.Info, said(&done, one), nil)
	return d.redirect("/staff/orders/" + d.r.PathValue("number"))
}

// postCancel cancels one merchant's order that was not sent yet.
func (d *desk) postCancel() error { return d.end(d.Market.Checkout.Cancel, "staff", canceled) }

// postTakeBack notes that a parcel came back because nobody would pay for it at
// the door.
func (d *desk) postTakeBack() error {
	return d.end(d.Market.Checkout.TakeBack, "refused", func(done *checkout.Canceled, _ []order.ID) string {
		if done.Pending {
			return "order.canceling"
		}
		return "staff.said.taken_back"
	})
}

// canceled says what became of a cancellation of some orders of a group, or of
// all where none are named.
func canceled(done *checkout.Canceled, orders []order.ID) string {
	switch {
	case done.Pending:
		return "order.canceling"
	case len(orders) > 0 && len(orders) < len(done.Group.Orders):
		return "order.part_canceled"
	}
	return "order.canceled"
}
