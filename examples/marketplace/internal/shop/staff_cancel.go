package shop

import (
	"context"
	"errors"
	"net/http"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
)

// staffParts adds each merchant's order of the group, and where it goes.
func (s *Shop) staffParts(ctx context.Context, p *view.StaffOrder, g staffGroup) error {
	rows, err := s.staffRows(ctx, g.scope, p.Locale, g.group.Orders)
	if err != nil {
		return err
	}
	p.Buyer = rows[0].Buyer
	for i := range g.group.Orders {
		o := &g.group.Orders[i]
		part := view.StaffPart{StaffRow: rows[i], Delivery: o.Shipping.Label}
		for j := range o.Lines {
			part.Lines = append(part.Lines, summaryLine(&o.Lines[j], ""))
		}
		if o.Cancellable() && g.clerk.Can(access.OrdersCancel) {
			part.Cancel, part.Order = "/staff/orders/"+g.group.Number+"/cancel", string(o.ID)
		}
		p.Parts = append(p.Parts, part)
	}
	personal, err := s.Market.Orders.Personal(ctx, g.scope, g.group.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	if !personal.ShipTo.IsZero() {
		a := shownAddress(personal.ShipTo, s.Renderer.Texts(p.Locale))
		p.Address = &a
	}
	return nil
}

// postStaffCancel cancels one merchant's order, as when a parcel came back
// because nobody would pay for it at the door.
func (s *Shop) postStaffCancel(w http.ResponseWriter, r *http.Request) error {
	in, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	g, err := s.staffGroup(r, access.OrdersRead, access.PaymentsRead, access.OrdersCancel)
	if errors.Is(err, fault.Unauthenticated) {
		return web.Redirect(w, r, "/staff/sign-in")
	}
	if err != nil {
		return err
	}
	if !ref.ValidID(in["order"]) {
		return errNowhere()
	}
	one := []order.ID{order.ID(in["order"])}
	done, err := s.Market.Checkout.Cancel(r.Context(), g.scope, checkout.CancelInput{Group: g.group.ID, Orders: one, Reason: "staff"})
	if err != nil {
		return err
	}
	s.staff.Tell(r.Context(), view.Notice{Tone: view.Info, Key: canceled(&done, one)})
	return web.Redirect(w, r, "/staff/orders/"+g.group.Number)
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
