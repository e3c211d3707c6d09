package order

import (
	"slices"
	"strings"
)

// GivenUp reports whether an order is canceled, or about to be, because of the
// buyer, by its entries among these: who asked for it, or did not take what was
// shipped. It is not where a merchant or the shop canceled it, and where it
// stands.
func GivenUp(history []Entry, id ID) bool {
	for i := len(history) - 1; i >= 0; i-- {
		e := &history[i]
		if e.Order != id || e.From == e.To || e.From == StateCanceling && e.To == StateCanceled {
			continue
		}
		return e.To == StateCanceling && e.From == StateShipped ||
			(e.To == StateCanceling || e.To == StateCanceled) && byBuyer(e.By)
	}
	return false
}

// Refused reports whether any of these entries is of an order that was shipped
// and that the buyer did not take.
func Refused(history []Entry) bool {
	return slices.ContainsFunc(history, func(e Entry) bool { return e.From == StateShipped && e.To == StateCanceling })
}

// byBuyer reports whether a cause names a buyer, as ref.Scope.String does.
func byBuyer(by string) bool {
	return by == "guest" || strings.HasPrefix(by, "member:")
}
