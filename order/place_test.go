package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

func TestNewSumsUp(t *testing.T) {
	t.Parallel()
	g, entries, err := order.New(placeInput("g1"), order.Cause{At: noon, By: "member:ann", Reason: "placed"})
	require.NoError(t, err)
	a, b := g.Orders[0], g.Orders[1]
	require.Equal(t, order.Totals{
		Goods: usd(2_000), ShippingFee: usd(500), Discount: usd(0), Net: usd(2_500), Tax: usd(500), Total: usd(3_000),
	}, a.Totals)
	require.Equal(t, order.Totals{
		Goods: usd(3_000), ShippingFee: usd(0), Discount: usd(300), Net: usd(2_700), Tax: usd(540), Total: usd(3_240),
	}, b.Totals)
	require.Equal(t, usd(6_240), g.Payable)
	require.Len(t, entries, 2)
	require.Equal(t, order.StatePending, entries[1].To)
	require.Equal(t, order.State(""), entries[1].From)
}

func TestNewKeepsNothingOfItsArgument(t *testing.T) {
	t.Parallel()
	in := placeInput("g1")
	g, _, err := order.New(in, order.Cause{At: noon})
	require.NoError(t, err)
	in.Orders[0].Lines[0].Title = "changed"
	in.Orders[1].Lines[0].Adjustments[0].Bearers[0].Party = "nobody"
	require.NoError(t, g.Validate())
	require.Equal(t, "Tea", g.Orders[0].Lines[0].Title)
	require.Equal(t, "platform", g.Orders[1].Lines[0].Adjustments[0].Bearers[0].Party)
}

// Each entry breaks one thing; the fault names it and nothing else.
func TestNewNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	for path, spoil := range map[string]func(*order.PlaceInput){
		"id":                              func(in *order.PlaceInput) { in.ID = "" },
		"member":                          func(in *order.PlaceInput) { in.Guest = "too" },
		"channel":                         func(in *order.PlaceInput) { in.Channel = "" },
		"purchase_ref":                    func(in *order.PlaceInput) { in.PurchaseRef = "\xff" },
		"source":                          func(in *order.PlaceInput) { in.Source = "a\x00b" },
		"orders":                          func(in *order.PlaceInput) { in.Orders = nil },
		"orders[0].id":                    func(in *order.PlaceInput) { in.Orders[0].ID = "" },
		"orders[1].id":                    func(in *order.PlaceInput) { in.Orders[1].ID = in.Orders[0].ID },
		"orders[0].merchant":              func(in *order.PlaceInput) { in.Orders[0].Merchant = "" },
		"orders[0].lines":                 func(in *order.PlaceInput) { in.Orders[0].Lines = nil },
		"orders[0].lines[0].sku":          func(in *order.PlaceInput) { in.Orders[0].Lines[0].SKU = "" },
		"orders[0].lines[0].weight_grams": func(in *order.PlaceInput) { in.Orders[0].Lines[0].WeightGrams = -1 },
		"orders[0].lines[0].list":         func(in *order.PlaceInput) { in.Orders[0].Lines[0].Quantity = 3 },
		"orders[0].lines[0].unit_price":   func(in *order.PlaceInput) { in.Orders[0].Lines[0].UnitPrice = money.New(1_000, "EUR") },
		"orders[0].lines[0].gross":        func(in *order.PlaceInput) { in.Orders[0].Lines[0].Gross = usd(2_401) },
		"orders[0].lines[0].rate_ppm":     func(in *order.PlaceInput) { in.Orders[0].Lines[0].RatePPM = -1 },
		"orders[1].lines[0].discount":     func(in *order.PlaceInput) { in.Orders[1].Lines[0].Adjustments = nil },
		"orders[0].lines[0].net":          func(in *order.PlaceInput) { in.Orders[0].Lines[0].Inclusive = true },
		"orders[0].shipping.method":       func(in *order.PlaceInput) { in.Orders[0].Shipping.Method = string(make([]byte, 65)) },
		"orders[0].shipping.tax":          func(in *order.PlaceInput) { in.Orders[0].Shipping.Tax = usd(-100) },
		"orders[1].lines[0].adjustments[0].bearers": func(in *order.PlaceInput) {
			in.Orders[1].Lines[0].Adjustments[0].Bearers = nil
		},
		"orders[1].lines[0].adjustments[0].promotion": func(in *order.PlaceInput) {
			in.Orders[1].Lines[0].Adjustments[0].Promotion = ""
		},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			in := placeInput("g1")
			spoil(&in)
			_, _, err := order.New(in, order.Cause{At: noon})
			require.ErrorIs(t, err, fault.Invalid)
			var f *fault.Fault
			require.ErrorAs(t, err, &f)
			require.Equal(t, []string{path}, paths(f))
		})
	}
}

func paths(f *fault.Fault) []string {
	var out []string
	for _, fd := range f.Fields {
		out = append(out, fd.Path)
	}
	return out
}

