package promo

import (
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
	// Kept is how many units of each line the buyer keeps after this refund.
	Kept map[ref.LineID]ref.Quantity
	// Before is what was clawed back of each promotion earlier.
	Before map[ref.PromotionID]money.Money
	// Refund is what the returns are worth, which bounds what is clawed back.
	Refund money.Money
}

// ClawBack is what a buyer owes for an offer that the kept units alone would
// not have earned: an entry of its own, beside the reversal, that leaves the
// allocations of the kept units as they are.
type ClawBack struct {
	Promotion ref.PromotionID `json:"promotion"`
	Version   int64           `json:"version"`
	Amount    money.Money     `json:"amount"`
	// Bearers get it back. They sum to Amount.
	Bearers []Bearer `json:"bearers"`
	// Gift reports that it is the value of a gift, which is not due where the
	// gift comes back.
	Gift bool `json:"gift,omitempty"`
}

// ClawBack computes what a partial refund takes back of promotions whose
// OnPartialRefund asks for it: what the kept units carry of each, less what it
// gives when the promotions of the order are played on the kept units alone.
// Nothing is searched anew. Kinds: Invalid.
func (e *Engine) ClawBack(in ClawBackInput) ([]ClawBack, error) {
	kept := Input{Cart: in.Cart, Groups: in.Groups, Now: in.At}
	kept.Cart.Lines = nil
	var bad fault.Violations
	for _, line := range in.Cart.Lines {
		n := in.Kept[line.ID]
		if n < 0 || n > line.Quantity {
			at := field(nil, "kept")
			bad.Add(at.String(), "out_of_range", fault.Params{"line": line.ID, "max": line.Quantity})
			continue
		}
		if line.Quantity = n; n > 0 {
			kept.Cart.Lines = append(kept.Cart.Lines, line)
		}
	}
	if in.Refund.Currency() != in.Cart.Currency || in.Refund.Sign() < 0 {
		bad.Add("refund", "money", nil)
	}
	if err := bad.Err("promo.claw_back", "the refund does not fit the order"); err != nil {
		return nil, err
	}
	mem := e.arena()
	defer e.release(mem)
	b, err := e.newBoard(mem, &kept)
	if err != nil {
		return nil, err
	}
	v := b.replay(in.Applied)
	var entries []ClawBack
	left := in.Refund.Minor()
	for i := range in.Applied {
		p := &in.Applied[i].Promotion
		due := int64(0)
		switch p.OnPartialRefund {
		case RefundClawBack:
			due = in.keeps(p.ID) - v.gives(p.ID)
		case RefundReturnGift:
			if !v.earns(p.ID) {
				due = in.gifts(p.ID)
			}
		case RefundKeep:
		}
		due = min(due-in.Before[p.ID].Minor(), left)
		if due <= 0 {
			continue
		}
		left -= due
		entries = append(entries, ClawBack{
			Promotion: p.ID, Version: p.Version, Amount: b.money(due), Gift: p.Benefit.Gift != nil,
			Bearers: b.bearersOf(p, due),
		})
	}
	return entries, nil
}

// replay plays promotions on a board, all of them.
func (b *board) replay(applied []Candidate) *evaluation {
	v := &b.mem.evaluation
	v.board = b
	var rules []*rule
	for i := range applied {
		var d Decision
		r := b.newRule(&applied[i])
		check := checker{engine: b.engine, promotion: r.p}
		if check.check(); check.first != "" || !v.join(r, &d) {
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
	return v
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

// keeps returns what the kept units carry of a promotion.
func (in *ClawBackInput) keeps(id ref.PromotionID) int64 {
	sum := int64(0)
	for _, line := range in.Sold.Lines {
		n := int64(line.Quantity)
		kept := min(max(int64(in.Kept[line.ID]), 0), n)
		for i, back := range carried(line.Allocations, n-kept, max(n, 1)) {
			if a := line.Allocations[i]; a.Promotion == id {
				sum += a.Amount.Minor() - back
			}
		}
	}
	return sum
}

// gifts returns the value of the gifts that a promotion gave.
func (in *ClawBackInput) gifts(id ref.PromotionID) int64 {
	sum := int64(0)
	for _, g := range in.Sold.Gifts {
		if g.Promotion == id {
			sum += g.Value.Minor()
		}
	}
	return sum
}

// bearersOf splits an amount by the funding of a promotion.
func (b *board) bearersOf(p *Promotion, amount int64) []Bearer {
	funders := p.Funders()
	var bearers []Bearer
	for i, part := range b.partsOf(funders, amount) {
		if part > 0 {
			bearers = append(bearers, Bearer{Party: funders[i].Party, Amount: b.money(part)})
		}
	}
	return bearers
}
