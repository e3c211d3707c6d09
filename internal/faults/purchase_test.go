package faults_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

func home() address.Address {
	return address.Address{
		Name: "Bo Li", Phone: "+1 202 555 0143", Country: "US", Region: "CA", City: "Los Angeles",
		Line1: "1 Main St", PostalCode: "90001",
	}
}

// buyer is one purchase of a story, and what is known of it so far.
type buyer struct {
	scope  ref.Scope
	key    string
	choice checkout.Choice
	in     checkout.PlaceInput
	placed checkout.Placed
}

func (b *buyer) order(by ref.MerchantID) order.Target {
	t := order.Target{Group: b.placed.Group.ID}
	for i := range b.placed.Group.Orders {
		if o := &b.placed.Group.Orders[i]; o.Merchant == by {
			t.Order = o.ID
		}
	}
	return t
}

// wish puts pieces into the buyer's cart, once.
func (b *buyer) wish(ctx context.Context, items ...cart.Item) step {
	return func(s *shop) error {
		c, err := s.Carts.Open(ctx, b.scope, channel)
		if err != nil {
			return err
		}
		if len(c.Lines) == 0 { // the first try may have done it
			if c, err = s.Carts.Add(ctx, b.scope, cart.AddInput{Target: cart.Target{Cart: c.ID}, Items: items}); err != nil {
				return err
			}
		}
		b.choice = checkout.Choice{Cart: c.ID, Gateway: "fakepay", ShipTo: home()}
		return nil
	}
}

func (b *buyer) quote(ctx context.Context) step {
	return func(s *shop) error {
		q, err := s.Checkout.Quote(ctx, b.scope, b.choice)
		b.in = checkout.PlaceInput{Choice: b.choice, Quote: q.ID, Key: b.key}
		return err
	}
}

func (b *buyer) place(ctx context.Context) step {
	return func(s *shop) (err error) {
		b.placed, err = s.Checkout.Place(ctx, b.scope, b.in)
		return err
	}
}

// arrive waits until the bank knows of the payment: where the request was lost,
// the shop finds out and sends it again.
func (b *buyer) arrive(ctx context.Context) step {
	return func(s *shop) error {
		a, _ := b.placed.Intent.Last()
		for range maxRest {
			if _, err := s.w.bank.Find(a.Number); !errors.Is(err, fault.NotFound) {
				return err
			}
			s.w.clock.Advance(time.Minute)
			if err := s.Drain(ctx); err != nil {
				return err
			}
		}
		return fault.New(fault.Internal, "test.never", "the request never arrives")
	}
}

// pay is what the buyer does on the bank's page.
func (b *buyer) pay(ctx context.Context) step {
	return func(s *shop) error {
		a, _ := b.placed.Intent.Last()
		return s.w.bank.Approve(ctx, a.Number)
	}
}

// paid waits until the shop knows that the buyer has paid.
func (b *buyer) paid(ctx context.Context) step {
	return func(s *shop) error {
		for range maxRest {
			in, err := s.Payments.Get(ctx, staff(), b.placed.Intent.ID)
			if err != nil || in.State.Paid() {
				return err
			}
			s.w.clock.Advance(time.Minute)
			if err := s.Drain(ctx); err != nil {
				return err
			}
		}
		return fault.New(fault.Internal, "test.never", "nobody hears of the payment")
	}
}

// capture takes what the bank holds; where the request was lost, again.
func (b *buyer) capture(ctx context.Context) step {
	return func(s *shop) error {
		for range maxRest {
			in, err := s.Payments.Get(ctx, staff(), b.placed.Intent.ID)
			if err != nil || in.State.Paid() {
				return err
			}
			if in.State == payment.IntentAuthorized {
				// Refused while nobody knows what became of an earlier try.
				in, err = s.Payments.Capture(ctx, staff(), in.ID)
				if err = done(err, fault.FailedPrecondition); err != nil || in.State.Paid() {
					return err
				}
			}
			s.w.clock.Advance(time.Minute)
			if err := s.Drain(ctx); err != nil {
				return err
			}
		}
		return fault.New(fault.Internal, "test.never", "the payment is never captured")
	}
}

// refunded waits until the bank has paid back.
func (s *shop) refunded(ctx context.Context, r payment.Refund) error {
	for range maxRest {
		if slices.ContainsFunc(s.w.bank.Refunds(), func(b fakepay.Refund) bool { return b.Number == r.Legs[0].Number }) {
			return nil
		}
		s.w.clock.Advance(time.Minute)
		if err := s.Drain(ctx); err != nil {
			return err
		}
	}
	return fault.New(fault.Internal, "test.never", "the refund is never made")
}

// soon is long enough for the leases of whoever failed to be over.
const soon = 20 * time.Second

// later lets time go by, at least soon, and what is due be done.
func later(ctx context.Context, d time.Duration) step {
	var at time.Time
	return func(s *shop) error {
		if at.IsZero() {
			at = s.w.clock.Now().Add(d)
		}
		s.w.clock.Advance(max(soon, at.Sub(s.w.clock.Now())))
		return s.Drain(ctx)
	}
}

