package pricing

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Context is for whom, where and when a price is asked.
type Context struct {
	Channel Channel
	Member  ref.MemberID  // empty: a guest, or a list for everybody
	Company ref.CompanyID // empty: a consumer
	At      time.Time
}

// Item is what is asked for.
type Item struct {
	SKU ref.SKUID
	// Quantity is how many pieces are bought together, for prices by
	// quantity. Defaults to 1.
	Quantity ref.Quantity
}

// Resolved is what one piece of an item costs.
type Resolved struct {
	SKU ref.SKUID
	// Unit is the zero Money where the SKU has no price: it is not sold there.
	Unit money.Money
	// Was is what it cost before; the zero Money where that is not said.
	Was money.Money
	// Floor is what promotions may not take one piece below, such as a price
	// that the maker demands; the zero Money for none. [ListPrices] knows none.
	Floor money.Money
	// Version is another one whenever the price is.
	Version int64
	// Until is when the answer ceases to hold by itself, because a window
	// ends or begins; zero is never.
	Until time.Time
}

// Found reports whether the SKU has a price.
func (r Resolved) Found() bool { return r.Unit != (money.Money{}) }

// Resolver decides which price holds. A shop with customer groups, contracts
// or prices by quantity plugs in its own, usually around [ListPrices].
// Implementations are safe for concurrent use.
type Resolver interface {
	// Resolve returns one result per item, in their order; units are in the
	// channel's currency. The number of statements does not depend on how
	// many items there are.
	Resolve(ctx context.Context, c Context, items []Item) ([]Resolved, error)
}

// ListPrices is the default [Resolver]: everybody pays the stored price. Of
// the windows that cover the moment the one that began last holds, and where
// none does the base price. One statement.
type ListPrices struct{ Store Store }

var _ Resolver = ListPrices{}

// Resolve implements [Resolver].
func (l ListPrices) Resolve(ctx context.Context, c Context, items []Item) ([]Resolved, error) {
	out := make([]Resolved, len(items))
	skus := make([]ref.SKUID, len(items))
	for i, it := range items {
		out[i].SKU, skus[i] = it.SKU, it.SKU
	}
	prices, err := l.Store.Find(ctx, FindQuery{Channels: []ref.ChannelID{c.Channel.ID}, SKUs: skus, After: c.At})
	if err != nil {
		return nil, err
	}
	bySKU := make(map[ref.SKUID][]Price, len(items))
	for _, p := range prices { // by beginning within a SKU
		if p.Currency == c.Channel.Currency {
			bySKU[p.SKU] = append(bySKU[p.SKU], p)
		}
	}
	for i := range out {
		out[i].choose(bySKU[out[i].SKU], c.At)
	}
	return out, nil
}

// choose takes the price that holds out of those that have not ended, which
// come in the order of their beginnings.
func (r *Resolved) choose(prices []Price, at time.Time) {
	next := slices.IndexFunc(prices, func(p Price) bool { return p.From.After(at) })
	if next < 0 {
		next = len(prices)
	} else {
		r.Until = prices[next].From
	}
	if next == 0 {
		return
	}
	p := prices[next-1]
	r.Unit, r.Was, r.Version = p.Unit, p.Was, p.Version
	if !p.From.IsZero() {
		// Two windows may both be at version 1: their beginnings differ.
		r.Version += p.From.UnixMicro()
	}
	if !p.Until.IsZero() && (r.Until.IsZero() || p.Until.Before(r.Until)) {
		r.Until = p.Until
	}
}
