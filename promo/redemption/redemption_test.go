package redemption_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/promo/redemption"
)

func TestWhatLacksIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := redemption.New(redemption.Config{MaxCandidates: -1})
	for _, field := range []string{"Campaigns", "Versions", "Usage", "Offers", "Engine", "MaxCandidates"} {
		require.ErrorContains(t, err, "redemption.Config."+field)
	}
}

func TestALimitedPromotionFromQuoteToCancel(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("week", 1000)
		p.Limits = promo.Limits{Uses: 2, PerMember: 1, Budget: usd(3000)}
		p.Funding = []promo.Funding{{Party: promo.PartySite, PPM: 600_000}, {Party: promo.PartyMerchant, PPM: 400_000}}
		s.offer(p)
		bo := ref.Member("bo")
		choice := s.choose(bo, want{"tea", 1}, want{"cup", 2})
		q := s.quote(bo, choice)
		require.Equal(s, usd(1250+1800-1000), q.Payable)
		require.Equal(s, promo.CodeApplied, q.Promotions.Decisions[0].Code)

		s.bank.Plan(fakepay.Ask)
		placed, err := s.place(s.Context(), bo, choice, q.ID)
		require.NoError(s, err)
		var taken int64
		for _, o := range placed.Group.Orders {
			for _, l := range o.Lines {
				for _, a := range l.Adjustments {
					require.EqualValues(s, "week", a.Promotion)
					require.EqualValues(s, 1, a.Version)
					require.Equal(s, "off week", a.Label)
					taken += a.Amount.Minor()
					sum := money.Zero("USD")
					for _, b := range a.Bearers {
						require.Contains(s, []string{"platform", "merchant:" + string(o.Merchant)}, b.Party)
						sum, err = sum.Add(b.Amount)
						require.NoError(s, err)
					}
					require.Equal(s, a.Amount, sum)
				}
			}
		}
		require.EqualValues(s, 1000, taken)
		require.Equal(s, campaign.Used{Uses: 1, Spent: 1000}, s.used("week"), "two orders are one use")

		again := s.choose(bo, want{"tea", 1})
		q = s.quote(bo, again)
		require.Equal(s, usd(1250), q.Payable)
		require.Equal(s, promo.CodeLimitUser, q.Promotions.Decisions[0].Code)

		// Nobody pays: the use is free again.
		_, err = s.Checkout.Cancel(s.Context(), bo, checkout.CancelInput{Group: placed.Group.ID})
		require.NoError(s, err)
		require.NoError(s, s.Drain(s.Context()))
		require.Zero(s, s.used("week"))
		require.Equal(s, usd(250), s.quote(bo, again).Payable)

		// Paid and given back as a whole, it is free as well.
		paid := s.buy(bo, again)
		require.Equal(s, campaign.Used{Uses: 1, Spent: 1000}, s.used("week"))
		_, err = s.Checkout.Cancel(s.Context(), ann(), checkout.CancelInput{Group: paid.Group.ID})
		require.NoError(s, err)
		require.Zero(s, s.used("week"))
		s.sound()
	})
}

func TestAGuestIsKnownByTheContact(t *testing.T) {
	t.Parallel()
	s := open(t, memoryStores())
	p := off("week", 100)
	p.Limits.PerMember = 1
	s.offer(p)
	first, second := ref.Guest("first"), ref.Guest("second")
	choice := s.choose(first, want{"tea", 1})
	choice.Email = "Bo@Shop.example "
	s.buy(first, choice)
	choice = s.choose(second, want{"tea", 1})
	choice.Email = "bo@shop.example"
	require.Equal(t, usd(1250), s.quote(second, choice).Payable)
	choice.Email = "di@shop.example"
	require.Equal(t, usd(1150), s.quote(second, choice).Payable)
	uses, err := s.stores.PromoUses.Used(t.Context(), "contact:bo@shop.example", []campaign.ID{"week"})
	require.NoError(t, err)
	require.Zero(t, uses["week"].Member, "it is kept as a digest")
}

