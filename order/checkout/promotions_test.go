package checkout_test

import (
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/storage/memory"
)

func both() map[ref.SKUID]ref.Quantity { return map[ref.SKUID]ref.Quantity{"tea": 2, "silk": 1} }

func TestPromotionsAreFrozenOnTheOrdersAndRedeemedOnce(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.limit(5)
		s.deals.delivery, s.deals.points = 50, 7
		choice := s.fill(buyer(), both())
		choice.Codes = []string{" SPRING ", "SPRING", "A", ""}
		choice.Email = "Bo@Example.com"
		q := s.quote(buyer(), choice)
		require.Equal(s, money.New(100+1000+2*50, "USD"), q.Discount)
		require.Equal(s, promo.CodeApplied, q.Promotions.Decisions[0].Code)
		require.EqualValues(s, 7, q.Promotions.Rewards[0].Count)
		b := s.deals.baskets[len(s.deals.baskets)-1]
		require.Equal(s, []string{"A", "SPRING"}, b.Codes)
		require.Equal(s, "bo@example.com", b.Contact)
		require.Equal(s, "fakepay", b.Payment)
		require.Equal(s, "standard", b.Parts[0].Method)

		p := s.place(buyer(), choice, "k1")
		require.True(s, p.Group.Promoted)
		require.Equal(s, q.Payable, p.Group.Payable)
		require.Equal(s, []order.Adjustment{share("tea-house", 100)}, s.group(p.Group.ID).Orders[0].Lines[0].Adjustments)
		redeemed, released := s.deals.calls()
		require.Equal(s, []int{1, 0}, []int{redeemed, released}, "one group of two orders is one use")
		require.EqualValues(s, 1, s.used())
		require.Equal(s, p.Group.ID, s.deals.redeemed[0].Group)
		require.Equal(s, b.Contact, s.deals.redeemed[0].Basket.Contact)
		require.Len(s, s.deals.redeemed[0].Adjusted.Parts, 2)

		again, err := s.checkout.Place(s.Context(), buyer(), checkout.PlaceInput{Choice: choice, Quote: q.ID, Key: "k1"})
		require.NoError(s, err)
		require.True(s, again.Replayed)
		require.EqualValues(s, 1, s.used())
		s.sound()
	})
}

func TestWithoutPromotionsNothingIsRedeemed(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	p := s.place(buyer(), s.fill(buyer(), both()), "k1")
	require.False(t, p.Group.Promoted)
	s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
	redeemed, released := s.deals.calls()
	require.Zero(t, redeemed+released)
}

// The last use goes while a buyer looks at the quote: nothing is placed,
// nothing is charged, and the answer is what it costs without.
func TestAUsedUpPromotionIsAnsweredWithAQuote(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.limit(1)
		eve := ref.Member("eve")
		slow := s.fill(eve, both())
		q := s.quote(eve, slow)
		fast := s.place(buyer(), s.fill(buyer(), both()), "k1")
		require.Equal(s, fast.Group.Payable, q.Payable)

		_, err := s.checkout.Place(s.Context(), eve, checkout.PlaceInput{Choice: slow, Quote: q.ID, Key: "k1"})
		var changed *checkout.ChangedError
		require.ErrorAs(s, err, &changed)
		require.Equal(s, "checkout.quote_changed", fault.CodeOf(err))
		require.True(s, changed.Quote.Discount.IsZero())
		require.Equal(s, promo.CodeLimitGlobal, changed.Quote.Promotions.Decisions[0].Code)
		s.sound()

		p, err := s.checkout.Place(s.Context(), eve, checkout.PlaceInput{Choice: slow, Quote: changed.Quote.ID, Key: "k2"})
		require.NoError(s, err)
		require.Equal(s, changed.Quote.Payable, p.Group.Payable)
		require.False(s, p.Group.Promoted)
		require.EqualValues(s, 1, s.used())
		s.sound()
	})
}

// The quote is still right when it is checked, and the use is gone when it is
// counted.
func TestWhatIsUsedUpInTheMeantimeLeavesNothing(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.limit(1)
		const n = 6
		inputs := make([]checkout.PlaceInput, n)
		who := make([]ref.Scope, n)
		for i := range n {
			who[i] = ref.Member(ref.MemberID('a' + rune(i)))
			choice := s.fill(who[i], map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1})
			inputs[i] = checkout.PlaceInput{Choice: choice, Quote: s.quote(who[i], choice).ID, Key: "k"}
		}
		var wg sync.WaitGroup
		errs, placed := make([]error, n), make([]checkout.Placed, n)
		for i := range n {
			wg.Go(func() { placed[i], errs[i] = s.checkout.Place(s.Context(), who[i], inputs[i]) })
		}
		wg.Wait()
		won := 0
		for i, err := range errs {
			if err == nil {
				won++
				require.True(s, placed[i].Group.Promoted)
				continue
			}
			var changed *checkout.ChangedError
			require.ErrorAs(s, err, &changed)
			require.True(s, changed.Quote.Discount.IsZero())
			open, err := s.carts.Get(s.Context(), who[i], inputs[i].Cart)
			require.NoError(s, err)
			require.Empty(s, open.Group, "the cart is still open")
			orders, err := s.orders.List(s.Context(), who[i], order.Query{}, page.Request{})
			require.NoError(s, err)
			require.Empty(s, orders.Items)
		}
		require.Equal(s, 1, won)
		require.EqualValues(s, 1, s.used())
		require.EqualValues(s, 1, 10-s.level("tea").OnHand+s.level("tea").Reserved)
		require.Len(s, s.bank.Payments(), 1)
		s.sound()
	})
}

