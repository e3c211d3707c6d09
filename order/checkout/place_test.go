package checkout_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func TestACartBecomesAPaidGroupWithAnOrderPerMerchant(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2, "pot": 1, "silk": 1})
		q := s.quote(buyer(), choice)
		require.Equal(s, money.New(2*1250+4999+20000, "USD"), q.Goods)
		require.Equal(s, money.New(2*500, "USD"), q.Delivery)
		require.Equal(s, money.New(250+500+2000+50+50, "USD"), q.Tax)
		require.Equal(s, money.New(27499+1000+2850, "USD"), q.Payable)

		p := s.place(buyer(), choice, "k1")
		require.Equal(s, payment.IntentCaptured, p.Intent.State)
		require.Equal(s, q.Payable, p.Group.Payable)
		g := s.group(p.Group.ID)
		require.Equal(s, []string{"confirmed/paid", "confirmed/paid"}, states(g))
		require.Equal(s, p.Group, g)
		require.Equal(s, ref.MerchantID("tea-house"), g.Orders[0].Merchant)
		require.Equal(s, "The tea", g.Orders[0].Lines[0].Title)
		require.EqualValues(s, q.Payable.Minor(), s.bank.Net("USD"))
		require.Equal(s, inventory.Level{SKU: "tea", Location: "main", OnHand: 8}, s.level("tea"))

		mine, err := s.orders.Get(s.Context(), ref.Merchant("silk-road"), g.ID)
		require.NoError(s, err)
		require.Len(s, mine.Orders, 1)
		_, err = s.orders.Get(s.Context(), ref.Member("eve"), g.ID)
		require.ErrorIs(s, err, fault.NotFound)
		s.sound()
	})
}

func TestTheSameCallHasOneEffect(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2})
		in := checkout.PlaceInput{Choice: choice, Quote: s.quote(buyer(), choice).ID, Key: "k1"}
		var wg sync.WaitGroup
		ids := make([]ref.GroupID, 12)
		fresh := make([]bool, len(ids))
		for i := range ids {
			wg.Go(func() {
				call := in
				if i%2 == 1 {
					call.Key = "k2" // the same cart by another key
				}
				p, err := s.checkout.Place(s.Context(), buyer(), call)
				if err != nil {
					s.Errorf("%d: %v", i, err)
					return
				}
				ids[i], fresh[i] = p.Group.ID, !p.Replayed
			})
		}
		wg.Wait()
		placed := 0
		for i, id := range ids {
			require.Equal(s, ids[0], id)
			if fresh[i] {
				placed++
			}
		}
		require.Equal(s, 1, placed)
		require.EqualValues(s, s.group(ids[0]).Payable.Minor(), s.bank.Net("USD"), "paid once")

		in.Quote = "x" + in.Quote[1:]
		_, err := s.checkout.Place(s.Context(), buyer(), in)
		require.ErrorIs(s, err, fault.Conflict)
		require.Equal(s, "idempotency.mismatch", fault.CodeOf(err))
		s.sound()
	})
}

// A key stands for one input: used with another, it neither orders nor
// pretends that this was what was ordered.
func TestAKeyStandsForOneInput(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2})
		choice.Remark, choice.Source = "ring twice", "web"
		in := checkout.PlaceInput{
			Choice: choice, Quote: s.quote(buyer(), choice).ID, Key: "k",
			Payment: payment.Instruction{Method: "card", Params: map[string]string{"token": "t1"}},
		}
		first, err := s.checkout.Place(s.Context(), buyer(), in)
		require.NoError(s, err)
		for name, change := range map[string]func(in *checkout.PlaceInput){
			"remark":  func(in *checkout.PlaceInput) { in.Remark = "leave it at the door" },
			"source":  func(in *checkout.PlaceInput) { in.Source = "phone" },
			"method":  func(in *checkout.PlaceInput) { in.Payment.Method = "qr" },
			"params":  func(in *checkout.PlaceInput) { in.Payment.Params = map[string]string{"token": "t2"} },
			"address": func(in *checkout.PlaceInput) { in.ShipTo.Line1 = "2 Main St" },
			"gateway": func(in *checkout.PlaceInput) { in.Gateway = s.cod.Caps().Code },
		} {
			other := in
			change(&other)
			_, err := s.checkout.Place(s.Context(), buyer(), other)
			require.ErrorIs(s, err, fault.Conflict, name)
			require.Equal(s, "idempotency.mismatch", fault.CodeOf(err), name)
		}
		in.Delivery, in.Coupons = map[ref.MerchantID]string{}, []ref.CouponID{}
		again, err := s.checkout.Place(s.Context(), buyer(), in)
		require.NoError(s, err)
		require.True(s, again.Replayed)
		require.Equal(s, first.Group.ID, again.Group.ID)
		s.sound()
	})
}