func TestAGuestWhoSignsInIsNoNewBuyer(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		p := off("week", 100)
		p.Limits.PerMember = 1
		s.offer(p)
		guest, bo := ref.Guest("token"), ref.Member("bo")
		choice := s.choose(guest, want{"tea", 1})
		choice.Email = "bo@shop.example"
		placed := s.buy(guest, choice)
		again := s.choose(bo, want{"tea", 1})
		require.Equal(s, usd(1150), s.quote(bo, again).Payable)

		n, err := s.Checkout.Adopt(s.Context(), bo, guest)
		require.NoError(s, err)
		require.Equal(s, 1, n)
		require.NoError(s, s.Drain(s.Context()))
		require.Equal(s, usd(1250), s.quote(bo, again).Payable)
		choice = s.choose(ref.Guest("other"), want{"tea", 1})
		choice.Email = "bo@shop.example"
		require.Equal(s, usd(1150), s.quote(ref.Guest("other"), choice).Payable, "a guest of the address is not known to be the member")

		_, err = s.Checkout.Cancel(s.Context(), ann(), checkout.CancelInput{Group: placed.Group.ID})
		require.NoError(s, err)
		require.Equal(s, usd(1150), s.quote(bo, again).Payable, "it comes back to the member")
		s.sound()
	})
}

func TestCodesAreTypedAndNeverShown(t *testing.T) {
	t.Parallel()
	s := open(t, memoryStores())
	p := off("secret", 300)
	p.Redeem, p.Code = promo.RedeemCode, "TEA-WEEK"
	s.offer(p)
	bo := ref.Member("bo")
	choice := s.choose(bo, want{"tea", 1})
	q := s.quote(bo, choice)
	require.Empty(t, q.Promotions.Decisions)
	choice.Codes = []string{"TEA-WEEK", "GUESS"}
	q = s.quote(bo, choice)
	require.Equal(t, usd(950), q.Payable)
	require.Equal(t, promo.CodeUnknown, q.Promotions.Decisions[1].Code)
	choice.Coupons = []ref.CouponID{"somebody-elses"}
	q = s.quote(bo, choice)
	require.Contains(t, q.Promotions.Decisions, promo.Decision{Coupon: "somebody-elses", Code: promo.CodeMissing})
}

func TestWhatChangesMeanwhileIsQuotedAnew(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		c := s.offer(off("week", 1000))
		bo := ref.Member("bo")
		choice := s.choose(bo, want{"tea", 1})
		q := s.quote(bo, choice)
		c, err := s.Campaigns.Pause(s.Context(), ann(), c.ID, c.Version)
		require.NoError(s, err)
		_, err = s.place(s.Context(), bo, choice, q.ID)
		var changed *checkout.ChangedError
		require.ErrorAs(s, err, &changed)
		require.Equal(s, usd(1250), changed.Quote.Payable)
		_, err = s.Campaigns.Activate(s.Context(), ann(), c.ID, c.Version)
		require.NoError(s, err)
		require.Equal(s, usd(250), s.quote(bo, choice).Payable)
	})
}

func TestGiftsComeFromTheStock(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.sell("tea-house", "spoon", 400, 1)
		s.offer(promo.Promotion{
			ID: "gift", Name: "a gift", When: promo.Condition{Amount: &promo.AmountCondition{Min: usd(1000)}},
			Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{
				{SKU: "spoon", Quantity: 1, Value: usd(300)}, {SKU: "cup", Quantity: 1, Value: usd(500)},
			}}},
		})
		bo, di := ref.Member("bo"), ref.Member("di")
		p := s.buy(bo, s.choose(bo, want{"tea", 1}))
		require.Equal(s, usd(1250), p.Group.Payable)
		lines := p.Group.Orders[0].Lines
		require.Len(s, lines, 2)
		require.EqualValues(s, "spoon", lines[1].SKU)
		require.EqualValues(s, "gift", lines[1].Gift)
		require.Equal(s, usd(400), lines[1].Discount)
		require.Equal(s, []order.Bearer{{Party: "platform", Amount: usd(400)}}, lines[1].Adjustments[0].Bearers)

		// The last spoon is gone, and pottery sends nothing to di.
		q := s.quote(di, s.choose(di, want{"tea", 1}))
		require.Len(s, q.Parts[0].Lines, 1)
		require.Equal(s, promo.CodeGiftSoldOut, q.Promotions.Decisions[0].Code)
		q = s.quote(di, s.choose(di, want{"cup", 1}))
		require.Len(s, q.Parts, 2)
		for _, part := range q.Parts {
			if part.Merchant == "pottery" {
				require.Len(s, part.Lines, 2)
				require.EqualValues(s, 1, part.Lines[1].Quantity)
			}
		}
		s.sound()
	})
}

