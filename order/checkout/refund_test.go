package checkout_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func usd(minor int64) money.Money { return money.New(minor, "USD") }

func (s *shop) refund(who ref.Scope, in checkout.RefundInput) checkout.Refunded {
	s.Helper()
	out, err := s.checkout.Refund(s.Context(), who, in)
	require.NoError(s, err)
	return out
}

// sale is a group of three pieces of tea and one of silk, with a deal of 1.00
// on the tea, 0.05 on the delivery and 10.00 on the silk.
func (s *shop) sale() (checkout.Placed, func(n ref.Quantity) checkout.RefundInput) {
	s.Helper()
	s.deals.off, s.deals.delivery = map[ref.SKUID]int64{"tea": 100, "silk": 1000}, 5
	p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 3, "silk": 1}), "sale")
	o := p.Group.Orders[0]
	calls := 0
	return p, func(n ref.Quantity) checkout.RefundInput {
		calls++
		return checkout.RefundInput{
			Group: p.Group.ID, Order: o.ID, Key: fmt.Sprintf("r%d", calls),
			Lines: []checkout.RefundLine{{Line: o.Lines[0].ID, Quantity: n}},
		}
	}
}

func TestPiecesArePaidBackForTheirShares(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		tea := p.Group.Orders[0]
		require.EqualValues(s, 3650+365, tea.Lines[0].Gross.Minor())
		before := s.bank.Net("USD")

		in := pieces(1)
		seen, err := s.checkout.PreviewRefund(s.Context(), ref.Merchant("tea-house"), in)
		require.NoError(s, err)
		first := s.refund(ref.Merchant("tea-house"), in)
		seen.Units.Payment = first.Units.Payment
		require.Equal(s, seen.Units, first.Units, "the preview is what happens")
		require.Equal(s, seen.Total(), first.Total())
		require.Equal(s, order.Worth{
			List: usd(1250), Discount: usd(33), Tax: usd(121), Gross: usd(1217 + 121),
			Adjustments: []order.Adjustment{{
				Promotion: "deal", Version: 1, Amount: usd(33),
				Bearers: []order.Bearer{{Party: "platform", Amount: usd(22)}, {Party: "merchant:tea-house", Amount: usd(11)}},
			}},
		}, first.Units.Lines[0].Worth)
		require.Equal(s, usd(1338), first.Units.Amount)
		require.Equal(s, payment.RefundSucceeded, first.Refund.State)
		require.Len(s, first.Group.Orders, 1, "a merchant sees the own part")
		require.Empty(s, first.Refund.Intent)
		require.EqualValues(s, 1, first.Group.Orders[0].Lines[0].Returned)
		require.Equal(s, order.PaymentPartiallyRefunded, first.Group.Orders[0].Payment)

		again := s.refund(ref.Staff("ann"), in)
		require.True(s, again.Replayed)
		require.Equal(s, first.Units, again.Units)
		require.Equal(s, first.Refund.ID, again.Refund.ID)
		other := in
		other.Delivery = true
		_, err = s.checkout.Refund(s.Context(), ref.Staff("ann"), other)
		require.ErrorIs(s, err, fault.Conflict)
		require.Equal(s, "checkout.refund_key", fault.CodeOf(err))
		other.Delivery, other.Withdrawn = false, true
		_, err = s.checkout.Refund(s.Context(), ref.Staff("ann"), other)
		require.Equal(s, "checkout.refund_key", fault.CodeOf(err))
		require.EqualValues(s, before-1338, s.bank.Net("USD"), "paid back once")

		last := pieces(2)
		last.Delivery, last.Reason = true, "damaged"
		second := s.refund(ref.Staff("ann"), last)
		require.Equal(s, tea.Shipping.Gross, second.Units.Delivery.Gross)
		g := s.group(p.Group.ID)
		require.Equal(s, []string{"confirmed/refunded", "confirmed/paid"}, states(g))
		require.Equal(s, g.Orders[0].Total, g.Orders[0].Refunded)
		require.True(s, g.Orders[0].Shipping.Returned)
		require.EqualValues(s, g.Orders[1].Total.Minor(), s.bank.Net("USD"))

		_, err = s.checkout.Refund(s.Context(), ref.Staff("ann"), pieces(1))
		require.ErrorIs(s, err, fault.Exhausted)
		require.Equal(s, "order.over_return", fault.CodeOf(err))
		twice := pieces(1)
		twice.Lines, twice.Delivery = nil, true
		_, err = s.checkout.Refund(s.Context(), ref.Staff("ann"), twice)
		require.Equal(s, "order.over_return", fault.CodeOf(err))
		s.sound()
	})
}

