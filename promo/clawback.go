package promo

import (
	"maps"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// ClawBackInput is a partial refund, and the order that it is of.
type ClawBackInput struct {
	// Cart, Groups and At are those that the order was placed with, Applied
	// the candidates that applied, in their versions, and Sold what was
	// agreed.
	Cart    Cart
	Applied []Candidate
	Groups  []Group
	At      time.Time
	Sold    Sold
	// Kept is how many units of each line the buyer keeps after this refund,
	// KeptGifts how many pieces of each of Sold.Gifts; nil stands for all.
	Kept      map[ref.LineID]ref.Quantity
	KeptGifts []ref.Quantity
	// Withdrawn is how many units of each line others than the buyer took out of
	// the order: a merchant who cannot deliver, say. They earn offers for what
	// is kept as if they were kept too, and carry nothing: what was taken off
	// them went back with them.
	Withdrawn map[ref.LineID]ref.Quantity
	// TaxPPM is the rate of the tax that was paid on top of a line, for those
	// whose amounts are without it, and GiftTaxPPM that of each of Sold.Gifts,
	// for the value that is charged; nil stands for none. What is due is what
	// the buyer paid less, tax and all.
	TaxPPM     map[ref.LineID]int64
	GiftTaxPPM []int64
	// Before holds the entries of the earlier refunds, or their sums.
	Before []ClawBack
	// Refund is what the returns are worth. The buyer never owes more than
	// that and what is given back.
	Refund money.Money
}

// ClawBack is what a refund keeps back for an offer that the kept units alone
// would not have earned, or gives back of what earlier ones kept: an entry of
// its own, beside the reversal, that leaves the allocations of the kept units
// as they are.
type ClawBack struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	// Amount is kept back of the refund; where it is negative, it is given back
	// with it. It is zero where only the bearers change.
	Amount money.Money `json:"amount"`
	// Bearers get it back, or give it. They sum to Amount.
	Bearers []ClawBackBearer `json:"bearers"`
	// Gift reports that it is the value of a gift, which is not due where the
	// gift comes back.
	Gift bool `json:"gift,omitempty"`
}

// PartyTax is who gets the tax on what is clawed back, where amounts are without
// it: nobody who bears an offer.
const PartyTax Party = "tax"

// maxTax bounds a rate of tax, in ppm.
const maxTax = 10 * money.Million

// ClawBackBearer is the part of one bearer, or the tax on theirs.
type ClawBackBearer struct {
	Party Party `json:"party"`
	// Merchant is the one on whose lines the party bears it; empty for the
	// site, which is one, and for the tax.
	Merchant ref.MerchantID `json:"merchant,omitempty"`
	Amount   money.Money    `json:"amount"`
}

// ClawBack computes what a partial refund takes back of promotions whose
// OnPartialRefund asks for it, or gives back of what earlier refunds took.
//
// What is to have been taken back of a promotion in all depends on what is
// kept and on nothing else, not on the refunds that led there: what the kept
// units carry of it, less what it gives them when the promotions of the order
// are played on the kept units alone, and on what was withdrawn. Together the
// promotions take back no more than the kept lines would have cost more that
// way. Nothing is searched anew.
// Of a version that cannot be played again, as this engine does not take it any
// more, nothing is due: the buyer is not charged for what nobody can say.
// A gift that the kept units do not earn is due with its value in Sold, for the
// pieces that are kept. Each bearer gets back in proportion to what it still
// bears of the kept units, so that it never gets more than it bore.
//
// An entry is the difference to what was taken back before, bearer by bearer:
// what is too much by now is given back in full, and what is due is taken from
// the refund and from what is given back, promotion by promotion, as far as
// these go; the rest falls due with the next refund. Where everything came
// back, everything is given back.
//
// Kinds: Invalid.
func (e *Engine) ClawBack(in ClawBackInput) ([]ClawBack, error) {
	kept, err := in.kept()
	if err != nil {
		return nil, err
	}
	mem := e.arena()
	defer e.release(mem)
	b, err := e.newBoard(mem, &kept)
	if err != nil {
		return nil, err
	}
	v, unplayed := b.replay(in.Applied)
	return b.entries(&in, v.dues(&in, unplayed)), nil
}

