package promo

import (
	"cmp"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
)

// due is what is to have been taken back of a promotion in all.
type due struct {
	p       *Promotion
	amount  int64
	burdens burdens // what is left to each bearer of what is kept
}

// burden is what a bearer bears of what is kept.
type burden struct {
	party    Party
	merchant ref.MerchantID
	amount   int64
}

// burdens holds each bearer once.
type burdens []burden

func (s burdens) sum() int64 {
	n := int64(0)
	for i := range s {
		n += s[i].amount
	}
	return n
}

func (s burdens) add(party Party, merchant ref.MerchantID, amount int64) burdens {
	if party == PartySite || party == PartyTax {
		merchant = ""
	}
	for i := range s {
		if s[i].party == party && s[i].merchant == merchant {
			s[i].amount += amount
			return s
		}
	}
	return append(s, burden{party, merchant, amount})
}

func (s burdens) addAll(bearers []Bearer, merchant ref.MerchantID) burdens {
	for _, by := range bearers {
		s = s.add(by.Party, merchant, by.Amount.Minor())
	}
	return s
}

// taxed adds the tax on it.
func (s burdens) taxed(tax int64) burdens {
	if tax == 0 {
		return s
	}
	return s.add(PartyTax, "", tax)
}

func (s burdens) sort() {
	slices.SortFunc(s, func(x, y burden) int {
		return cmp.Or(cmp.Compare(x.party, y.party), cmp.Compare(x.merchant, y.merchant))
	})
}

// dues returns what is due of each promotion that was played again. Of those
// that could not be nothing is, as if the kept units earned what they carry.
func (v *evaluation) dues(in *ClawBackInput, unplayed []ref.PromotionID) []due {
	carried, all := in.carried()
	earned := v.earned(in)
	for _, id := range unplayed {
		earned[id] = carried[id].sum()
	}
	dues := make([]due, len(in.Applied))
	var lost burdens // by promotion: what the kept lines alone would not have earned
	for i := range in.Applied {
		d := &dues[i]
		d.p = &in.Applied[i].Promotion
		switch d.p.OnPartialRefund {
		case RefundClawBack:
			d.burdens = carried[d.p.ID]
			d.amount = max(0, d.burdens.sum()-earned[d.p.ID])
		case RefundReturnGift:
			if !slices.Contains(unplayed, d.p.ID) && !v.earns(d.p.ID) {
				d.burdens = in.gifts(d.p.ID)
				d.amount = d.burdens.sum()
			}
			d.burdens.sort()
			continue
		case RefundKeep:
		}
		d.burdens.sort()
		lost = append(lost, burden{amount: d.amount})
	}
	most := all
	for _, off := range earned {
		most -= off
	}
	if most = max(0, most); lost.sum() <= most {
		return dues
	}
	v.lower(dues, lost, most)
	return dues
}

// earned returns what each promotion takes off the kept units as they are
// played again. Of a line of which a part was withdrawn, that is what the other
// units of it leave.
func (v *evaluation) earned(in *ClawBackInput) map[ref.PromotionID]int64 {
	out := map[ref.PromotionID]int64{}
	for i := range v.records {
		rec := &v.records[i]
		if rec.rule.phase == PhaseShipping {
			continue
		}
		for k, share := range rec.shares {
			line := rec.rule.lines[k]
			kept := int64(in.Kept[v.lines[line].ID])
			share -= part(share, v.quantity[line]-kept, v.quantity[line])
			out[rec.rule.p.ID] += share + percent(share, in.TaxPPM[v.lines[line].ID])
		}
	}
	return out
}

// lower spreads most over the dues of what was lost.
func (v *evaluation) lower(dues []due, lost burdens, most int64) {
	weights, shares := make([]int64, len(lost)), make([]int64, len(lost))
	for i := range lost {
		weights[i] = lost[i].amount
	}
	v.reserve(v.mem, len(lost))
	v.prorate(most, weights, weights, shares)
	for i := range dues {
		if dues[i].p.OnPartialRefund != RefundReturnGift {
			dues[i].amount, shares = shares[0], shares[1:]
		}
	}
}

// carried returns what the kept units carry of each promotion, and of all
// together.
func (in *ClawBackInput) carried() (map[ref.PromotionID]burdens, int64) {
	out, all := map[ref.PromotionID]burdens{}, int64(0)
	for _, line := range in.Sold.Lines {
		n := int64(line.Quantity)
		kept := min(max(int64(in.Kept[line.ID]), 0), n)
		for i, back := range carried(line.Allocations, n-kept, max(n, 1)) {
			a := line.Allocations[i]
			rest := a.between(back, a.Amount.Minor())
			tax := percent(rest.Amount.Minor(), in.TaxPPM[line.ID])
			all += rest.Amount.Minor() + tax
			out[a.Promotion] = out[a.Promotion].addAll(rest.Bearers, a.Merchant).taxed(tax)
		}
	}
	return out, all
}

// gifts returns what the kept pieces of a promotion's gifts are worth.
func (in *ClawBackInput) gifts(id ref.PromotionID) burdens {
	var out burdens
	for i := range in.Sold.Gifts {
		g := &in.Sold.Gifts[i]
		if g.Promotion != id {
			continue
		}
		kept := g.Quantity
		if in.KeptGifts != nil {
			kept = in.KeptGifts[i]
		}
		whole := Allocation{Amount: g.Value, Bearers: g.Bearers}
		back := part(g.Value.Minor(), int64(g.Quantity-kept), int64(max(g.Quantity, 1)))
		rest := whole.between(back, g.Value.Minor())
		out = out.addAll(rest.Bearers, g.Merchant)
		if in.GiftTaxPPM != nil {
			out = out.taxed(percent(rest.Amount.Minor(), in.GiftTaxPPM[i]))
		}
	}
	return out
}

// replay plays promotions on a board, all of them. It returns those that this
// engine does not know how to play: versions from when less was checked, and of
// a kind that was dropped since.
func (b *board) replay(applied []Candidate) (v *evaluation, unplayed []ref.PromotionID) {
	v = &b.mem.evaluation
	v.board = b
	var rules []*rule
	for i := range applied {
		var d Decision
		r := b.newRule(&applied[i])
		check := checker{engine: b.engine, promotion: r.p}
		if check.check(); check.first != "" || !v.join(r, &d) {
			unplayed = append(unplayed, r.p.ID)
			continue
		}
		r.find(b)
		r.when = b.compile(r, &r.p.When)
		if r.phase == PhaseAfter {
			v.after = append(v.after, r)
		} else {
			rules = append(rules, r)
		}
	}
	v.plan = newPlan(b, rules)
	v.chosen = b.mem.set(v.plan.words)
	for i := range v.plan.rules {
		v.chosen.add(i)
	}
	v.final = b.newState()
	v.final.start(b)
	v.record()
	v.final.enter(&rule{phase: PhaseAfter, lineGroup: -1})
	return v, unplayed
}

// gives returns what a promotion takes off.
func (v *evaluation) gives(id ref.PromotionID) int64 {
	for i := range v.records {
		if v.records[i].rule.p.ID == id {
			return v.records[i].total
		}
	}
	return 0
}

// earns reports whether the condition of a gift holds.
func (v *evaluation) earns(id ref.PromotionID) bool {
	for _, r := range v.after {
		if r.p.ID == id {
			return len(r.lines) > 0 && v.holds(&v.final, r, &r.when)
		}
	}
	return false
}