func TestWhoMayPayPiecesBack(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	p, pieces := s.sale()
	for name, c := range map[string]struct {
		who  ref.Scope
		in   func(in *checkout.RefundInput)
		kind fault.Kind
	}{
		"the buyer":         {buyer(), nil, fault.PermissionDenied},
		"somebody else":     {ref.Member("eve"), nil, fault.NotFound},
		"another merchant":  {ref.Merchant("silk-road"), nil, fault.NotFound},
		"no group":          {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Group = "none" }, fault.NotFound},
		"no order":          {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Order = "none" }, fault.NotFound},
		"no line":           {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Lines[0].Line = "none" }, fault.NotFound},
		"nothing":           {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Lines = nil }, fault.Invalid},
		"no piece":          {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Lines[0].Quantity = 0 }, fault.Invalid},
		"too many pieces":   {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Lines[0].Quantity = 4 }, fault.Exhausted},
		"one line twice":    {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Lines = append(in.Lines, in.Lines[0]) }, fault.Invalid},
		"no key":            {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Key = "" }, fault.Invalid},
		"a reason in words": {ref.Staff("ann"), func(in *checkout.RefundInput) { in.Reason = "Bo says so" }, fault.Invalid},
	} {
		in := pieces(1)
		if c.in != nil {
			c.in(&in)
		}
		_, err := s.checkout.Refund(t.Context(), c.who, in)
		require.ErrorIs(t, err, c.kind, name)
		_, err = s.checkout.PreviewRefund(t.Context(), c.who, in)
		require.ErrorIs(t, err, c.kind, name)
	}
	require.Equal(t, []string{"confirmed/paid", "confirmed/paid"}, states(s.group(p.Group.ID)))

	choice := s.fill(ref.Member("cy"), map[ref.SKUID]ref.Quantity{"tea": 1})
	choice.Gateway = "cod"
	unpaid := s.place(ref.Member("cy"), choice, "k")
	in := checkout.RefundInput{Group: unpaid.Group.ID, Order: unpaid.Group.Orders[0].ID, Key: "k", Delivery: true}
	_, err := s.checkout.Refund(t.Context(), ref.Staff("ann"), in)
	require.Equal(t, "order.not_refundable", fault.CodeOf(err))
	s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
	_, err = s.checkout.Refund(t.Context(), ref.Staff("ann"), pieces(1))
	require.Equal(t, "order.not_refundable", fault.CodeOf(err))
	s.sound()
}

// Two clerks pay the last piece back at the same moment.
func TestTheLastPieceIsPaidBackOnce(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		s.refund(ref.Staff("ann"), pieces(2))
		inputs := make([]checkout.RefundInput, 8)
		for i := range inputs {
			inputs[i] = pieces(1)
		}
		inputs[1].Key = inputs[0].Key // a double click among them
		var wg sync.WaitGroup
		errs, out := make([]error, len(inputs)), make([]checkout.Refunded, len(inputs))
		for i, in := range inputs {
			wg.Go(func() { out[i], errs[i] = s.checkout.Refund(s.Context(), ref.Staff("ann"), in) })
		}
		wg.Wait()
		keys := map[string]bool{}
		for i, err := range errs {
			if err == nil {
				keys[out[i].Units.Key] = true
				continue
			}
			require.ErrorIs(s, err, fault.Exhausted)
			require.Equal(s, "order.over_return", fault.CodeOf(err))
		}
		require.Len(s, keys, 1)
		g := s.group(p.Group.ID)
		require.Equal(s, g.Orders[0].Lines[0].Gross, g.Orders[0].Refunded)
		s.settle()
		s.sound()
	})
}