// done takes a refusal for a success: an earlier try had it.
func done(err error, kinds ...error) error {
	for _, k := range kinds {
		if errors.Is(err, k) {
			return nil
		}
	}
	return err
}

// purchase is the story of three buyers. Bo, a member, puts goods of two
// merchants into a cart, some of them as a guest, pays on the bank's page, has a
// piece paid back and cancels that merchant's part; the other is shipped while the mail server is
// down, partly refunded and completed. What a guest orders and never pays
// becomes Bo's. The payment of
// another is authorized and captured, and the order counts as received in time.
// The bank speaks of a payment that nobody knows, and staff look after it.
func purchase(ctx context.Context) []step {
	bo := &buyer{scope: ref.Member("bo"), key: "bo-1"}
	idle := &buyer{scope: ref.Guest("idle"), key: "idle-1"}
	firm := &buyer{scope: ref.Guest("firm"), key: "firm-1"}
	phone := &buyer{scope: ref.Guest("phone")}
	var refund payment.Refund
	return []step{
		func(s *shop) error {
			_, err := s.Members.Register(ctx, staff(), member.RegisterInput{ID: "bo", Email: "bo@shop.example", Name: "Bo Li"})
			return done(err, fault.AlreadyExists)
		},
		func(s *shop) error { // a buyer's address
			book, err := s.Members.Addresses(ctx, bo.scope, "bo")
			if err == nil && len(book.Entries) == 0 {
				_, err = s.Members.AddAddress(ctx, bo.scope, member.AddressInput{Member: "bo", Address: home()})
			}
			return err
		},
		func(s *shop) error { // a delivery to the warehouse
			entered, err := s.received(cup, "delivery-7")
			if err == nil && !entered {
				err = s.Stock.Receive(ctx, staff(), inventory.CountInput{
					Counts: []inventory.Count{{SKU: cup, Location: "main", Quantity: 1}}, Ref: "delivery-7",
				})
			}
			return err
		},
		later(ctx, soon),
		func(s *shop) error { // browse
			p, err := s.Listing.List(ctx, listing.Query{Channel: channel}, page.Request{})
			if err != nil {
				return err
			}
			ids := make([]ref.ProductID, 0, len(p.Items))
			for i := range p.Items {
				ids = append(ids, p.Items[i].Product)
			}
			_, err = s.Listing.Cards(ctx, channel, ids)
			return err
		},
		phone.wish(ctx, cart.Item{SKU: cup, Quantity: 1}),
		bo.wish(ctx, cart.Item{SKU: tea, Quantity: 2}),
		func(s *shop) error {
			_, err := s.Carts.SignIn(ctx, bo.scope, phone.scope)
			return err
		},
		bo.quote(ctx),
		bo.place(ctx),
		bo.arrive(ctx),
		bo.pay(ctx),
		func(s *shop) error { return s.notices() },
		later(ctx, soon),
		bo.paid(ctx),
		func(s *shop) error { // a cup that broke before it was packed
			at := bo.order("pottery")
			i := slices.IndexFunc(bo.placed.Group.Orders, func(o order.Order) bool { return o.ID == at.Order })
			_, err := s.Checkout.Refund(ctx, staff(), checkout.RefundInput{
				Group: at.Group, Order: at.Order, Key: "broken", Reason: "damaged",
				Lines: []checkout.RefundLine{{Line: bo.placed.Group.Orders[i].Lines[0].ID, Quantity: 1}},
			})
			return err
		},
		func(s *shop) error {
			_, err := s.Checkout.Cancel(ctx, bo.scope, checkout.CancelInput{
				Group: bo.placed.Group.ID, Orders: []order.ID{bo.order("pottery").Order}, Reason: "changed_mind",
			})
			return err
		},
		idle.wish(ctx, cart.Item{SKU: tea, Quantity: 1}),
		idle.quote(ctx),
		idle.place(ctx),
		idle.arrive(ctx),
		func(s *shop) error { // and signs in at the machine it was ordered from
			_, err := s.Checkout.Adopt(ctx, bo.scope, idle.scope)
			return err
		},
		firm.wish(ctx, cart.Item{SKU: cup, Quantity: 2}),
		func(s *shop) error { s.w.bank.Plan(fakepay.Authorize); return nil },
		firm.quote(ctx),
		firm.place(ctx),
		firm.arrive(ctx),
		firm.capture(ctx),
		later(ctx, time.Minute),
		func(s *shop) error { s.w.mailDown = true; return nil },
		func(s *shop) error {
			_, err := s.Orders.Ship(ctx, ref.Merchant("tea-house"), order.ShipInput{
				Target: bo.order("tea-house"), Parcel: order.Parcel{Carrier: "SF", Tracking: "1"},
			})
			return done(err, fault.FailedPrecondition)
		},
		func(s *shop) error {
			_, err := s.Orders.Ship(ctx, ref.Merchant("pottery"), order.ShipInput{
				Target: firm.order("pottery"), Parcel: order.Parcel{Carrier: "SF", Tracking: "2"},
			})
			return done(err, fault.FailedPrecondition)
		},
		func(s *shop) error { return done(later(ctx, soon)(s), errMailDown) },
		func(s *shop) error { s.w.mailDown = false; return nil },
		later(ctx, time.Minute),
		func(s *shop) error { s.w.bank.Trouble(fakepay.CallRefund, fakepay.LostAfter); return nil },
		func(s *shop) (err error) {
			for range 2 { // somebody clicks twice
				refund, err = s.Payments.Refund(ctx, staff(), payment.RefundInput{
					Intent: bo.placed.Intent.ID, Key: checkout.RefundKey(bo.order("tea-house").Order, "dent"),
					Reason: payment.ReasonGoodwill, Amount: money.New(100, "USD"),
				})
				if err != nil {
					return err
				}
			}
			return nil
		},
		func(s *shop) error {
			_, err := s.Payments.SendRefund(ctx, staff(), refund.ID)
			return err
		},
		later(ctx, time.Minute),
		func(s *shop) error { return s.refunded(ctx, refund) },
		func(s *shop) error { // the bank tells of it, too
			_, err := s.Payments.Notify(ctx, "fakepay",
				s.w.bank.ForgeRefund("refund-1", refund.Legs[0].Number, payment.RefundSucceeded, refund.Amount))
			return err
		},
		func(s *shop) error {
			_, err := s.Payments.Notify(ctx, "fakepay",
				s.w.bank.Forge("stray-1", "nobody-1", payment.AttemptCaptured, money.New(500, "USD")))
			return err
		},
		func(s *shop) error { return s.settleCases(ctx) },
		func(s *shop) error {
			_, err := s.Orders.Complete(ctx, bo.scope, bo.order("tea-house"))
			return done(err, fault.FailedPrecondition)
		},
		later(ctx, 31*time.Minute), // the idle guest's time to pay is over
		later(ctx, time.Minute),
		func(s *shop) error {
			notes, err := s.Orders.Notes(ctx, staff(), bo.placed.Group.ID)
			if err == nil && len(notes) == 0 {
				_, err = s.Orders.AddNote(ctx, staff(), order.NoteInput{Group: bo.placed.Group.ID, Text: "a dent"})
			}
			return err
		},
		later(ctx, 15*24*time.Hour), // the firm's order counts as received
		func(s *shop) error {
			_, err := s.Orders.Erase(ctx, staff(), idle.placed.Group.ID)
			return err
		},
		func(s *shop) error { return s.look(ctx, bo) },
		func(s *shop) error { return s.office(ctx, bo) },
	}
}

