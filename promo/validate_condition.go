package promo

import (
	"encoding/json"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
)

// minutesOfDay is how many minutes a day has.
const minutesOfDay = 24 * 60

// condition checks a tree. Under a Not, amounts that other promotions change
// would make a promotion appear because another applies: there, and with a
// maximum, only list amounts may be asked.
func (c *checker) condition(at *path, w *Condition, negated bool, depth int) {
	if !c.node(at, depth) {
		return
	}
	switch n := w.kinds(); {
	case n > 1:
		c.wrongAt(at, "one_kind", nil)
		return
	case n == 0 && depth > 0:
		c.wrongAt(at, "required", nil)
		return
	}
	for i := range w.All {
		child := element(at.kept(), "all", i)
		c.condition(&child, &w.All[i], negated, depth+1)
	}
	for i := range w.Any {
		child := element(at.kept(), "any", i)
		c.condition(&child, &w.Any[i], negated, depth+1)
	}
	if w.Not != nil {
		child := field(at.kept(), "not")
		c.condition(&child, w.Not, true, depth+1)
	}
	c.size(at, "channels", len(w.Channels))
	c.size(at, "payment", len(w.Payment))
	switch {
	case w.Amount != nil:
		child := field(at, "amount")
		c.amount(&child, w.Amount, negated)
	case w.Quantity != nil:
		child := field(at, "quantity")
		c.count(&child, w.Quantity, negated)
	case w.Distinct != nil:
		child := field(at, "distinct")
		c.count(&child, w.Distinct, negated)
	case w.Buyer != nil:
		child := field(at, "buyer")
		c.buyer(&child, w.Buyer)
	case w.Orders != nil:
		child := field(at, "orders")
		c.orders(&child, w.Orders)
	case w.Time != nil:
		child := field(at, "time")
		c.time(&child, w.Time)
	case w.Custom != nil:
		child := field(at, "custom")
		kind := c.engine.config.Conditions[w.Custom.Kind]
		c.custom(&child, w.Custom, kind != nil, kind)
	}
}

// kinds counts the fields that are set.
func (w *Condition) kinds() int {
	n := 0
	for _, set := range [...]bool{
		w.All != nil, w.Any != nil, w.Not != nil, w.Amount != nil, w.Quantity != nil, w.Distinct != nil,
		w.Buyer != nil, w.Orders != nil, w.Time != nil, w.Channels != nil, w.Payment != nil,
		w.Code != "", w.Custom != nil,
	} {
		if set {
			n++
		}
	}
	return n
}

func (c *checker) amount(at *path, w *AmountCondition, negated bool) {
	if w.Max.IsZero() || w.Min != (money.Money{}) {
		c.positive(at, "min", w.Min)
	}
	c.optional(at, "max", w.Max)
	if !w.Max.IsZero() && w.Max.Minor() < w.Min.Minor() {
		c.wrong(at, "max", "below_min", nil)
	}
	if w.Over != nil {
		over := field(at, "over")
		c.selector(&over, w.Over, false, 1)
	}
	c.basis(at, w.Basis)
	if !negated && w.Max.IsZero() {
		return
	}
	if w.basisIn(c.promotion.Phase()) != BasisList {
		c.wrong(at, "basis", "list_only", nil)
	}
	c.fixedLines(at, w.Over)
}

// fixedLines refuses lines that depend on what else applies.
func (c *checker) fixedLines(at *path, over *Selector) {
	if over == nil && c.promotion.Lines.NotDiscounted {
		c.wrong(at, "over", "required", nil)
	}
}

// basis wants one that is settled when the promotion applies.
func (c *checker) basis(at *path, b Basis) {
	var settled Phase
	switch b {
	case "", BasisList:
		return
	case BasisItemNet:
		settled = PhaseMerchant
	case BasisMerchantNet:
		settled = PhaseSite
	case BasisPaid:
		settled = PhaseShipping
	default:
		c.wrong(at, "basis", "one_of", nil)
		return
	}
	if c.promotion.Phase() < settled {
		c.wrong(at, "basis", "too_late", nil)
	}
}

// basisIn returns the basis with the default of the phase.
func (w *AmountCondition) basisIn(phase Phase) Basis { return w.Basis.in(phase) }

func (b Basis) in(phase Phase) Basis {
	switch {
	case b != "":
		return b
	case phase <= PhaseLine:
		return BasisList
	case phase == PhaseMerchant:
		return BasisItemNet
	case phase == PhaseAfter:
		return BasisPaid
	}
	return BasisMerchantNet
}

func (c *checker) count(at *path, w *QuantityCondition, negated bool) {
	c.between(at, "min", w.Min, 1, money.MaxMinor)
	if w.Over != nil {
		over := field(at, "over")
		c.selector(&over, w.Over, false, 1)
	}
	if negated {
		c.fixedLines(at, w.Over)
	}
}

func (c *checker) buyer(at *path, w *BuyerCondition) {
	c.size(at, "segments", len(w.Segments))
	c.size(at, "tags", len(w.Tags))
	if len(w.Segments)+len(w.Tags) == 0 {
		c.wrong(at, "segments", "required", nil)
	}
}

func (c *checker) orders(at *path, w *OrdersCondition) {
	c.between(at, "from", w.From, 1, money.MaxMinor)
	if w.To != 0 && w.To < w.From {
		c.wrong(at, "to", "below_min", nil)
	}
}

func (c *checker) time(at *path, w *TimeCondition) {
	for i, day := range w.Weekdays {
		if day < time.Sunday || day > time.Saturday {
			child := element(at, "weekdays", i)
			c.wrongAt(&child, "out_of_range", fault.Params{"min": 0, "max": 6})
		}
	}
	c.size(at, "weekdays", len(w.Weekdays))
	c.between(at, "from", int64(w.From), 0, minutesOfDay-1)
	c.between(at, "until", int64(w.Until), 0, minutesOfDay)
	if len(w.Weekdays) == 0 && w.From == 0 && w.Until%minutesOfDay == 0 {
		c.wrong(at, "weekdays", "required", nil)
	}
}

// custom asks the kind itself about its parameters.
func (c *checker) custom(at *path, w *Custom, known bool, kind interface{ Check(json.RawMessage) error }) {
	if !known {
		c.wrong(at, "kind", "unknown", fault.Params{"kind": w.Kind})
		return
	}
	if err := kind.Check(w.Params); err != nil {
		params := field(at, "params")
		if !c.found.Merge(params.String(), err) {
			c.wrong(at, "params", "invalid", fault.Params{"reason": err.Error()})
		} else if c.first == "" {
			c.first = params.String()
		}
	}
}