// Of many who were shown one and the same order, one pays back; the others have
// seen what is no more. So has who saw it before it was shipped.
func TestOnlyWhatWasSeenIsPaidBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		tea := func() *order.Order { g := s.group(p.Group.ID); return &g.Orders[0] }
		seen := tea().Version
		inputs := make([]checkout.RefundInput, 4)
		for i := range inputs {
			inputs[i] = pieces(1)
			inputs[i].Version = seen
			_, err := s.checkout.PreviewRefund(s.Context(), ref.Staff("ann"), inputs[i])
			require.NoError(s, err)
		}
		var wg sync.WaitGroup
		errs := make([]error, len(inputs))
		for i, in := range inputs {
			wg.Go(func() { _, errs[i] = s.checkout.Refund(s.Context(), ref.Staff("ann"), in) })
		}
		wg.Wait()
		paid := slices.Index(errs, nil)
		require.GreaterOrEqual(s, paid, 0)
		for i, err := range errs {
			if i != paid {
				require.ErrorIs(s, err, fault.FailedPrecondition)
				require.Equal(s, "checkout.refund_changed", fault.CodeOf(err))
			}
		}
		require.EqualValues(s, 1, tea().Lines[0].Returned)
		require.True(s, s.refund(ref.Staff("ann"), inputs[paid]).Replayed, "what was done is answered whatever became of the order")

		s.settle()
		late := pieces(1)
		late.Version = tea().Version
		_, err := s.orders.Ship(s.Context(), ref.Merchant("tea-house"), order.ShipInput{Target: order.Target{Group: p.Group.ID, Order: tea().ID}})
		require.NoError(s, err)
		_, err = s.checkout.Refund(s.Context(), ref.Staff("ann"), late)
		require.Equal(s, "checkout.refund_changed", fault.CodeOf(err), "it went back to the shelf when it was seen, and is on the road")
		_, err = s.checkout.PreviewRefund(s.Context(), ref.Staff("ann"), late)
		require.Equal(s, "checkout.refund_changed", fault.CodeOf(err))
		late.Version = tea().Version
		s.refund(ref.Staff("ann"), late)
		s.settle()
		s.sound()
	})
}

// A refund of a cent less than its pieces are worth, and paid as such. That a
// goodwill of another order failed does not excuse it.
func TestVerifyFindsARefundOfTooLittle(t *testing.T) {
	t.Parallel()
	eachStores(t, func(t *testing.T, stores storage.Stores) {
		t.Helper()
		short := false
		s := newShop(t, storage.Intercept(stores, func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
			if err := next(ctx); err != nil || !short {
				return err
			}
			switch rows := c.Results[0].(type) {
			case *[]order.Entry:
				for i := range *rows {
					if u := (*rows)[i].Units; u != nil {
						u.Amount = usd(u.Amount.Minor() - 1)
					}
				}
			case *[]payment.Refund:
				for i := range *rows {
					if r := &(*rows)[i]; r.Reason == payment.ReasonGoodwill {
						r.State = payment.RefundFailed
					} else {
						r.Amount = usd(r.Amount.Minor() - 1)
					}
				}
			}
			return nil
		}))
		p, pieces := s.sale()
		s.refund(ref.Staff("ann"), pieces(1))
		s.sorry(p.Group, p.Group.Orders[1].ID, 5)
		require.Empty(t, s.violations())
		short = true
		require.Contains(t, s.violations(), "I8 "+string(p.Group.Orders[0].ID))
	})
}

// A goodwill is on its way when everything else of the order goes back, and then
// fails: the buyer is short of it.
func TestVerifyReportsWhatAFailedGoodwillLeavesShort(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		tea := p.Group.Orders[0]
		s.sorry(p.Group, tea.ID, 300)
		all := pieces(3)
		all.Delivery = true
		out := s.refund(ref.Staff("ann"), all)
		require.Equal(s, usd(tea.Total.Minor()-300), out.Units.Amount)
		require.Empty(s, s.violations(), "it is on its way")
		gw, ok := payment.As[payment.Refunder](s.bank.Gateway())
		require.True(s, ok)
		in := s.intent(p.Group)
		taken, ok := in.Counted()
		require.True(s, ok)
		_, err := gw.Refund(s.Context(), payment.RefundRequest{
			Number: "by-hand", Attempt: taken.Ref(), Amount: usd(s.bank.Net("USD")), // so that the bank has nothing left
		})
		require.NoError(s, err)
		s.settle()
		require.Equal(s, []payment.CaseReason{payment.CaseRefundFailed}, s.reasons(in))
		require.Equal(s, []string{"I8 " + string(tea.ID)}, s.violations())
	})
}

