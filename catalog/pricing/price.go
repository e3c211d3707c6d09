package pricing

import (
	"cmp"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// The bounds of prices.
const (
	MaxBatch   = 1_000 // rows or items of one call
	MaxWindows = 50    // prices of a SKU in a channel and currency, ended ones left out
)

// Key names a price: at most one per SKU, channel, currency and beginning.
type Key struct {
	SKU      ref.SKUID
	Channel  ref.ChannelID
	Currency money.Currency
	// From is when it begins to hold; zero is the base price, which holds
	// whenever no window does.
	From time.Time
}

// Compare orders keys by channel, SKU, currency and beginning: the order of
// lists and of locks.
func (k Key) Compare(o Key) int {
	return cmp.Or(
		cmp.Compare(k.Channel, o.Channel), cmp.Compare(k.SKU, o.SKU),
		cmp.Compare(k.Currency, o.Currency), k.From.Compare(o.From),
	)
}

// Price is what one piece of a SKU costs in a channel for a time.
type Price struct {
	Key
	Unit money.Money
	// Was is what it cost before, to be shown struck; the zero Money where
	// that is not said.
	Was money.Money
	// Until is when it ceases to hold; zero is never. A base price has none.
	Until     time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
	// Version counts the writes.
	Version int64
}

// Holds reports whether the price is within its window.
func (p Price) Holds(at time.Time) bool { return within(at, p.From, p.Until) }

// same reports whether two prices say the same.
func (p Price) same(o Price) bool {
	return p.Key == o.Key && p.Unit == o.Unit && p.Was == o.Was && p.Until.Equal(o.Until)
}

// earliest is the first beginning of a window; stores keep the base price
// below it.
func earliest() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

// latest bounds windows to what every backend keeps.
func latest() time.Time { return time.Date(9000, 1, 1, 0, 0, 0, 0, time.UTC) }

// check reports what is wrong with a price in a channel.
func (p Price) check(ch Channel) error {
	var v fault.Violations
	if !ref.ValidID(string(p.SKU)) {
		v.Add("sku", "malformed", nil)
	}
	checkAmount(&v, "unit", p.Unit, ch)
	if p.Was != (money.Money{}) {
		checkAmount(&v, "was", p.Was, ch)
		if order, err := p.Was.Cmp(p.Unit); err == nil && order <= 0 {
			v.Add("was", "not_above_unit", nil)
		}
	}
	for _, at := range []struct {
		path string
		time time.Time
	}{{"from", p.From}, {"until", p.Until}} {
		if !at.time.IsZero() && !within(at.time, earliest(), latest()) {
			v.Add(at.path, "out_of_range", fault.Params{"min": earliest(), "max": latest()})
		}
	}
	if p.From.IsZero() && !p.Until.IsZero() {
		v.Add("from", "required", nil)
	}
	checkWindow(&v, "", p.From, p.Until)
	return v.Err("pricing.invalid", "the price is not valid")
}

func checkAmount(v *fault.Violations, path string, m money.Money, ch Channel) {
	switch {
	case m.Currency() != ch.Currency:
		v.Add(path, "currency", fault.Params{"want": string(ch.Currency), "have": string(m.Currency())})
	case m.Sign() < 0 || m.Check() != nil:
		v.Add(path, "out_of_range", fault.Params{"min": int64(0), "max": money.MaxMinor})
	}
}

// normal returns t as a store gives it back; the zero time stays zero.
func normal(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return clock.Normalize(t)
}