func TestBuyersChooseAmongGifts(t *testing.T) {
	t.Parallel()
	each(t, func(s *shop) {
		s.sell("tea-house", "spoon", 400, 9)
		s.sell("tea-house", "sieve", 600, 1)
		item := func(sku ref.SKUID, n ref.Quantity) promo.GiftItem {
			return promo.GiftItem{SKU: sku, Quantity: n, Value: usd(300)}
		}
		s.offer(promo.Promotion{ID: "gift", Name: "a gift", Benefit: promo.Benefit{Gift: &promo.Gift{
			Items: []promo.GiftItem{item("spoon", 2), item("sieve", 1), item("pot", 1), item("cup", 1)}, Choose: 2,
		}}})
		s.offer(promo.Promotion{ID: "one", Name: "no choice", Benefit: promo.Benefit{Gift: &promo.Gift{Items: []promo.GiftItem{item("tea", 1)}}}})
		options := func(q checkout.Quote) string {
			out := ""
			for _, c := range q.GiftChoices {
				require.EqualValues(s, "gift", c.Promotion)
				require.Equal(s, 2, c.Most)
				for _, o := range c.Options {
					out += fmt.Sprint(" ", o.Offer.SKU, o.Quantity)
					if o.Given {
						out += "!"
					}
				}
			}
			return out
		}
		bo := ref.Member("bo")
		choice := s.choose(bo, want{"tea", 1})
		first := s.quote(bo, choice)
		require.Equal(s, " spoon2! sieve1! pot1", options(first), "of what pottery sells it sends nothing")
		choice.Gifts = map[ref.PromotionID][]ref.SKUID{"gift": {"pot"}, "one": {"pot"}, "other": {"pot"}}
		q := s.quote(bo, choice)
		require.Equal(s, " spoon2! sieve1 pot1!", options(q), "what is not chosen is given as it comes")
		choice.Gifts["gift"] = []ref.SKUID{"sieve", "pot"}
		q = s.quote(bo, choice)
		require.Equal(s, " spoon2 sieve1! pot1!", options(q))
		require.NotEqual(s, first.ID, q.ID)

		// The last sieve is bought by somebody else: the rest is no choice.
		di := ref.Member("di")
		taken := s.choose(di, want{"sieve", 1})
		require.Empty(s, s.quote(di, taken).GiftChoices)
		placed, err := s.place(s.Context(), bo, choice, q.ID)
		require.NoError(s, err)
		var given []ref.SKUID
		for _, l := range placed.Group.Orders[0].Lines {
			if l.Gift == "gift" {
				given = append(given, l.SKU)
			}
		}
		require.Equal(s, []ref.SKUID{"sieve", "pot"}, given)
		again := s.quote(bo, s.choose(bo, want{"tea", 1}))
		require.Empty(s, again.GiftChoices, "two of two")
		s.sound()
	})
}

// Which case a code is typed in does not matter, nor whether it is typed twice.
func TestCodesAreFoundInEveryCase(t *testing.T) {
	t.Parallel()
	s := open(t, memoryStores())
	p := off("spring", 500)
	p.Redeem, p.Code = promo.RedeemCode, "Spring-Été"
	s.offer(p)
	bo := ref.Member("bo")
	choice := s.choose(bo, want{"tea", 1})
	for _, codes := range [][]string{{"Spring-Été"}, {"spring-été"}, {"SPRING-ÉTÉ", "spring-été", "winter"}} {
		choice.Codes = codes
		q := s.quote(bo, choice)
		require.Equal(t, usd(750), q.Payable)
		require.Len(t, q.Promotions.Decisions, max(1, len(codes)-1))
		require.Equal(t, "Spring-Été", q.Promotions.Decisions[0].Typed)
	}
}

func TestOnlyNewcomersAreNew(t *testing.T) {
	t.Parallel()
	s := open(t, memoryStores())
	p := off("hello", 500)
	p.When = promo.Condition{Orders: &promo.OrdersCondition{From: 1, To: 1}}
	s.offer(p)
	bo := ref.Member("bo")
	s.clock.Advance(time.Minute)
	require.Equal(t, usd(750), s.buy(bo, s.choose(bo, want{"tea", 1})).Group.Payable)
	require.Equal(t, usd(1250), s.quote(bo, s.choose(bo, want{"tea", 1})).Payable)
	guest := ref.Guest("g")
	require.Equal(t, usd(1250), s.quote(guest, s.choose(guest, want{"tea", 1})).Payable)
}