func TestWhatIsLeftOfAnOrderIsCanceledAfterPiecesWerePaidBack(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p, pieces := s.sale()
		s.refund(ref.Staff("ann"), pieces(2))
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		require.Equal(s, []string{"canceled/refunded", "canceled/refunded"}, states(s.group(p.Group.ID)))
		require.Zero(s, s.bank.Net("USD"))
		s.sound()
	})
}

func TestClawBacksAreKeptBackAsTheirOwn(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		var asked []checkout.ClawBackInput
		p, pieces := s.sale()
		tea, silk := p.Group.Orders[0], p.Group.Orders[1]
		s.deals.claws = func(in checkout.ClawBackInput) []order.ClawBack {
			asked = append(asked, in)
			return []order.ClawBack{{Promotion: "deal", Version: 1, Amount: usd(40), Bearers: bearers("tea-house", 40)}}
		}
		out := s.refund(ref.Staff("ann"), pieces(1))
		require.Equal(s, usd(1338-40), out.Units.Amount)
		require.Equal(s, usd(40), out.Units.ClawBacks[0].Amount)
		s.refund(ref.Staff("ann"), pieces(1))
		require.Len(s, asked, 2)
		require.Equal(s, usd(1338), asked[0].Refund)
		require.Equal(s, map[order.LineID]ref.Quantity{tea.Lines[0].ID: 2, silk.Lines[0].ID: 1}, asked[0].Kept)
		require.Empty(s, asked[0].Before)
		require.Equal(s, map[order.LineID]ref.Quantity{tea.Lines[0].ID: 1, silk.Lines[0].ID: 1}, asked[1].Kept)
		require.Equal(s, out.Units.ClawBacks, asked[1].Before)
		g := s.group(p.Group.ID)
		require.EqualValues(s, 1338+1339-80, g.Orders[0].Refunded.Minor())
		s.sound()

		s.deals.claws = func(checkout.ClawBackInput) []order.ClawBack {
			return []order.ClawBack{{Promotion: "deal", Version: 1, Amount: usd(999_999)}}
		}
		_, err := s.checkout.Refund(s.Context(), ref.Staff("ann"), pieces(1))
		require.Equal(s, "checkout.promotions", fault.CodeOf(err))
		s.deals.claws = func(in checkout.ClawBackInput) []order.ClawBack {
			return []order.ClawBack{{Promotion: "deal", Version: 1, Amount: in.Refund, Bearers: bearers("tea-house", in.Refund.Minor())}}
		}
		nothing := s.refund(ref.Staff("ann"), pieces(1))
		require.True(s, nothing.Units.Amount.IsZero())
		require.Empty(s, nothing.Refund.ID)
		s.sound()
	})
}

