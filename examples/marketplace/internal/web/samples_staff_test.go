package web_test

import (
	"fmt"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

func (s samples) staffOrders(empty bool) view.StaffOrders {
	o := view.StaffOrders{
		Chrome: s.chrome("Rowan", 0), Staff: "Rowan", Next: "?after=x",
		Channels: []view.Choice{{Code: "", Label: "–"}, {Code: "en", Label: "English"}}, States: []view.Choice{{Code: "", Label: "–"}}, Payments: []view.Choice{{Code: "", Label: "–"}, {Code: "paid", Label: "paid"}},
	}
	if empty {
		o.Next, o.Clear = "", "?"
		return o
	}
	for i, c := range s.orderCards() {
		row := view.StaffRow{Number: c.Number + "-1", Group: c.Number, PlacedAt: c.PlacedAt, Channel: s.text(s.shop.Name), Merchant: s.text(s.merchants[s.shop.Products[i*31].Merchant].Name), Pieces: c.Pieces, Total: c.Total, State: c.State, Payment: c.Payment, Method: "method.fakepay", Attempts: i}
		if i%2 == 0 {
			row.Buyer = s.name()
		}
		o.Rows = append(o.Rows, row)
	}
	return o
}

func (s samples) staffOrder(cash, wrong bool) view.StaffOrder {
	rows := s.staffOrders(false).Rows
	p := view.StaffOrder{
		Chrome: s.chrome("Rowan", 0), Number: rows[0].Group, PlacedAt: rows[0].PlacedAt, Channel: rows[0].Channel, Buyer: rows[0].Buyer,
		State: "pending", Payment: "unpaid", Summary: s.summary(true), Payments: true, Refunded: rows[0].Total, PayBy: rows[0].PlacedAt.AddDate(0, 0, 7),
		Parts: []view.StaffPart{
			{StaffRow: rows[0], Delivery: "rate.standard", Cancel: "#", Ship: "#", Order: "o", Version: 1},
			{StaffRow: rows[1], Complete: "#", TakeBack: "#", Refund: "#", Order: "p", Version: 2, Carrier: "UPS", Tracking: "1Z 999", Refunds: s.promotedOrder().Parts[0].Refunds},
			{StaffRow: rows[2], Delivery: "rate.standard", Cancel: "#", Idle: true, Order: "q", Version: 3, Refunds: s.promotedOrder().Parts[0].Refunds},
		},
		Refunds: []view.StaffTry{{Number: "RF0198F0C2A7D17E4B9E2A5C", Method: "refund.title", State: "refund.state.pending", Amount: rows[0].Total, At: rows[0].PlacedAt, Manual: true, PaidBack: "#", Refund: "r"}},
		Tries: []view.StaffTry{
			{Number: "PA0198F0C2A7D17E4B9E2A5C", Method: "method.fakepay", State: "attempt.declined", Amount: rows[0].Total, At: rows[0].PlacedAt},
			{Number: "PA0198F0C2A7D17E4B9E2A5D", Method: "method.transfer", State: "attempt.pending", Amount: rows[0].Total, At: rows[0].PlacedAt, Reference: "41/7", Late: true, Conflict: "USD 9.99"},
		},
		Receipt: &view.Receipt{Action: "#", Attempt: "a", Number: "PA0198F0C2A7D17E4B9E2A5D", Amount: rows[0].Total, Cash: cash, Refusable: cash, Over: wrong},
		Unexpected: []view.Receipt{
			{Action: "#", Own: "b", Attempt: "b", Number: "PA0198F0C2A7D17E4B9E2A5B", Method: "method.transfer", Amount: rows[1].Total, At: rows[1].PlacedAt, Over: true},
			{Action: "#", Own: "c", Attempt: "c", Number: "PA0198F0C2A7D17E4B9E2A5A", Method: "method.cod", Amount: rows[0].Total, At: rows[0].PlacedAt, Cash: true},
		},
		Waits: wrong,
	}
	if wrong {
		p.Unexpected[0].Form = view.Form{Values: map[string]string{"amount": "x"}, Faults: []fault.Field{{Path: "amount", Code: "money"}, {Path: "reference", Code: "required"}}}
	}
	return p
}

// staffRefund is the form of a refund, with what would go back or what is wrong.
func (s samples) staffRefund(wrong bool) view.StaffRefund {
	note := s.promotedOrder().Parts[0].Refunds[0]
	note.Ahead = true
	p := view.StaffRefund{
		Chrome: s.chrome("Rowan", 0), Number: "S-20260314-0042-1", Back: "#", Action: "#", Key: "k", Delivery: true, DeliveryChosen: true, Preview: &note, Seen: "returned", Unsent: true,
		Reasons: []view.Choice{{Code: "returned", Label: "↩", Selected: true}},
	}
	for i, l := range s.summary(true).Lines {
		p.Lines = append(p.Lines, view.RefundChoice{Field: fmt.Sprintf("line.%d.quantity", i), Line: l, Left: int64(i)})
	}
	if wrong {
		p.Preview, p.Unsent = nil, false
		p.Form = view.Form{Faults: []fault.Field{{Path: "line.1.quantity", Code: "out_of_range", Params: fault.Params{"min": 0, "max": 1}}}}
	}
	return p
}
