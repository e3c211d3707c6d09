package cart

import "github.com/soukhq/souk/commerce/ref"

// MergeStrategy decides what a member's cart holds after a guest signed in.
type MergeStrategy interface {
	// Merge returns the lines of the member's cart. Lines of the same SKU and
	// tag must be one. It depends on its arguments alone and keeps none of
	// them. The service caps the quantities afterwards.
	Merge(member, guest []Line) []Line
}

// SumLines is the default [MergeStrategy]: nothing is lost. The member's
// lines come first, quantities of the same SKU and tag are added up.
type SumLines struct{}

// KeepMember is the [MergeStrategy] that drops what the guest chose wherever
// the member has a cart that is not empty.
type KeepMember struct{}

// TakeGuest is the [MergeStrategy] that takes the guest's quantity wherever
// both have the same SKU and tag, and keeps the rest of both.
type TakeGuest struct{}

var (
	_ MergeStrategy = SumLines{}
	_ MergeStrategy = KeepMember{}
	_ MergeStrategy = TakeGuest{}
)

// Merge implements [MergeStrategy].
func (SumLines) Merge(member, guest []Line) []Line {
	c := Cart{Lines: append([]Line(nil), member...)}
	c.put(guest)
	return c.Lines
}

// Merge implements [MergeStrategy].
func (KeepMember) Merge(member, guest []Line) []Line {
	if len(member) > 0 {
		return append([]Line(nil), member...)
	}
	return append([]Line(nil), guest...)
}

// Merge implements [MergeStrategy].
func (TakeGuest) Merge(member, guest []Line) []Line {
	chosen := make(map[lineKey]Line, len(guest))
	for _, l := range guest {
		chosen[l.key()] = l
	}
	out := make([]Line, 0, len(member)+len(guest))
	for _, l := range member {
		if g, ok := chosen[l.key()]; ok {
			l.Quantity, l.Seen = g.Quantity, g.Seen
			delete(chosen, l.key())
		}
		out = append(out, l)
	}
	for _, l := range guest {
		if _, ok := chosen[l.key()]; ok {
			out = append(out, l)
		}
	}
	return out
}

// capped lowers quantities, the later lines first, until no SKU is wanted
// more often than limit, and returns the SKUs it lowered. Lines of which
// nothing is left are dropped.
func capped(lines []Line, limit ref.Quantity) (out []Line, lowered []ref.SKUID) {
	taken := map[ref.SKUID]ref.Quantity{}
	seen := map[ref.SKUID]bool{}
	for _, l := range lines {
		if room := limit - taken[l.SKU]; l.Quantity > room {
			l.Quantity = room
			if !seen[l.SKU] {
				seen[l.SKU] = true
				lowered = append(lowered, l.SKU)
			}
		}
		taken[l.SKU] += l.Quantity
		if l.Quantity > 0 {
			out = append(out, l)
		}
	}
	return out, lowered
}
