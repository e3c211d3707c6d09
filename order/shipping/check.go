package shipping

import (
	"fmt"
	"slices"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
)

// Bounds of a table.
const (
	maxMethods = 500
	maxRates   = 500 // of a method
	maxTiers   = 500 // of a rate
	maxCode    = 64
	// maxMeasure keeps the arithmetic of steps within 64 bits.
	maxMeasure = 1 << 60
)

func check(methods []Method) error {
	var v fault.Violations
	if len(methods) > maxMethods {
		v.Add("methods", "too_many", fault.Params{"max": maxMethods})
	}
	for i := range methods {
		m := &methods[i]
		path := fmt.Sprintf("methods[%d]", i)
		switch {
		case m.Code == "":
			v.Add(path+".code", "required", nil)
		case len(m.Code) > maxCode:
			v.Add(path+".code", "too_long", fault.Params{"max": maxCode})
		case slices.ContainsFunc(methods[:i], func(o Method) bool { return o.Code == m.Code && overlap(&o, m) }):
			v.Add(path+".code", "duplicate", nil)
		}
		switch n := len(m.Rates); {
		case n == 0:
			v.Add(path+".rates", "required", nil)
		case n > maxRates:
			v.Add(path+".rates", "too_many", fault.Params{"max": maxRates})
		}
		everywhere := map[money.Currency]bool{}
		for j := range m.Rates {
			r := &m.Rates[j]
			at := fmt.Sprintf("%s.rates[%d]", path, j)
			if everywhere[r.Base.Currency()] {
				v.Add(at+".zone", "unreachable", nil)
			}
			if z := r.Zone; len(z.Countries)+len(z.Regions)+len(z.PostalPrefixes) == 0 {
				everywhere[r.Base.Currency()] = true
			}
			checkRate(&v, at, r)
		}
	}
	return v.Err("shipping.table", "the delivery methods are not valid")
}

// overlap reports whether two methods of one code serve the same merchant in
// the same channel. One for all merchants gives way to one for some.
func overlap(a, b *Method) bool {
	if (len(a.Merchants) == 0) != (len(b.Merchants) == 0) {
		return false
	}
	return meet(a.Merchants, b.Merchants) && meet(a.Channels, b.Channels)
}

func meet[T comparable](a, b []T) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(x T) bool { return slices.Contains(b, x) })
}

func checkRate(v *fault.Violations, path string, r *Rate) {
	cur := r.Base.Currency()
	if !cur.Valid() {
		v.Add(path+".base", "currency", nil)
	}
	amount := func(at string, m money.Money) {
		switch {
		case m.Currency() != cur:
			v.Add(at, "currency", fault.Params{"want": string(cur)})
		case m.Sign() < 0 || m.Minor() > money.MaxMinor:
			v.Add(at, "out_of_range", fault.Params{"min": 0, "max": money.MaxMinor})
		}
	}
	amount(path+".base", r.Base)
	checkZone(v, path+".zone", r.Zone)
	if r.By != "" && r.By != ByWeight && r.By != ByPieces {
		v.Add(path+".by", "unknown", nil)
	}
	if len(r.Tiers) > maxTiers {
		v.Add(path+".tiers", "too_many", fault.Params{"max": maxTiers})
	}
	last := int64(-1)
	for i, t := range r.Tiers {
		at := fmt.Sprintf("%s.tiers[%d]", path, i)
		if t.UpTo <= last || t.UpTo > maxMeasure {
			v.Add(at+".up_to", "out_of_range", fault.Params{"above": last})
		}
		last = t.UpTo
		amount(at+".price", t.Price)
	}
	if r.Step != nil {
		if len(r.Tiers) == 0 {
			v.Add(path+".tiers", "required", nil)
		}
		if r.Step.Every <= 0 || r.Step.Every > maxMeasure {
			v.Add(path+".step.every", "out_of_range", fault.Params{"min": 1})
		}
		amount(path+".step.price", r.Step.Price)
	}
	if r.FreeFrom != nil {
		amount(path+".free_from", *r.FreeFrom)
	}
}

// checkZone finds what would never hold a destination: an unknown country,
// and a region that none of the countries has, where their regions are known.
func checkZone(v *fault.Violations, path string, z Zone) {
	var regions []address.Region
	known := len(z.Countries) > 0
	for i, c := range z.Countries {
		if !address.KnownCountry(c) {
			v.Add(fmt.Sprintf("%s.countries[%d]", path, i), "unknown", nil)
		}
		of := address.Regions(c)
		known = known && len(of) > 0
		regions = append(regions, of...)
	}
	for i, name := range z.Regions {
		at := fmt.Sprintf("%s.regions[%d]", path, i)
		switch {
		case name == "":
			v.Add(at, "required", nil)
		case known && !slices.ContainsFunc(regions, func(r address.Region) bool { return r.Value == name }):
			v.Add(at, "unknown", nil)
		}
	}
	for i, p := range z.PostalPrefixes {
		if p == "" {
			v.Add(fmt.Sprintf("%s.postal_prefixes[%d]", path, i), "required", nil)
		}
	}
}
