package shipping

import (
	"context"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Method is a way of delivery with its rates: configuration, with a JSON form.
type Method struct {
	// Code names the method: "standard". It is stored with orders.
	Code string `json:"code"`
	// Label is the key of its name. Defaults to "shipping." + Code.
	Label string `json:"label,omitempty"`
	// TaxClass is the class its tax rate is found by; empty for the default.
	TaxClass string `json:"tax_class,omitempty"`
	// Merchants use it; all of them where it is empty. A merchant with a
	// method of its own under the same code uses that one.
	Merchants []ref.MerchantID `json:"merchants,omitempty"`
	// Channels offer it; all of them where it is empty.
	Channels []ref.ChannelID `json:"channels,omitempty"`
	// Rates are tried in their order: the first one of the shipment's
	// currency whose zone holds the destination decides.
	Rates []Rate `json:"rates"`
}

// Rate is what a method costs in a zone:
//
//	Base + the tier that holds the shipment, or nothing from FreeFrom on
//
// A flat rate has a Base only.
type Rate struct {
	// Zone is where it applies; the zero zone is everywhere.
	Zone Zone `json:"zone"`
	// Base is charged for every shipment; its currency is the rate's.
	Base money.Money `json:"base"`
	// By is what Tiers measure. Defaults to ByWeight.
	By Measure `json:"by,omitempty"`
	// Tiers ascend; the first that holds the shipment adds its price. A
	// shipment beyond the last is not delivered unless Step says what more
	// costs.
	Tiers []Tier `json:"tiers,omitempty"`
	// Step prices what is beyond the last tier.
	Step *Step `json:"step,omitempty"`
	// FreeFrom is the list amount of the goods from which nothing is charged;
	// nil for never.
	FreeFrom *money.Money `json:"free_from,omitempty"`
}

// Measure is what a tier counts.
type Measure string

// The measures.
const (
	ByWeight Measure = "weight" // grams
	ByPieces Measure = "pieces"
)

// Tier is the price of a shipment of at most UpTo grams or pieces.
type Tier struct {
	UpTo  int64       `json:"up_to"`
	Price money.Money `json:"price"`
}

// Step adds Price for each begun Every grams or pieces beyond the last tier.
type Step struct {
	Every int64       `json:"every"`
	Price money.Money `json:"price"`
}

// Zone is a set of destinations: those in one of the Countries, of which,
// where given, one of the Regions and one of the PostalPrefixes. An empty
// list holds everything.
type Zone struct {
	Countries      []string `json:"countries,omitempty"`
	Regions        []string `json:"regions,omitempty"`
	PostalPrefixes []string `json:"postal_prefixes,omitempty"`
}

// Holds reports whether a destination lies in the zone.
func (z Zone) Holds(to Destination) bool {
	return (len(z.Countries) == 0 || slices.Contains(z.Countries, to.Country)) &&
		(len(z.Regions) == 0 || slices.Contains(z.Regions, to.Region)) &&
		(len(z.PostalPrefixes) == 0 || slices.ContainsFunc(z.PostalPrefixes, func(p string) bool {
			return strings.HasPrefix(to.PostalCode, p)
		}))
}

// Table is the default [RateCalculator]: methods and rates as configured. It
// is safe for concurrent use.
type Table struct{ methods []Method }

var _ RateCalculator = (*Table)(nil)

// NewTable returns a table of the methods, in the order in which buyers see
// them. Invalid, with every wrong field.
func NewTable(methods ...Method) (*Table, error) {
	t := &Table{methods: make([]Method, len(methods))}
	for i, m := range methods {
		t.methods[i] = m.clone()
		if m.Label == "" {
			t.methods[i].Label = "shipping." + m.Code
		}
	}
	if err := check(t.methods); err != nil {
		return nil, err
	}
	return t, nil
}

// Rates implements [RateCalculator].
func (t *Table) Rates(_ context.Context, s Shipment) ([]Option, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	list, err := s.List()
	if err != nil {
		return nil, err
	}
	var out []Option
	for i := range t.methods {
		m := &t.methods[i]
		if !t.uses(m, &s) {
			continue
		}
		amount, ok, err := m.price(&s, list)
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, Option{Method: m.Code, Label: m.Label, TaxClass: m.TaxClass, Amount: amount})
		}
	}
	return out, nil
}

// uses reports whether the method serves the merchant in the channel and no
// method of the merchant's own takes its place.
func (t *Table) uses(m *Method, s *Shipment) bool {
	if !m.offeredIn(s.Channel) {
		return false
	}
	if len(m.Merchants) > 0 {
		return slices.Contains(m.Merchants, s.Merchant)
	}
	return !slices.ContainsFunc(t.methods, func(o Method) bool {
		return o.Code == m.Code && slices.Contains(o.Merchants, s.Merchant) && o.offeredIn(s.Channel)
	})
}

func (m *Method) offeredIn(c ref.ChannelID) bool {
	return len(m.Channels) == 0 || slices.Contains(m.Channels, c)
}

func (m *Method) price(s *Shipment, list money.Money) (amount money.Money, ok bool, err error) {
	for i := range m.Rates {
		r := &m.Rates[i]
		if r.Base.Currency() == s.Currency && r.Zone.Holds(s.To) {
			return r.price(s, list)
		}
	}
	return money.Money{}, false, nil
}

func (r *Rate) price(s *Shipment, list money.Money) (amount money.Money, ok bool, err error) {
	measure := s.Grams()
	if r.By == ByPieces {
		measure = s.Pieces()
	}
	extra, ok, err := r.tier(measure)
	if err != nil || !ok {
		return money.Money{}, false, err
	}
	if r.FreeFrom != nil && list.Minor() >= r.FreeFrom.Minor() {
		return money.Zero(s.Currency), true, nil
	}
	amount, err = r.Base.Add(extra)
	return amount, err == nil, err
}

// tier returns what the tiers add for a measure; ok is false where they do
// not reach that far.
func (r *Rate) tier(measure int64) (price money.Money, ok bool, err error) {
	if len(r.Tiers) == 0 {
		return money.Zero(r.Base.Currency()), true, nil
	}
	for _, t := range r.Tiers {
		if measure <= t.UpTo {
			return t.Price, true, nil
		}
	}
	if r.Step == nil {
		return money.Money{}, false, nil
	}
	last := r.Tiers[len(r.Tiers)-1]
	steps := (measure - last.UpTo + r.Step.Every - 1) / r.Step.Every
	more, err := r.Step.Price.Mul(steps)
	if err != nil {
		return money.Money{}, false, err
	}
	price, err = last.Price.Add(more)
	return price, err == nil, err
}

func (m Method) clone() Method {
	m.Merchants, m.Channels = slices.Clone(m.Merchants), slices.Clone(m.Channels)
	m.Rates = slices.Clone(m.Rates)
	for i := range m.Rates {
		r := &m.Rates[i]
		r.Zone = Zone{
			Countries: slices.Clone(r.Zone.Countries), Regions: slices.Clone(r.Zone.Regions),
			PostalPrefixes: slices.Clone(r.Zone.PostalPrefixes),
		}
		r.Tiers = slices.Clone(r.Tiers)
		if r.Step != nil {
			step := *r.Step
			r.Step = &step
		}
		if r.FreeFrom != nil {
			from := *r.FreeFrom
			r.FreeFrom = &from
		}
	}
	return m
}
