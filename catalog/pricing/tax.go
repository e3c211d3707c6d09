package pricing

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// TaxCalculator computes the tax of a sale. A shop that asks a provider or
// has rules of its own plugs in another one than [TaxTable].
// Implementations are safe for concurrent use.
type TaxCalculator interface {
	// Taxes returns one result per line of q, in their order; each is sound,
	// see [Taxed]. The same query gives the same results: a quote is computed
	// again when it is placed. Kinds: FailedPrecondition where nothing can be
	// sold there, Unavailable, Invalid for amounts out of range.
	Taxes(ctx context.Context, q TaxQuery) ([]Taxed, error)
}

// TaxQuery is one sale.
type TaxQuery struct {
	Channel Channel
	// Country, Region and PostalCode are the destination, in the form of
	// address.Address; no country means the channel's.
	Country    string
	Region     string
	PostalCode string
	Member     ref.MemberID  // empty: a guest
	Company    ref.CompanyID // empty: a consumer
	At         time.Time
	Lines      []TaxLine
}

// TaxLine is what is taxed: the goods of an order line after all discounts,
// or a delivery.
type TaxLine struct {
	Merchant ref.MerchantID
	// Class names the rate family of the goods; empty is the standard one.
	Class string
	// Amount contains the tax where the channel's prices do.
	Amount money.Money
}

// Taxed is an amount with its tax: Net + Tax = Gross, and the line's amount
// is Gross where Inclusive, Net where not.
type Taxed struct {
	Net, Tax, Gross money.Money
	// RatePPM is the rate in parts per million: 200,000 is 20 %.
	RatePPM   int64
	Inclusive bool
}

// MaxRate bounds a tax rate, in ppm: 1,000 %.
const MaxRate = 10 * money.Million

// Tax splits an amount by a rate: what it contains where inclusive, what is
// added to it where not. It rounds once, the tax. Kinds: Invalid.
func Tax(amount money.Money, ratePPM int64, inclusive bool, r money.Rounding) (Taxed, error) {
	if ratePPM < 0 || ratePPM > MaxRate {
		return Taxed{}, fault.New(fault.Invalid, "pricing.rate", "the tax rate is out of range").
			With("rate", ratePPM).With("max", MaxRate)
	}
	out := Taxed{RatePPM: ratePPM, Inclusive: inclusive}
	var err error
	if inclusive {
		out.Gross = amount
		if out.Tax, err = amount.MulDiv(ratePPM, money.Million+ratePPM, r); err != nil {
			return Taxed{}, err
		}
		out.Net, err = amount.Sub(out.Tax)
	} else {
		out.Net = amount
		if out.Tax, err = amount.Percent(ratePPM, r); err != nil {
			return Taxed{}, err
		}
		out.Gross, err = amount.Add(out.Tax)
	}
	if err != nil {
		return Taxed{}, err
	}
	return out, nil
}
