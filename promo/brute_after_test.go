package promo_test

import (
	"fmt"
	"slices"
	"sort"

	"github.com/soukhq/souk/promo"
)

// gives reports whether a candidate takes nothing off, and gives something after
// the sale.
func gives(c promo.Candidate) bool { return c.Promotion.Phase() == promo.PhaseAfter }

// possible reports whether a gift or a reward can be had on list amounts.
func (b *brute) possible(p promo.Promotion) bool {
	t := b.table()
	return len(b.merchants(p)) > 0 && t.holds(p, p.When) && (p.Benefit.Gift == nil || len(b.had(p)) > 0)
}

// had returns the gifts that are there.
func (b *brute) had(p promo.Promotion) []promo.GiftItem {
	return slices.DeleteFunc(slices.Clone(p.Benefit.Gift.Items), func(i promo.GiftItem) bool {
		return slices.Contains(b.in.Cart.SoldOut, i.SKU)
	})
}

// keptOut reports whether a candidate may not apply beside what is given because
// the buyer insists on it: the two do not share, or the one place of a group is
// for that.
func (b *brute) keptOut(c promo.Candidate) bool {
	mine := b.places(c.Promotion)
	return slices.ContainsFunc(b.after, func(a promo.Candidate) bool {
		if !a.Pinned {
			return false
		}
		for key, most := range b.places(a.Promotion) {
			if most == 1 && mine[key] > 0 {
				return true
			}
		}
		return !b.permits(a.Promotion, c.Promotion) || !b.permits(c.Promotion, a.Promotion)
	})
}

// ending is a choice as it is in the end: of what the buyer insisted on after the
// sale, all that is still insisted on is given.
type ending struct {
	*brute
	want  outcome
	given map[string]bool // of what is given after the sale
}

// endings are all the ways in which a choice can end, by the rule alone: as long
// as something that the buyer insists on is not given beside the best choice,
// nobody insists on it, and all is chosen anew. There are several where several
// choices are as good.
func endings(in promo.Input) []ending {
	b := newBrute(in)
	want := b.best()
	var out []ending
	seen := map[string]bool{}
	for _, applied := range b.equal {
		_, given := b.grants(applied)
		next, vain := in, ""
		next.Candidates = slices.Clone(in.Candidates)
		for i, c := range in.Candidates {
			if !b.unfixed && gives(c) && c.Pinned && b.counts(c) && !given[string(c.Promotion.ID)] {
				next.Candidates[i].Pinned = false
				vain += string(c.Promotion.ID) + " "
			}
		}
		switch {
		case vain == "":
			out = append(out, ending{b, want, given})
		case !seen[vain]:
			seen[vain] = true
			out = append(out, endings(next)...)
		}
	}
	return out
}

// counts reports whether a candidate may give something after the sale.
func (b *brute) counts(c promo.Candidate) bool {
	return slices.ContainsFunc(b.after, func(o promo.Candidate) bool { return o.Promotion.ID == c.Promotion.ID })
}

// reaches reports whether a result may be this ending of a choice.
func (e *ending) reaches(in promo.Input, got promo.Result) bool {
	for _, c := range in.Candidates {
		if gives(c) && c.Pinned && e.given[string(c.Promotion.ID)] == decision(got, c.Promotion.ID).Unpinned {
			return false
		}
	}
	return e.want.saved == got.Totals.Discount.Minor()+got.Totals.ShippingDiscount.Minor()
}

// grants returns what is given beside what was taken off, in its order: what the
// buyer insists on before the rest.
func (b *brute) grants(applied []promo.Candidate) (said []string, of map[string]bool) {
	t := b.table()
	b.playOn(t, applied)
	t.entry = slices.Clone(t.run)
	after := slices.Clone(b.after)
	sort.Slice(after, func(i, j int) bool {
		if x, y := after[i], after[j]; x.Pinned != y.Pinned {
			return x.Pinned
		}
		return ahead(after[i].Promotion, after[j].Promotion)
	})
	live := slices.Clone(applied)
	of = map[string]bool{}
	for _, c := range after {
		p := c.Promotion
		if !b.legal(append(slices.Clone(live), c)) || !t.holds(p, p.When) {
			continue
		}
		if p.Benefit.Gift != nil {
			given := b.had(p)
			given = given[:min(len(given), max(1, p.Benefit.Gift.Choose))]
			for _, g := range given {
				said = append(said, fmt.Sprint(p.ID, " ", g.SKU, g.Quantity))
			}
		} else {
			r := p.Benefit.Reward
			n := r.Count
			if !r.Every.IsZero() {
				paid := int64(0)
				for _, i := range t.over(p, nil) {
					paid += t.run[i]
				}
				n *= paid / r.Every.Minor()
			}
			if n == 0 {
				continue
			}
			if r.Max > 0 {
				n = min(n, r.Max)
			}
			said = append(said, fmt.Sprint(p.ID, " ", r.Kind, n))
		}
		live = append(live, c)
		of[string(p.ID)] = true
	}
	return said, of
}