// Whatever the amounts, the partition and the order: the shares of all pieces
// sum to what the line was sold for, and none is negative.
func TestAnyPartitionOfALineSumsToIt(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Int64Range(1, 40).Draw(rt, "pieces")
		unit := rapid.Int64Range(0, 500).Draw(rt, "unit")
		l := order.Line{ID: "l", SKU: "s", Quantity: ref.Quantity(n), UnitPrice: usd(unit)}
		l.Inclusive = rapid.Bool().Draw(rt, "inclusive")
		l.List, l.Discount = usd(unit*n), usd(0)
		for i := range rapid.IntRange(0, 4).Draw(rt, "adjustments") {
			off := rapid.Int64Range(0, l.List.Minor()-l.Discount.Minor()).Draw(rt, "off")
			if off == 0 {
				continue
			}
			part := rapid.Int64Range(0, off).Draw(rt, "borne")
			l.Discount = usd(l.Discount.Minor() + off)
			l.Adjustments = append(l.Adjustments, order.Adjustment{
				Promotion: ref.PromotionID(fmt.Sprint("p", i)), Version: 1, Amount: usd(off),
				Bearers: []order.Bearer{{Party: "platform", Amount: usd(part)}, {Party: "merchant:m", Amount: usd(off - part)}},
			})
		}
		base := l.List.Minor() - l.Discount.Minor()
		l.Tax = usd(rapid.Int64Range(0, base).Draw(rt, "tax"))
		l.Gross, l.Net = usd(base), usd(base-l.Tax.Minor())
		if !l.Inclusive {
			l.Gross, l.Net = usd(base+l.Tax.Minor()), usd(base)
		}
		sum := map[string]int64{}
		add := func(what string, m money.Money) {
			require.GreaterOrEqual(rt, m.Minor(), int64(0), what)
			sum[what] += m.Minor()
		}
		for before := int64(0); before < n; {
			count := rapid.Int64Range(1, n-before).Draw(rt, "count")
			w, err := checkout.WorthOf(&l, ref.Quantity(before), ref.Quantity(count))
			require.NoError(rt, err)
			before += count
			add("list", w.List)
			add("discount", w.Discount)
			add("tax", w.Tax)
			add("gross", w.Gross)
			add("net", usd(w.Gross.Minor()-w.Tax.Minor()))
			for _, a := range w.Adjustments {
				add(string(a.Promotion), a.Amount)
				for _, b := range a.Bearers {
					add(string(a.Promotion)+" "+b.Party, b.Amount)
				}
			}
		}
		want := map[string]int64{
			"list": l.List.Minor(), "discount": l.Discount.Minor(), "tax": l.Tax.Minor(), "gross": l.Gross.Minor(), "net": l.Net.Minor(),
		}
		for _, a := range l.Adjustments {
			want[string(a.Promotion)] = a.Amount.Minor()
			for _, b := range a.Bearers {
				if !b.Amount.IsZero() {
					want[string(a.Promotion)+" "+b.Party] = b.Amount.Minor()
				}
			}
		}
		require.Equal(rt, want, sum)
	})
}

// Any sequence of refunds through the shop pays back exactly what was paid.
func TestAnySequenceOfRefundsSumsToWhatWasPaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := newShop(t, memory.New().Stores())
		wanted := map[ref.SKUID]ref.Quantity{}
		s.deals.off = map[ref.SKUID]int64{}
		for _, sku := range []ref.SKUID{"tea", "pot", "silk"} {
			wanted[sku] = ref.Quantity(rapid.IntRange(0, 5).Draw(rt, string(sku)))
			s.deals.off[sku] = rapid.Int64Range(0, 1250*int64(wanted[sku])).Draw(rt, "off "+string(sku))
		}
		wanted["tea"]++
		s.deals.delivery = rapid.Int64Range(0, 500).Draw(rt, "delivery")
		p := s.place(buyer(), s.fill(buyer(), wanted), "k")
		type piece struct {
			order order.ID
			line  order.LineID
		}
		var pieces []piece
		for _, o := range p.Group.Orders {
			pieces = append(pieces, piece{order: o.ID})
			for _, l := range o.Lines {
				for range l.Quantity {
					pieces = append(pieces, piece{o.ID, l.ID})
				}
			}
		}
		pieces = rapid.Permutation(pieces).Draw(rt, "pieces")
		for call := 0; len(pieces) > 0; call++ {
			in := checkout.RefundInput{Group: p.Group.ID, Order: pieces[0].order, Key: fmt.Sprint(call)}
			for n := rapid.IntRange(1, len(pieces)).Draw(rt, "together"); n > 0 && pieces[0].order == in.Order; n-- {
				next := pieces[0]
				pieces = pieces[1:]
				if next.line == "" {
					in.Delivery = true
				} else if i := indexOf(in.Lines, next.line); i >= 0 {
					in.Lines[i].Quantity++
				} else {
					in.Lines = append(in.Lines, checkout.RefundLine{Line: next.line, Quantity: 1})
				}
				if len(pieces) == 0 {
					break
				}
			}
			s.refund(ref.Staff("ann"), in)
		}
		require.Zero(rt, s.bank.Net("USD"))
		for _, o := range s.group(p.Group.ID).Orders {
			require.Equal(rt, o.Total, o.Refunded)
			require.True(rt, o.Payment == order.PaymentRefunded || o.Total.IsZero())
		}
		s.sound()
	})
}

func indexOf(lines []checkout.RefundLine, id order.LineID) int {
	for i, l := range lines {
		if l.Line == id {
			return i
		}
	}
	return -1
}