// Somebody else places the cart in the middle of a call, which then cannot
// look what became of it: "the cart is closed" would be a lie.
func TestACallThatCannotLookDoesNotSayNo(t *testing.T) {
	t.Parallel()
	type slowly struct{} // marks the call that is overtaken
	var (
		s         *shop
		in        checkout.PlaceInput
		overtaken bool
		depth     int // of that call's units
	)
	s = newShop(t, storage.Intercept(memory.New().Stores(), func(ctx context.Context, call storage.Call, next func(ctx context.Context) error) error {
		if ctx.Value(slowly{}) == nil {
			return next(ctx)
		}
		switch call.Name() {
		case "Idempotency.Begin":
			overtaken = true
			other := in
			other.Key = "k2"
			_, err := s.checkout.Place(t.Context(), buyer(), other)
			require.NoError(t, err)
		case "Units.Do":
			depth++
			defer func() { depth-- }()
		case "Carts.Get":
			if overtaken && depth == 0 {
				return fault.New(fault.Unavailable, "test.away", "the database does not answer")
			}
		}
		return next(ctx)
	}))
	choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2})
	in = checkout.PlaceInput{Choice: choice, Quote: s.quote(buyer(), choice).ID, Key: "k1"}

	_, err := s.checkout.Place(context.WithValue(t.Context(), slowly{}, true), buyer(), in)
	require.ErrorIs(t, err, fault.Unavailable)
	p, err := s.checkout.Place(t.Context(), buyer(), in)
	require.NoError(t, err)
	require.True(t, p.Replayed)
	require.Len(t, s.bank.Payments(), 1)
	s.sound()
}

func TestAChangedPriceAnswersWithANewQuote(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 2})
		in := checkout.PlaceInput{Choice: choice, Quote: s.quote(buyer(), choice).ID, Key: "k1"}
		s.shelf.reprice("tea", 1300)
		_, err := s.checkout.Place(s.Context(), buyer(), in)
		var changed *checkout.ChangedError
		require.ErrorAs(s, err, &changed)
		require.ErrorIs(s, err, fault.Conflict)
		require.Equal(s, "checkout.quote_changed", fault.CodeOf(err))
		require.Equal(s, money.New(2600, "USD"), changed.Quote.Goods)
		require.Empty(s, s.bank.Payments())
		require.Zero(s, s.level("tea").Reserved)

		in.Quote = changed.Quote.ID
		s.clock.Advance(15 * time.Minute)
		_, err = s.checkout.Place(s.Context(), buyer(), in)
		require.ErrorAs(s, err, &changed)
		require.Equal(s, "checkout.quote_expired", fault.CodeOf(err))
		in.Quote = changed.Quote.ID
		p, err := s.checkout.Place(s.Context(), buyer(), in)
		require.NoError(s, err)
		require.Equal(s, changed.Quote.Payable, p.Group.Payable)

		// Any other choice is another quote.
		other := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
		id := s.quote(buyer(), other).ID
		moved := other
		moved.ShipTo.Line1 = "2 Main St"
		express := other
		express.Delivery = map[ref.MerchantID]string{"tea-house": "express"}
		for _, c := range []checkout.Choice{moved, express} {
			_, err = s.checkout.Place(s.Context(), buyer(), checkout.PlaceInput{Choice: c, Quote: id, Key: "k2"})
			require.ErrorAs(s, err, &changed)
		}
		s.sound()
	})
}

