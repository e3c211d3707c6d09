package promo

import (
	"slices"

	"github.com/soukhq/souk/commerce/ref"
)

// AsksPayment reports whether it may depend on how the buyer pays what the
// promotion gives: its condition names a method, or is a custom one, which can
// read all of the cart.
func (p *Promotion) AsksPayment() bool { return p.When.asksPayment() }

func (w *Condition) asksPayment() bool {
	asks := func(c Condition) bool { return c.asksPayment() }
	return w.Payment != nil || w.Custom != nil || w.Not != nil && w.Not.asksPayment() ||
		slices.ContainsFunc(w.All, asks) || slices.ContainsFunc(w.Any, asks)
}

// Lost plays the candidates that applied to a cart again, all of them and
// nothing else, where something about the cart has changed since it was sold:
// how it is paid, say. It returns the promotions that would give less than they
// gave, in the order of the candidates. Nothing is searched anew. Kinds:
// Invalid.
func (e *Engine) Lost(in Input, sold Sold) ([]ref.PromotionID, error) {
	mem := e.arena()
	defer e.release(mem)
	b, err := e.newBoard(mem, &in)
	if err != nil {
		return nil, err
	}
	v, _ := b.replay(in.Candidates)
	var lost []ref.PromotionID
	for i := range in.Candidates {
		p := &in.Candidates[i].Promotion
		if p.Phase() == PhaseAfter && !v.earns(p.ID) || v.gives(p.ID) < sold.gave(p.ID) {
			lost = append(lost, p.ID)
		}
	}
	return lost, nil
}

// gave returns what a promotion took off.
func (s *Sold) gave(id ref.PromotionID) int64 {
	sum := int64(0)
	add := func(all []Allocation) {
		for i := range all {
			if all[i].Promotion == id {
				sum += all[i].Amount.Minor()
			}
		}
	}
	for i := range s.Lines {
		add(s.Lines[i].Allocations)
	}
	for i := range s.Shipments {
		add(s.Shipments[i].Allocations)
	}
	return sum
}