func TestNewRefusesQuantityAndOverflow(t *testing.T) {
	t.Parallel()
	for _, n := range []ref.Quantity{0, -1, ref.MaxQuantity + 1} {
		in := placeInput("g1")
		in.Orders[0].Lines[0].Quantity = n
		_, _, err := order.New(in, order.Cause{At: noon})
		require.ErrorIs(t, err, fault.Invalid)
		require.ErrorContains(t, err, "quantity")
	}
	in := placeInput("g1")
	for range 3 {
		l := newLine("x", 0, 1)
		l.UnitPrice = usd(1 << 62)
		l.Amounts = order.Amounts{List: usd(1 << 62), Discount: usd(0), Net: usd(1 << 62), Tax: usd(0), Gross: usd(1 << 62)}
		in.Orders[0].Lines = append(in.Orders[0].Lines, l)
	}
	_, _, err := order.New(in, order.Cause{At: noon})
	require.ErrorIs(t, err, fault.Invalid)
}

// Whatever is placed: the lines add up to the orders, they to the payable,
// and no single amount can be shifted without being noticed.
func TestSumsHold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := placeInput("g1")
		in.Orders = nil
		for i := range rapid.IntRange(1, 4).Draw(t, "orders") {
			part := order.PartInput{ID: order.ID(rune('a' + i)), Merchant: ref.MerchantID(rune('m' + i))}
			for j := range rapid.IntRange(1, 5).Draw(t, "lines") {
				part.Lines = append(part.Lines, drawLine(t, string(rune('0'+j))))
			}
			part.Shipping.Amounts = drawAmounts(t, rapid.Int64Range(0, 5_000).Draw(t, "fee"))
			in.Orders = append(in.Orders, part)
		}
		g, _, err := order.New(in, order.Cause{At: noon})
		require.NoError(t, err)
		sum := usd(0)
		for _, o := range g.Orders {
			for _, l := range o.Lines {
				sum, err = sum.Add(l.Gross)
				require.NoError(t, err)
			}
			sum, err = sum.Add(o.Shipping.Gross)
			require.NoError(t, err)
		}
		require.Equal(t, g.Payable, sum)

		o := &g.Orders[rapid.IntRange(0, len(g.Orders)-1).Draw(t, "order")]
		l := &o.Lines[rapid.IntRange(0, len(o.Lines)-1).Draw(t, "line")]
		amounts := []*money.Money{
			&l.List, &l.Discount, &l.Net, &l.Tax, &l.Gross, &o.Shipping.Gross, &o.Shipping.List,
			&o.Goods, &o.ShippingFee, &o.Discount, &o.Net, &o.Tax, &o.Total, &g.Payable,
		}
		m := rapid.SampledFrom(amounts).Draw(t, "amount")
		*m = usd(m.Minor() + 1)
		require.ErrorIs(t, g.Validate(), fault.Invalid)
	})
}

func drawLine(t *rapid.T, id string) order.Line {
	l := newLine(id, rapid.Int64Range(0, 100_000).Draw(t, "unit"), ref.Quantity(rapid.Int64Range(1, 1_000).Draw(t, "quantity")))
	l.Amounts = drawAmounts(t, l.List.Minor())
	return l
}

func drawAmounts(t *rapid.T, list int64) order.Amounts {
	discount := rapid.Int64Range(0, list).Draw(t, "discount")
	tax := rapid.Int64Range(0, list-discount).Draw(t, "tax")
	a := order.Amounts{List: usd(list), Discount: usd(discount), Tax: usd(tax), Inclusive: rapid.Bool().Draw(t, "inclusive")}
	if a.Inclusive {
		a.Gross, a.Net = usd(list-discount), usd(list-discount-tax)
	} else {
		a.Net, a.Gross = usd(list-discount), usd(list-discount+tax)
	}
	if discount > 0 {
		half := discount / 2
		a.Adjustments = []order.Adjustment{{Promotion: "p", Version: 1, Amount: usd(discount), Bearers: []order.Bearer{
			{Party: "platform", Amount: usd(half)}, {Party: "merchant:m", Amount: usd(discount - half)},
		}}}
	}
	return a
}

func TestSplit(t *testing.T) {
	t.Parallel()
	lines := []order.SplitLine{
		{SKU: "1", Merchant: potter}, {SKU: "2", Merchant: teaHouse}, {SKU: "3", Merchant: potter},
	}
	parts, err := order.Split(order.ByMerchant{}, lines)
	require.NoError(t, err)
	require.Equal(t, []order.Part{{potter, []int{0, 2}}, {teaHouse, []int{1}}}, parts)

	for why, bad := range map[string]splitter{
		"lost":     {{potter, []int{0, 2}}},
		"twice":    {{potter, []int{0, 2}}, {teaHouse, []int{1}}, {potter, []int{0}}},
		"mixed":    {{potter, []int{0, 1, 2}}},
		"empty":    {{potter, []int{0, 2}}, {teaHouse, []int{1}}, {rival, nil}},
		"invented": {{potter, []int{0, 2, 3}}, {teaHouse, []int{1}}},
	} {
		_, err := order.Split(bad, lines)
		require.ErrorIs(t, err, fault.Internal, why)
	}
}

type splitter []order.Part

func (s splitter) Split([]order.SplitLine) []order.Part { return s }