func TestOneOfManyBuyersGetsTheLastPiece(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.receive(map[ref.SKUID]ref.Quantity{"silk": 1})
		require.NoError(s, s.stock.Adjust(s.Context(), ref.Staff("ann"), inventory.CountInput{
			Counts: []inventory.Count{{SKU: "silk", Location: "main", Quantity: -10}},
		}))
		const buyers = 20
		calls := make([]checkout.PlaceInput, buyers)
		who := make([]ref.Scope, buyers)
		for i := range calls {
			who[i] = ref.Guest(string(rune('a' + i)))
			choice := s.fill(who[i], map[ref.SKUID]ref.Quantity{"silk": 1})
			calls[i] = checkout.PlaceInput{Choice: choice, Quote: s.quote(who[i], choice).ID, Key: "k"}
		}
		errs := make([]error, buyers)
		var wg sync.WaitGroup
		for i := range calls {
			wg.Go(func() { _, errs[i] = s.checkout.Place(s.Context(), who[i], calls[i]) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
				continue
			}
			require.ErrorIs(s, err, fault.Exhausted)
		}
		require.Equal(s, 1, won)
		require.Len(s, s.bank.Payments(), 1, "nobody else was charged")
		s.sound()
	})
}

func TestBadInputWritesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
		id := s.quote(buyer(), choice).ID
		tooMany := s.fill(ref.Member("eve"), map[ref.SKUID]ref.Quantity{"tea": 11})
		place := func(who ref.Scope, change func(*checkout.PlaceInput)) error {
			in := checkout.PlaceInput{Choice: choice, Quote: id, Key: "k"}
			change(&in)
			_, err := s.checkout.Place(s.Context(), who, in)
			return err
		}
		for name, c := range map[string]struct {
			kind fault.Kind
			err  error
		}{
			"no key":          {fault.Invalid, place(buyer(), func(in *checkout.PlaceInput) { in.Key = "" })},
			"junk quote":      {fault.Invalid, place(buyer(), func(in *checkout.PlaceInput) { in.Quote = "\xff" })},
			"foreign cart":    {fault.NotFound, place(ref.Member("eve"), func(*checkout.PlaceInput) {})},
			"unknown cart":    {fault.NotFound, place(buyer(), func(in *checkout.PlaceInput) { in.Cart = "none" })},
			"unknown gateway": {fault.Invalid, place(buyer(), func(in *checkout.PlaceInput) { in.Gateway = "none" })},
			"no address":      {fault.Invalid, place(buyer(), func(in *checkout.PlaceInput) { in.ShipTo.Line1 = "" })},
			"broken UTF-8":    {fault.Invalid, place(buyer(), func(in *checkout.PlaceInput) { in.Remark = "\xff\xfe" })},
			"too many": {fault.Exhausted, place(ref.Member("eve"), func(in *checkout.PlaceInput) {
				in.Choice = tooMany
			})},
		} {
			require.ErrorIs(s, c.err, c.kind, name)
		}
		require.Empty(s, s.bank.Payments())
		require.Zero(s, s.level("tea").Reserved)
		p, err := s.checkout.Place(s.Context(), buyer(), checkout.PlaceInput{Choice: choice, Quote: id, Key: "k"})
		require.NoError(s, err)
		require.False(s, p.Replayed)
		s.sound()
	})
}

// A call without a quote agrees to nothing: it is not answered with what was
// placed, and its key is free for the call that has one.
func TestWithoutAQuoteNoKeyIsTaken(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
		in := checkout.PlaceInput{Choice: choice, Quote: s.quote(buyer(), choice).ID, Key: "k"}
		empty := in
		empty.Quote = ""
		refused := func(in checkout.PlaceInput, paths ...string) {
			s.Helper()
			_, err := s.checkout.Place(s.Context(), buyer(), in)
			require.ErrorIs(s, err, fault.Invalid)
			require.Equal(s, "checkout.invalid", fault.CodeOf(err))
			var f *fault.Fault
			require.ErrorAs(s, err, &f)
			var got []string
			for _, field := range f.Fields {
				got = append(got, field.Path+" "+field.Code)
			}
			require.Equal(s, paths, got)
		}
		refused(empty, "quote required")
		refused(checkout.PlaceInput{Choice: choice}, "key required", "quote required")
		first, err := s.checkout.Place(s.Context(), buyer(), in)
		require.NoError(s, err)
		refused(empty, "quote required")

		other := empty
		other.Key = "k2"
		refused(other, "quote required")
		other.Quote = in.Quote
		for _, call := range []checkout.PlaceInput{in, other} {
			again, err := s.checkout.Place(s.Context(), buyer(), call)
			require.NoError(s, err)
			require.True(s, again.Replayed)
			require.Equal(s, first.Group.ID, again.Group.ID)
		}
		s.sound()
	})
}

