package order

import (
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Topic is the stream of order groups. The aggregate of every event is the
// group, so that what happened to it arrives in the order it happened.
const Topic = "order"

// Placed says that a group was placed. Amounts are minor units of Currency.
type Placed struct {
	Group    GroupID        `json:"group"`
	Number   string         `json:"number"`
	Member   ref.MemberID   `json:"member,omitempty"`
	Company  ref.CompanyID  `json:"company,omitempty"`
	Channel  ref.ChannelID  `json:"channel"`
	Locale   ref.Locale     `json:"locale,omitempty"`
	Source   string         `json:"source,omitempty"`
	Cart     ref.CartID     `json:"cart,omitempty"`
	Intent   ref.IntentID   `json:"intent,omitempty"`
	Currency money.Currency `json:"currency"`
	Payable  int64          `json:"payable"`
	At       time.Time      `json:"at"`
	Orders   []PlacedOrder  `json:"orders"`
}

// PlacedOrder is one order of a placed group.
type PlacedOrder struct {
	Order    ID             `json:"order"`
	Number   string         `json:"number"`
	Merchant ref.MerchantID `json:"merchant"`
	Discount int64          `json:"discount"`
	Shipping int64          `json:"shipping"`
	Tax      int64          `json:"tax"`
	Total    int64          `json:"total"`
	Lines    []PlacedLine   `json:"lines"`
}

// PlacedLine is one line of a placed order. The lines of a group too large
// for one event are left out: read them from the order.
type PlacedLine struct {
	Line     LineID        `json:"line"`
	SKU      ref.SKUID     `json:"sku"`
	Product  ref.ProductID `json:"product"`
	Quantity ref.Quantity  `json:"quantity"`
	Unit     int64         `json:"unit"`
	Discount int64         `json:"discount"`
	Gross    int64         `json:"gross"`
}

// EventName returns the wire name.
func (Placed) EventName() string { return "order.placed.v1" }

// Subject says which order an event is about and which entry of its history
// it announces; every event but [Placed] and [Adopted] carries it.
type Subject struct {
	Group    GroupID        `json:"group"`
	Order    ID             `json:"order"`
	Merchant ref.MerchantID `json:"merchant"`
	Member   ref.MemberID   `json:"member,omitempty"`
	Channel  ref.ChannelID  `json:"channel"`
	Seq      int64          `json:"seq"`
	At       time.Time      `json:"at"`
	Reason   string         `json:"reason,omitempty"`
}

// Confirmed says that an order is to be fulfilled.
type Confirmed struct{ Subject }

// EventName returns the wire name.
func (Confirmed) EventName() string { return "order.confirmed.v1" }

// Unconfirmed says that an order that was to be fulfilled waits for its payment
// again: it would have been paid on delivery, and now is not. Nothing is shipped
// until it is confirmed once more.
type Unconfirmed struct{ Subject }

// EventName returns the wire name.
func (Unconfirmed) EventName() string { return "order.unconfirmed.v1" }

// CancelRequested says that an order will be canceled once it is certain what
// became of its payment.
type CancelRequested struct{ Subject }

// EventName returns the wire name.
func (CancelRequested) EventName() string { return "order.cancel_requested.v1" }

// CancelRefused says that an order that was to be canceled goes on.
type CancelRefused struct{ Subject }

// EventName returns the wire name.
func (CancelRefused) EventName() string { return "order.cancel_refused.v1" }

// Canceled says that an order will not be fulfilled.
type Canceled struct {
	Subject
	// Payment is what had been paid by then.
	Payment PaymentState `json:"payment"`
}

// EventName returns the wire name.
func (Canceled) EventName() string { return "order.canceled.v1" }

// Shipped says that an order is under way.
type Shipped struct{ Subject }

// EventName returns the wire name.
func (Shipped) EventName() string { return "order.shipped.v1" }

// Completed says that an order was received.
type Completed struct{ Subject }

// EventName returns the wire name.
func (Completed) EventName() string { return "order.completed.v1" }

// Paid says that an order was paid in full.
type Paid struct {
	Subject
	Amount money.Money `json:"amount"`
}

// EventName returns the wire name.
func (Paid) EventName() string { return "order.paid.v1" }

// Refunded says that money of an order was given back.
type Refunded struct {
	Subject
	Amount money.Money `json:"amount"`
	// Payment tells a partial refund from a full one.
	Payment PaymentState `json:"payment"`
}

// EventName returns the wire name.
func (Refunded) EventName() string { return "order.refunded.v1" }

// RefundReturned says that a refund came back from the bank.
type RefundReturned struct {
	Subject
	Amount  money.Money  `json:"amount"`
	Payment PaymentState `json:"payment"`
}

// EventName returns the wire name.
func (RefundReturned) EventName() string { return "order.refund_returned.v1" }

// Adopted says that a group which a guest had placed became a member's.
type Adopted struct {
	Group  GroupID      `json:"group"`
	Member ref.MemberID `json:"member"`
	At     time.Time    `json:"at"`
}

// EventName returns the wire name.
func (Adopted) EventName() string { return "order.adopted.v1" }

// maxPlacedLines keeps the event of a group far below what a log takes.
const maxPlacedLines = 2_000

func placedEvent(g *Group) (event.Record, error) {
	p := Placed{
		Group: g.ID, Number: g.Number, Member: g.Member, Company: g.Company, Channel: g.Channel,
		Locale: g.Locale, Source: g.Source, Cart: g.Cart, Intent: g.Intent,
		Currency: g.Currency(), Payable: g.Payable.Minor(), At: g.PlacedAt,
		Orders: make([]PlacedOrder, len(g.Orders)),
	}
	lines := 0
	for i := range g.Orders {
		lines += len(g.Orders[i].Lines)
	}
	for i := range g.Orders {
		o := &g.Orders[i]
		out := PlacedOrder{
			Order: o.ID, Number: o.Number, Merchant: o.Merchant, Discount: o.Discount.Minor(),
			Shipping: o.Shipping.Gross.Minor(), Tax: o.Tax.Minor(), Total: o.Total.Minor(),
			Lines: []PlacedLine{},
		}
		if lines <= maxPlacedLines {
			for j := range o.Lines {
				l := &o.Lines[j]
				out.Lines = append(out.Lines, PlacedLine{
					Line: l.ID, SKU: l.SKU, Product: l.Product, Quantity: l.Quantity,
					Unit: l.UnitPrice.Minor(), Discount: l.Discount.Minor(), Gross: l.Gross.Minor(),
				})
			}
		}
		p.Orders[i] = out
	}
	return event.New(string(g.ID)+"/placed", Topic, string(g.ID), g.PlacedAt, p)
}

// entryEvents returns the events that an entry announces. Their ids follow
// from the entry, so that one that is appended twice is dropped.
func entryEvents(o *Order, e *Entry) ([]event.Record, error) {
	sub := Subject{
		Group: o.Group, Order: o.ID, Merchant: o.Merchant, Member: o.Member, Channel: o.Channel,
		Seq: e.Seq, At: e.At, Reason: e.Reason,
	}
	var payloads []event.Payload
	if e.PaymentFrom != e.PaymentTo || e.PaymentTo == PaymentPartiallyRefunded && !e.Amount.IsZero() {
		switch {
		case e.PaymentFrom == "":
		case e.PaymentFrom == PaymentUnpaid:
			payloads = append(payloads, Paid{sub, e.Amount})
		case e.Returned:
			payloads = append(payloads, RefundReturned{sub, e.Amount, e.PaymentTo})
		default:
			payloads = append(payloads, Refunded{sub, e.Amount, e.PaymentTo})
		}
	}
	if e.Units != nil {
		refunded, err := unitsRefunded(sub, e.Units)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, refunded)
	}
	if e.From != e.To {
		switch e.To {
		case StatePending:
			if e.From != "" { // else announced by Placed
				payloads = append(payloads, Unconfirmed{sub})
			}
		case StateConfirmed:
			if e.From == StateCanceling {
				payloads = append(payloads, CancelRefused{sub})
			} else {
				payloads = append(payloads, Confirmed{sub})
			}
		case StateShipped:
			payloads = append(payloads, Shipped{sub})
		case StateCompleted:
			payloads = append(payloads, Completed{sub})
		case StateCanceling:
			payloads = append(payloads, CancelRequested{sub})
		case StateCanceled:
			payloads = append(payloads, Canceled{sub, e.PaymentTo})
		}
	}
	records := make([]event.Record, 0, len(payloads))
	for _, p := range payloads {
		id := string(o.ID) + "/" + strconv.FormatInt(e.Seq, 10) + "/" + p.EventName()
		rec, err := event.New(id, Topic, string(o.Group), e.At, p)
		if err != nil {
			return nil, err
		}
		records = append(records, rec)
	}
	return records, nil
}
