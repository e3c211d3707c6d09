package searchtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// Setup is what a case wants of the index that is opened for it.
type Setup struct {
	Analyzer  search.Analyzer
	Thesaurus *search.Thesaurus
	Queries   *search.QueryBook
}

// Open opens an empty index.
type Open func(t *testing.T, s Setup) search.Index

// Limits names what an index lacks.
type Limits struct {
	NoSpelling bool // it corrects nothing
	NoPairs    bool // it has no pairs of ideograms, only single ones
	NoSteering bool // it follows no rules of merchandising
}

// Case is one requirement.
type Case struct {
	Name  string
	Lacks func(l Limits) bool // the case needs what l lacks
	Setup func(t *testing.T) Setup
	Run   func(t *testing.T, index search.Index)
}

// Cases returns all cases, so that they can be looked at without running.
func Cases() []Case {
	var all []Case
	all = append(all, writeCases()...)
	all = append(all, queryCases()...)
	all = append(all, languageCases()...)
	all = append(all, filterCases()...)
	all = append(all, facetCases()...)
	all = append(all, pageCases()...)
	all = append(all, steeringCases()...)
	all = append(all, suggestCases()...)
	all = append(all, rebuildCases()...)
	return all
}

// Run runs every case on an index of its own.
func Run(t *testing.T, limits Limits, open Open) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if c.Lacks != nil && c.Lacks(limits) {
				t.Skip("the index says that it lacks this")
			}
			setup := Setup{}
			if c.Setup != nil {
				setup = c.Setup(t)
			}
			index := open(t, setup)
			t.Cleanup(func() { require.NoError(t, index.Close()) })
			c.Run(t, index)
		})
	}
}

// shelf is the small shop of the cases.
func shelf() []search.Document {
	number := func(n float64) *float64 { return &n }
	usd := func(minor ...int64) []money.Money {
		out := make([]money.Money, len(minor))
		for i, m := range minor {
			out[i] = money.New(m, "USD")
		}
		return out
	}
	return []search.Document{
		{
			ID: "lamp-desk", Version: 1, Title: "Walnut desk lamp", Brand: "Lumo", Summary: "A warm light for the desk.",
			Categories: [][]string{{"Home", "Lighting", "Lamps"}}, Prices: usd(4900, 5900), Sales: 40, Rating: 4.5, Ratings: 10,
			InStock: true, Merchant: "m-1", Codes: []string{"LM-1001"},
			Attributes: []search.Attribute{
				{Name: "Colour", Value: "Brown"},
				{Name: "Colour", Value: "Black"},
				{Name: "Power", Number: number(9), Unit: "W"},
			},
		},
		{
			ID: "lamp-floor", Version: 1, Title: "Arc floor lamp", Brand: "Lumo", Summary: "Lights a whole corner.",
			Categories: [][]string{{"Home", "Lighting", "Lamps"}}, Prices: usd(12900), Sales: 5, Rating: 3.5, Ratings: 4,
			InStock: true, Merchant: "m-1",
			Attributes: []search.Attribute{{Name: "Colour", Value: "Black"}, {Name: "Power", Number: number(25), Unit: "W"}},
		},
		{
			ID: "shade", Version: 1, Title: "Linen shade for desk lamp", Brand: "Tessel", Summary: "Fits most lamps.",
			Categories: [][]string{{"Home", "Lighting", "Shades"}}, Prices: usd(1900), Sales: 80, InStock: false, Merchant: "m-2",
			Attributes: []search.Attribute{{Name: "Colour", Value: "White"}, {Name: "Power", Value: "2 horses", Number: number(2), Unit: "hp"}},
		},
		{
			ID: "desk", Version: 1, Title: "Standing desk, oak", Brand: "Tessel", Summary: "Height from 70 to 120 cm.",
			Categories: [][]string{{"Home", "Furniture", "Desks"}}, Prices: usd(39900), Sales: 12, Rating: 4.8, Ratings: 33,
			InStock: true, Merchant: "m-2",
		},
		{
			ID: "printer", Version: 1, Title: "Brother HL-2350 laser printer", Brand: "Brother", Model: "HL-2350",
			Categories: [][]string{{"Office", "Printers"}}, Prices: usd(14900), Sales: 22, Rating: 4.1, Ratings: 90,
			InStock: true, Merchant: "m-3",
		},
		{
			ID: "toner", Version: 1, Title: "Brother TN-2410 toner cartridge", Brand: "Brother", Model: "TN-2410",
			Summary: "For laser printer HL-2350.", Categories: [][]string{{"Office", "Toner"}}, Prices: usd(5900), Sales: 200,
			InStock: true, Merchant: "m-3", Codes: []string{"4977766780001"},
		},
		{ID: "zh-pillow", Version: 1, Title: "可水洗羽绒枕", Categories: [][]string{{"居家", "被枕"}}, Prices: usd(5900), InStock: true},
		{ID: "zh-head", Version: 1, Title: "床头柜", Categories: [][]string{{"居家", "家具"}}, Prices: usd(9900), InStock: true},
		{ID: "zh-bag", Version: 1, Title: "登机箱 20寸", Categories: [][]string{{"居家", "箱包"}}, Prices: usd(19900), InStock: true},
	}
}

func filled(t *testing.T, index search.Index) {
	t.Helper()
	require.NoError(t, index.Index(t.Context(), shelf()))
}

// find returns the ids that a query finds, in order.
func find(t *testing.T, index search.Index, q search.Query) []ref.ProductID {
	t.Helper()
	found, err := index.Search(t.Context(), q)
	require.NoError(t, err)
	return ids(found)
}

// nothing requires that no product has a word.
func nothing(t *testing.T, index search.Index, word string) {
	t.Helper()
	found, err := index.Search(t.Context(), search.Query{Text: word, Literal: true})
	require.NoError(t, err)
	require.Zero(t, found.Total)
	require.Equal(t, search.StepPopular, found.Step)
}

func ids(r search.Result) []ref.ProductID {
	out := make([]ref.ProductID, len(r.Hits))
	for i, h := range r.Hits {
		out[i] = h.ID
	}
	return out
}