func TestAPromotionIsReleasedOnceHoweverTheGroupEnds(t *testing.T) {
	t.Parallel()
	ends := map[string]struct {
		paid, refused bool
		end           func(s *shop)
	}{
		"it was not paid in time": {false, false, func(s *shop) {
			p := s.open()
			by, _ := p.Group.PayBy()
			s.clock.Set(by)
			s.settle()
		}},
		"the buyer cancels before the payment": {false, false, func(s *shop) {
			p := s.open()
			s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		}},
		"its parts are canceled one by one before the payment": {false, false, func(s *shop) {
			p := s.open()
			s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[0].ID}})
			require.EqualValues(s, 1, s.used(), "a part still wants it")
			s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID, Orders: []order.ID{p.Group.Orders[1].ID}})
		}},
		"all of it is canceled after the payment": {true, false, func(s *shop) {
			p := s.place(buyer(), s.fill(buyer(), both()), "k")
			s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		}},
		"its parts are canceled one by one after the payment": {true, false, func(s *shop) {
			p := s.place(buyer(), s.fill(buyer(), both()), "k")
			s.cancel(ref.Merchant("silk-road"), checkout.CancelInput{Group: p.Group.ID})
			require.EqualValues(s, 1, s.used(), "a part is still to be fulfilled")
			s.cancel(ref.Merchant("tea-house"), checkout.CancelInput{Group: p.Group.ID})
		}},
		"the payment is declined for good": {false, false, func(s *shop) {
			s.bank.Plan(slices.Repeat([]fakepay.Plan{fakepay.Refuse}, 20)...)
			p := s.place(buyer(), s.fill(buyer(), both()), "k")
			for in := s.intent(p.Group); in.State.Alive(); in = s.intent(p.Group) {
				require.EqualValues(s, 1, s.used())
				last, _ := in.Last()
				_, err := s.payments.Retry(s.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: last.ID, Gateway: "fakepay"})
				require.NoError(s, err)
			}
		}},
		"the money comes too late": {false, false, func(s *shop) {
			p := s.open()
			last, _ := p.Intent.Last()
			require.NoError(s, s.bank.Approve(s.Context(), last.Number)) // and nobody tells us
			s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
			s.settle()
			require.Zero(s, s.bank.Net("USD"))
		}},
		"the buyer does not want to pay on delivery after all": {false, false, func(s *shop) {
			s.cancel(buyer(), checkout.CancelInput{Group: s.onDelivery().Group.ID})
		}},
		"the buyer does not take it": {false, true, func(s *shop) {
			p := s.onDelivery()
			require.NoError(s, s.ship(p.Group, 0))
			require.NoError(s, s.ship(p.Group, 1))
			require.NoError(s, takesBack()(s, p))
		}},
		"the buyer does not take a part of it": {false, true, func(s *shop) {
			p := s.onDelivery()
			require.NoError(s, s.ship(p.Group, 0))
			require.NoError(s, takesBack(0)(s, p))
			require.EqualValues(s, 1, s.used(), "a part still wants it")
			s.cancel(ref.Staff("ann"), checkout.CancelInput{Group: p.Group.ID})
		}},
	}
	for name, e := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(s *shop) {
				s.limit(3)
				e.end(s)
				s.settle()
				require.Zero(s, s.used())
				redeemed, released := s.deals.calls()
				require.Equal(s, []int{1, 1}, []int{redeemed, released})
				require.Equal(s, e.paid, s.deals.released[0].Paid)
				require.Equal(s, e.refused, s.deals.released[0].Refused)
				s.sound()
			})
		})
	}
}

// onDelivery places both merchants' goods, to be paid at the door.
func (s *shop) onDelivery() checkout.Placed {
	s.Helper()
	choice := s.fill(buyer(), both())
	choice.Gateway = "cod"
	return s.place(buyer(), choice, "k")
}

// open places both merchants' goods and leaves the payment to be approved.
func (s *shop) open() checkout.Placed {
	s.Helper()
	s.bank.Plan(fakepay.Ask)
	return s.place(buyer(), s.fill(buyer(), both()), "k")
}

