package pricing

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// TaxRate is one entry of a [TaxTable].
type TaxRate struct {
	Country string // ISO 3166-1 alpha-2
	// Region is a province or state as address.Regions writes it; empty is
	// the rest of the country.
	Region string
	// Class is the rate family; empty is the standard rate, which holds for
	// classes without an entry too.
	Class   string
	RatePPM int64 // 200,000 is 20 %
	// From and Until bound the time of the sale, half-open; zero is open.
	From, Until time.Time
}

// TaxTableConfig is what a [TaxTable] is made of.
type TaxTableConfig struct {
	// Rates are the entries. Defaults to none: nothing is taxed.
	Rates []TaxRate
	// RefuseUnknown makes a destination without a rate a FailedPrecondition.
	// Defaults to no tax there: the shop does not have to collect any.
	RefuseUnknown bool
	// Rounding of each line's tax. Defaults to money.HalfUp.
	Rounding money.Rounding
}

// TaxTable is the default [TaxCalculator]: rates by destination, class and
// time. The entry for the class wins over the standard rate, and of two alike
// the one for the region over the one for the country.
type TaxTable struct {
	cfg   TaxTableConfig
	rates map[taxKey][]TaxRate // by time, apart from each other
}

var _ TaxCalculator = (*TaxTable)(nil)

type taxKey struct{ country, region, class string }

// NewTaxTable returns a table, or every violation by its place in the rates:
// unknown countries, rates out of range, entries for the same goods at the
// same time. Kinds: Invalid.
func NewTaxTable(cfg TaxTableConfig) (*TaxTable, error) {
	t := &TaxTable{cfg: cfg, rates: map[taxKey][]TaxRate{}}
	t.cfg.Rates = nil // kept by key
	var v fault.Violations
	if !cfg.Rounding.Valid() {
		v.Add("rounding", "unknown", nil)
	}
	for i, r := range cfg.Rates {
		path := "rates[" + strconv.Itoa(i) + "]"
		r.check(&v, path)
		key := taxKey{r.Country, r.Region, r.Class}
		for _, other := range t.rates[key] {
			if overlap(r.From, r.Until, other.From, other.Until) {
				v.Add(path, "overlap", fault.Params{"country": r.Country, "region": r.Region, "class": r.Class})
				break
			}
		}
		t.rates[key] = append(t.rates[key], r)
	}
	if err := v.Err("pricing.rates_invalid", "the tax rates are not valid"); err != nil {
		return nil, err
	}
	for _, list := range t.rates {
		slices.SortFunc(list, func(a, b TaxRate) int { return cmp.Compare(a.From.UnixMicro(), b.From.UnixMicro()) })
	}
	return t, nil
}

func (r TaxRate) check(v *fault.Violations, path string) {
	if !address.KnownCountry(r.Country) {
		v.Add(path+".country", "unknown", nil)
	}
	if !regionListed(r.Country, r.Region) {
		v.Add(path+".region", "unknown", nil)
	}
	if !ref.PlainText(r.Class) || strings.TrimSpace(r.Class) != r.Class {
		v.Add(path+".class", "text", nil)
	}
	if r.RatePPM < 0 || r.RatePPM > MaxRate {
		v.Add(path+".rate_ppm", "out_of_range", fault.Params{"min": int64(0), "max": MaxRate})
	}
	checkWindow(v, path, r.From, r.Until)
}

// regionListed reports whether orders can have the region: they hold it in
// the written form where the regions of the country are known.
func regionListed(country, region string) bool {
	known := address.Regions(country)
	return region == "" || known == nil ||
		slices.ContainsFunc(known, func(r address.Region) bool { return r.Value == region })
}

// Taxes implements [TaxCalculator].
func (t *TaxTable) Taxes(_ context.Context, q TaxQuery) ([]Taxed, error) {
	country, region := q.Country, q.Region
	if country == "" {
		country, region = q.Channel.Country, ""
	}
	out := make([]Taxed, len(q.Lines))
	for i, l := range q.Lines {
		rate, ok := t.find(country, region, l.Class, q.At)
		if !ok && t.cfg.RefuseUnknown {
			return nil, fault.New(fault.FailedPrecondition, "pricing.no_rate", "there is no tax rate for the destination").
				With("country", country).With("class", l.Class)
		}
		var err error
		if out[i], err = Tax(l.Amount, rate.RatePPM, q.Channel.TaxInclusive, t.cfg.Rounding); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (t *TaxTable) find(country, region, class string, at time.Time) (TaxRate, bool) {
	for _, key := range []taxKey{
		{country, region, class}, {country, "", class}, {country, region, ""}, {country, "", ""},
	} {
		for _, r := range t.rates[key] {
			if within(at, r.From, r.Until) {
				return r, true
			}
		}
	}
	return TaxRate{}, false
}

// within reports whether at lies in the half-open window; zero ends are open.
func within(at, from, until time.Time) bool {
	return (from.IsZero() || !at.Before(from)) && (until.IsZero() || at.Before(until))
}

func overlap(fromA, untilA, fromB, untilB time.Time) bool {
	startsBeforeEnd := func(from, until time.Time) bool {
		return from.IsZero() || until.IsZero() || from.Before(until)
	}
	return startsBeforeEnd(fromA, untilB) && startsBeforeEnd(fromB, untilA)
}

func checkWindow(v *fault.Violations, path string, from, until time.Time) {
	if !from.IsZero() && !until.IsZero() && !from.Before(until) {
		v.Add(join(path, "until"), "not_after_from", nil)
	}
}

func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}