// kept returns what is to be played again.
func (in *ClawBackInput) kept() (Input, error) {
	kept := Input{Cart: in.Cart, Groups: in.Groups, Now: in.At}
	kept.Cart.Lines = nil
	var bad fault.Violations
	for _, line := range in.Cart.Lines {
		n, away := in.Kept[line.ID], in.Withdrawn[line.ID]
		if n < 0 || n > line.Quantity {
			at := field(nil, "kept")
			bad.Add(at.String(), "out_of_range", fault.Params{"line": line.ID, "max": line.Quantity})
			continue
		}
		if away < 0 || away > line.Quantity-n {
			at := field(nil, "withdrawn")
			bad.Add(at.String(), "out_of_range", fault.Params{"line": line.ID, "max": line.Quantity - n})
			continue
		}
		if line.Quantity = n + away; line.Quantity > 0 {
			kept.Cart.Lines = append(kept.Cart.Lines, line)
		}
	}
	if in.KeptGifts != nil && len(in.KeptGifts) != len(in.Sold.Gifts) {
		bad.Add("kept_gifts", "length", fault.Params{"want": len(in.Sold.Gifts)})
	} else {
		for i, n := range in.KeptGifts {
			if most := in.Sold.Gifts[i].Quantity; n < 0 || n > most {
				at := element(nil, "kept_gifts", i)
				bad.Add(at.String(), "out_of_range", fault.Params{"max": most})
			}
		}
	}
	if in.GiftTaxPPM != nil && len(in.GiftTaxPPM) != len(in.Sold.Gifts) {
		bad.Add("gift_tax_ppm", "length", fault.Params{"want": len(in.Sold.Gifts)})
	}
	rates := append(slices.Collect(maps.Values(in.TaxPPM)), in.GiftTaxPPM...)
	if slices.ContainsFunc(rates, func(ppm int64) bool { return ppm < 0 || ppm > maxTax }) {
		bad.Add("tax_ppm", "out_of_range", fault.Params{"min": 0, "max": maxTax})
	}
	foreign := func(m money.Money) bool { return m.Currency() != in.Cart.Currency }
	for i := range in.Before {
		wrong := foreign(in.Before[i].Amount)
		for _, by := range in.Before[i].Bearers {
			wrong = wrong || foreign(by.Amount)
		}
		if wrong {
			at := element(nil, "before", i)
			bad.Add(at.String(), "money", nil)
		}
	}
	if foreign(in.Refund) || in.Refund.Sign() < 0 {
		bad.Add("refund", "money", nil)
	}
	return kept, bad.Err("promo.claw_back", "the refund does not fit the order")
}

// entries returns the differences between what is due and what was taken back
// before, as far as the buyer gets something from which to take it.
func (b *board) entries(in *ClawBackInput, dues []due) []ClawBack {
	before := map[ref.PromotionID]burdens{}
	for i := range in.Before {
		e := &in.Before[i]
		s := before[e.Promotion]
		for _, by := range e.Bearers {
			s = s.add(by.Party, by.Merchant, by.Amount.Minor())
		}
		before[e.Promotion] = s
	}
	left := in.Refund.Minor()
	changes := make([]burdens, len(dues))
	for i, d := range dues {
		changes[i] = b.shared(d.amount, d.burdens)
		for _, had := range before[d.p.ID] {
			changes[i] = changes[i].add(had.party, had.merchant, -had.amount)
		}
		changes[i].sort()
		for _, c := range changes[i] {
			left += max(0, -c.amount)
		}
	}
	var out []ClawBack
	for i, d := range dues {
		more, fewer := burdens{}, burdens{}
		for _, c := range changes[i] {
			if c.amount > 0 {
				more = append(more, c)
			} else if c.amount < 0 {
				fewer = append(fewer, c)
			}
		}
		took := min(more.sum(), left)
		left -= took
		all := fewer
		for _, c := range b.shared(took, more) {
			all = all.add(c.party, c.merchant, c.amount)
		}
		if len(all) == 0 {
			continue
		}
		all.sort()
		e := ClawBack{
			Promotion: d.p.ID, Version: d.p.Version, Amount: b.money(all.sum()), Gift: d.p.Benefit.Gift != nil,
		}
		for _, c := range all {
			e.Bearers = append(e.Bearers, ClawBackBearer{Party: c.party, Merchant: c.merchant, Amount: b.money(c.amount)})
		}
		out = append(out, e)
	}
	return out
}

// shared splits an amount, at most their sum, in proportion to burdens, by the
// largest remainder. None gets more than its burden.
func (b *board) shared(amount int64, of burdens) burdens {
	weights, shares := make([]int64, len(of)), make([]int64, len(of))
	for i, s := range of {
		weights[i] = s.amount
	}
	b.reserve(b.mem, len(of))
	b.prorate(amount, weights, weights, shares)
	var out burdens
	for i, s := range of {
		if shares[i] > 0 {
			out = append(out, burden{s.party, s.merchant, shares[i]})
		}
	}
	return out
}