// office reads what pages of a host read past the services: the labels of the
// day's parcels, what the bank said of a payment, and who works on events.
func (s *shop) office(ctx context.Context, b *buyer) error {
	a, _ := b.placed.Intent.Last()
	labels, err1 := s.stores.OrderPersonals.GetMany(ctx, []order.GroupID{b.placed.Group.ID})
	notices, err2 := s.stores.PaymentNotices.List(ctx, payment.NoticeQuery{Number: a.Number}, page.Request{})
	_, err3 := s.stores.Leases.List(ctx, "", s.w.clock.Now())
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	if len(labels) != 1 || len(notices.Items) == 0 {
		return fault.New(fault.Internal, "test.office", "the office sees no label, or no notice")
	}
	return nil
}

// settleCases lets staff look after every case.
func (s *shop) settleCases(ctx context.Context) error {
	p, err := s.Payments.Cases(ctx, staff(), payment.CaseQuery{}, page.Request{})
	for _, c := range p.Items {
		if err == nil && c.State == payment.CaseOpen {
			c, err = s.Payments.AssignCase(ctx, staff(), payment.CaseInput{Case: c.ID, Version: c.Version}, "ann")
		}
		if err == nil && c.State == payment.CaseAssigned {
			_, err = s.Payments.CloseCase(ctx, staff(), payment.CaseInput{Case: c.ID, Version: c.Version}, "sent back by the bank")
		}
	}
	return err
}

// look reads what became of a buyer's orders.
func (s *shop) look(ctx context.Context, b *buyer) error {
	_, err1 := s.Orders.Find(ctx, b.scope, b.placed.Group.Number)
	_, err2 := s.Orders.History(ctx, b.scope, b.placed.Group.ID)
	_, err3 := s.Orders.Personal(ctx, b.scope, b.placed.Group.ID)
	_, err4 := s.Orders.List(ctx, b.scope, order.Query{}, page.Request{})
	_, err5 := s.Payments.History(ctx, b.scope, b.placed.Intent.ID)
	_, err6 := s.Payments.List(ctx, staff(), payment.Query{}, page.Request{})
	_, err7 := s.Events.Lag(ctx)
	return errors.Join(err1, err2, err3, err4, err5, err6, err7)
}