// Both merchants cancel at the same moment: neither may leave it to the other.
func TestPartsThatAreCanceledAtOnceReleaseOnce(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.limit(20)
		for i := range 5 {
			p := s.place(buyer(), s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1, "silk": 1}), strconv.Itoa(i))
			var wg sync.WaitGroup
			errs := make([]error, 2)
			for i, m := range []ref.MerchantID{"tea-house", "silk-road"} {
				wg.Go(func() {
					_, errs[i] = s.checkout.Cancel(s.Context(), ref.Merchant(m), checkout.CancelInput{Group: p.Group.ID})
				})
			}
			wg.Wait()
			require.NoError(s, errors.Join(errs...))
			s.settle()
			require.Equal(s, []string{"canceled/refunded", "canceled/refunded"}, states(s.group(p.Group.ID)))
			require.Zero(s, s.used())
		}
		s.sound()
	})
}

func TestAGiftIsALineThatCostsNothing(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.deals.gift = "pot"
		choice := s.fill(buyer(), both())
		q := s.quote(buyer(), choice)
		gift := q.Parts[0].Lines[1]
		require.Equal(s, ref.SKUID("pot"), gift.SKU)
		require.Equal(s, ref.PromotionID("deal"), gift.Gift)
		require.True(s, gift.Gross.IsZero())
		require.Equal(s, money.New(4999, "USD"), q.Discount)
		s.shelf.reprice("silk", 20000) // another version of the same price
		q = s.quote(buyer(), choice)

		p := s.place(buyer(), choice, "k1")
		require.Equal(s, q.Payable, p.Group.Payable)
		require.True(s, p.Group.Promoted)
		got := s.group(p.Group.ID)
		require.Equal(s, p.Group.Orders[0].Lines, got.Orders[0].Lines)
		require.Equal(s, ref.PromotionID("deal"), got.Orders[0].Lines[1].Gift)
		require.EqualValues(s, 9, s.level("pot").OnHand)
		s.cancel(buyer(), checkout.CancelInput{Group: p.Group.ID})
		require.EqualValues(s, 10, s.level("pot").OnHand)
		require.Zero(s, s.bank.Net("USD"))
		s.sound()
	})
}

func TestAGiftThatIsGoneIsAnsweredWithAQuote(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.deals.gift = "pot"
		eve := ref.Member("eve")
		s.place(eve, s.fill(eve, map[ref.SKUID]ref.Quantity{"pot": 8}), "k1") // and a ninth as a gift
		const n = 4
		inputs, who := make([]checkout.PlaceInput, n), make([]ref.Scope, n)
		for i := range n {
			who[i] = ref.Member(ref.MemberID('a' + rune(i)))
			choice := s.fill(who[i], map[ref.SKUID]ref.Quantity{"tea": 1})
			inputs[i] = checkout.PlaceInput{Choice: choice, Quote: s.quote(who[i], choice).ID, Key: "k"}
		}
		var wg sync.WaitGroup
		errs := make([]error, n)
		for i := range n {
			wg.Go(func() { _, errs[i] = s.checkout.Place(s.Context(), who[i], inputs[i]) })
		}
		wg.Wait()
		won := 0
		for i, err := range errs {
			if err == nil {
				won++
				continue
			}
			var changed *checkout.ChangedError
			require.ErrorAs(s, err, &changed)
			require.True(s, changed.Quote.Ready)
			require.Len(s, changed.Quote.Parts[0].Lines, 1, "without the gift")
			_, err = s.checkout.Place(s.Context(), who[i], checkout.PlaceInput{
				Choice: inputs[i].Choice, Quote: changed.Quote.ID, Key: "again",
			})
			require.NoError(s, err)
		}
		require.Equal(s, 1, won)
		require.Zero(s, s.level("pot").OnHand)
		s.sound()
	})
}

func TestBrokenPromotionsAreRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
	s.deals.off = map[ref.SKUID]int64{"tea": 1251}
	_, err := s.checkout.Quote(t.Context(), buyer(), choice)
	require.Equal(t, "checkout.promotions", fault.CodeOf(err), "more than there is")
	s.deals.off, s.deals.gift = nil, "silk"
	_, err = s.checkout.Quote(t.Context(), buyer(), choice)
	require.Equal(t, "checkout.promotions", fault.CodeOf(err), "a gift of a merchant who sends nothing")
}

func TestWhatABuyerPresentsIsBounded(t *testing.T) {
	t.Parallel()
	s := newShop(t, memory.New().Stores())
	choice := s.fill(buyer(), map[ref.SKUID]ref.Quantity{"tea": 1})
	for name, change := range map[string]func(c *checkout.Choice){
		"coupons": func(c *checkout.Choice) {
			for i := range checkout.MaxCoupons + 1 {
				c.Coupons = append(c.Coupons, ref.CouponID(rune('a'+i)))
			}
		},
		"codes": func(c *checkout.Choice) { c.Codes = []string{string(make([]byte, checkout.MaxCode+1))} },
		"gifts": func(c *checkout.Choice) {
			c.Gifts = map[ref.PromotionID][]ref.SKUID{}
			for i := range checkout.MaxGifts + 1 {
				c.Gifts[ref.PromotionID(rune('a'+i))] = []ref.SKUID{"pot"}
			}
		},
	} {
		wrong := choice
		change(&wrong)
		_, err := s.checkout.Quote(t.Context(), buyer(), wrong)
		require.ErrorIs(t, err, fault.Invalid, name)
	}
}
