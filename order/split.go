package order

import (
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// SplitStrategy decides which lines of a cart become which order. One order
// never holds lines of two merchants; a shop may split further, such as what
// is in stock from what is to come.
type SplitStrategy interface {
	// Split returns the parts in the order in which the buyer sees them;
	// each line appears in exactly one. It depends on its argument alone.
	Split(lines []SplitLine) []Part
}

// SplitLine is what a strategy knows of a line.
type SplitLine struct {
	SKU       ref.SKUID
	Product   ref.ProductID
	Merchant  ref.MerchantID
	Quantity  ref.Quantity
	Available ref.Quantity
}

// Part is a future order: the merchant and the indexes of its lines.
type Part struct {
	Merchant ref.MerchantID
	Lines    []int
}

// ByMerchant is the default [SplitStrategy]: one order per merchant, in the
// order in which the merchants first appear.
type ByMerchant struct{}

var _ SplitStrategy = ByMerchant{}

// Split implements [SplitStrategy].
func (ByMerchant) Split(lines []SplitLine) []Part {
	var parts []Part
	place := map[ref.MerchantID]int{}
	for i, l := range lines {
		p, ok := place[l.Merchant]
		if !ok {
			p = len(parts)
			place[l.Merchant] = p
			parts = append(parts, Part{Merchant: l.Merchant})
		}
		parts[p].Lines = append(parts[p].Lines, i)
	}
	return parts
}

// Split runs a strategy and checks its answer. Kinds: Internal, code
// "order.split", where it loses, doubles or mixes lines.
func Split(s SplitStrategy, lines []SplitLine) ([]Part, error) {
	parts := s.Split(slices.Clone(lines))
	bad := fault.New(fault.Internal, "order.split", "the split strategy broke its contract")
	seen := make([]bool, len(lines))
	n := 0
	for _, p := range parts {
		if len(p.Lines) == 0 {
			return nil, bad.With("why", "an empty part")
		}
		for _, i := range p.Lines {
			switch {
			case i < 0 || i >= len(lines):
				return nil, bad.With("why", "an unknown line")
			case seen[i]:
				return nil, bad.With("why", "a line in two parts")
			case lines[i].Merchant != p.Merchant:
				return nil, bad.With("why", "a line of another merchant")
			}
			seen[i] = true
			n++
		}
	}
	if n != len(lines) {
		return nil, bad.With("why", "a line without a part")
	}
	return parts, nil
}
