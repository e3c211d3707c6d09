package order

import (
	"cmp"
	"slices"

	"github.com/soukhq/souk/commerce/money"
)

// KeptBack returns what the refunds of an order, by its entries among these,
// have kept back so far and not given back: one of each promotion of which any
// was, see [SumClawBacks].
func KeptBack(history []Entry, id ID) ([]ClawBack, error) {
	var all []ClawBack
	for i := range history {
		if u := history[i].Units; u != nil && history[i].Order == id {
			all = append(all, u.ClawBacks...)
		}
	}
	return SumClawBacks(all)
}

// SumClawBacks adds up claw-backs by promotion and bearer, ordered by both.
// What comes to nothing is left out.
func SumClawBacks(all []ClawBack) ([]ClawBack, error) {
	var out []ClawBack
	var err error
	for _, c := range all {
		i := slices.IndexFunc(out, func(o ClawBack) bool { return o.Promotion == c.Promotion })
		if i < 0 {
			i = len(out)
			out = append(out, ClawBack{Promotion: c.Promotion, Version: c.Version, Amount: money.Zero(c.Amount.Currency()), Gift: c.Gift})
		}
		sum := &out[i]
		if sum.Amount, err = sum.Amount.Add(c.Amount); err != nil {
			return nil, err
		}
		for _, b := range c.Bearers {
			j := slices.IndexFunc(sum.Bearers, func(o Bearer) bool { return o.Party == b.Party })
			if j < 0 {
				sum.Bearers = append(sum.Bearers, b)
			} else if sum.Bearers[j].Amount, err = sum.Bearers[j].Amount.Add(b.Amount); err != nil {
				return nil, err
			}
		}
	}
	for i := range out {
		out[i].Bearers = slices.DeleteFunc(out[i].Bearers, func(b Bearer) bool { return b.Amount.IsZero() })
		slices.SortFunc(out[i].Bearers, func(a, b Bearer) int { return cmp.Compare(a.Party, b.Party) })
	}
	out = slices.DeleteFunc(out, func(c ClawBack) bool { return len(c.Bearers) == 0 })
	slices.SortFunc(out, func(a, b ClawBack) int { return cmp.Compare(a.Promotion, b.Promotion) })
	return out, nil
}

func cloneClawBacks(in []ClawBack) []ClawBack {
	out := slices.Clone(in)
	for i := range out {
		out[i].Bearers = slices.Clone(out[i].Bearers)
	}
	return out
}