// What became unpublished while it was in the cart is unknown to the buyer.
func TestAQuoteTellsByScopeWhyItIsNotSold(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
	in := checkout.PlaceInput{Choice: choice, Quote: s.quote(buyer(), choice).ID, Key: "k"}
	s.shelf.mu.Lock()
	tea := s.shelf.offers["tea"]
	tea.Sellable, tea.Unsold = false, cart.UnsoldUnpublished
	s.shelf.offers["tea"] = tea
	s.shelf.mu.Unlock()
	for scope, told := range map[ref.Scope]cart.Unsold{
		buyer(): cart.UnsoldUnknown, ref.Staff("ann"): cart.UnsoldUnpublished,
	} {
		q, err := s.checkout.Quote(s.Context(), scope, choice)
		require.NoError(s, err)
		require.Equal(s, string(told), q.Problems[0].Params["reason"])
		_, err = s.checkout.Place(s.Context(), scope, in)
		var f *fault.Fault
		require.ErrorAs(s, err, &f)
		require.Equal(s, string(told), f.Fields[0].Params["reason"])
	}
}

func TestALostAnswerIsFoundOutLater(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.bank.Trouble(fakepay.CallPay, fakepay.LostAfter)
		s.bank.Trouble(fakepay.CallQuery, fakepay.LostBefore, fakepay.LostBefore)
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
		p := s.place(buyer(), choice, "k1")
		require.False(s, p.Intent.State.Paid())
		require.Equal(s, []string{"pending/unpaid"}, states(s.group(p.Group.ID)))
		require.EqualValues(s, 1, s.level("tea").Reserved)
		for range 10 {
			s.clock.Advance(time.Minute)
			_, err := s.payments.Sweep(s.Context(), 10)
			require.NoError(s, err)
		}
		require.Equal(s, []string{"confirmed/paid"}, states(s.group(p.Group.ID)))
		require.Equal(s, inventory.Level{SKU: "tea", Location: "main", OnHand: 9}, s.level("tea"))
		s.sound()
	})
}

func TestAnUnpaidGroupClosesByItself(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.bank.Plan(fakepay.Ask)
		choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 3})
		p := s.place(buyer(), choice, "k1")
		require.Equal(s, payment.IntentProcessing, p.Intent.State)
		require.EqualValues(s, 3, s.level("tea").Reserved)
		s.clock.Advance(31 * time.Minute)
		for range 3 {
			_, err := s.payments.Sweep(s.Context(), 10)
			require.NoError(s, err)
			s.clock.Advance(time.Minute)
		}
		require.Equal(s, []string{"canceled/unpaid"}, states(s.group(p.Group.ID)))
		require.Equal(s, payment.IntentCanceled, s.intent(p.Group).State)
		require.Zero(s, s.level("tea").Reserved)
		last, _ := s.intent(p.Group).Last()
		require.Error(s, s.bank.Approve(context.WithoutCancel(s.Context()), last.Number), "the pay page is dead")
		s.sound()
	})
}

func TestConfigNamesEveryGap(t *testing.T) {
	t.Parallel()
	_, err := checkout.NewService(checkout.Config{QuoteLife: -1})
	for _, field := range []string{"Channels", "Carts", "Offers", "Rates", "Taxes", "Book", "Stock", "Payments", "Units", "Calls", "durations"} {
		require.ErrorContains(t, err, field)
	}
	_, err = checkout.NewCompletion(checkout.CompletionConfig{})
	require.ErrorContains(t, err, "Book")
	require.ErrorContains(t, err, "Stock")
}
