package promo_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

func TestAlternativesEqualBruteForce(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	dearer := 0
	for i := range uint64(400) {
		seed := i
		if i == 0 {
			seed = 1485 // where a unit that is behind another of its chain is dearer
		}
		in := newMaker(seed).input(1 + int(seed%8))
		for i := range in.Candidates {
			in.Candidates[i].Pinned = false
		}
		best := newBrute(in).best().saved
		least := newBrute(withoutCoupons(in)).best().saved
		got, err := engine.Alternatives(in)
		require.NoError(t, err)
		found := map[ref.CouponID]promo.Alternative{}
		for i, a := range got {
			found[a.Coupon] = a
			require.Equal(t, max(0, best-a.Off.Minor()), a.Less.Minor(), "seed %d", seed)
			require.False(t, i > 0 && a.Off.Minor() > got[i-1].Off.Minor(), "seed %d", seed)
			if !a.Less.IsZero() {
				dearer++
			}
		}
		for i := range in.Candidates {
			c := &in.Candidates[i]
			if c.Coupon == nil {
				continue
			}
			c.Pinned = true
			want, err := engine.Evaluate(in)
			require.NoError(t, err)
			can := false
			for _, d := range want.Decisions {
				can = can || d.Coupon == c.Coupon.ID && d.Applied()
			}
			a, told := found[c.Coupon.ID]
			require.Equal(t, can, told, "seed %d, %s", seed, c.Coupon.ID)
			if told {
				require.Equal(t, newBrute(in).best().saved, a.Off.Minor(), "seed %d, %s", seed, c.Coupon.ID)
			}
			c.Pinned = false
		}
		free, err := engine.Evaluate(in)
		require.NoError(t, err)
		uses := slices.ContainsFunc(free.Decisions, func(d promo.Decision) bool { return d.Coupon != "" && d.Applied() })
		none, told := found[""]
		require.Equal(t, uses, told, "seed %d", seed)
		if told {
			require.Equal(t, least, none.Off.Minor(), "seed %d", seed)
			require.Empty(t, none.Promotion)
		}
	}
	require.Greater(t, dearer, 30, "the choice makes a difference often enough")
}

// Where searches end early, what they say of alternatives and of the cost of
// pins is off by no more than they say.
func TestCutSearchesBoundWhatTheyCompare(t *testing.T) {
	t.Parallel()
	exact := newEngine(t)
	rough, pins := 0, 0
	for seed := range uint64(300) {
		in := newMaker(seed).input(10)
		engine, err := promo.NewEngine(promo.Config{MaxNodes: 1 + int(seed%12)})
		require.NoError(t, err)

		want, err := exact.Evaluate(in)
		require.NoError(t, err)
		got, err := engine.Evaluate(in)
		require.NoError(t, err)
		if slices.ContainsFunc(want.Decisions, func(d promo.Decision) bool { return d.Unpinned }) ||
			slices.ContainsFunc(got.Decisions, func(d promo.Decision) bool { return d.Unpinned }) {
			continue // which pins cost something is not the same question then
		}
		cost, found := want.Search.PinCost.Minor(), got.Search.PinCost.Minor()
		require.LessOrEqual(t, cost, found+got.Search.PinGap.Minor(), "seed %d", seed)
		require.GreaterOrEqual(t, cost, found-got.Search.Gap.Minor(), "seed %d", seed)
		if cost != found {
			pins++
		}

		told, err := exact.Alternatives(in)
		require.NoError(t, err)
		cut, err := engine.Alternatives(in)
		require.NoError(t, err)
		for _, a := range cut {
			i := slices.IndexFunc(told, func(o promo.Alternative) bool { return o.Coupon == a.Coupon })
			if i < 0 { // or as much is saved with fewer coupons, which a cut search may not see
				require.True(t, !a.Optimal || a.Coupon == "" && a.Less.IsZero(), "seed %d", seed)
				continue
			}
			if more := told[i].Off.Minor() - a.Off.Minor(); more > 0 || a.Optimal {
				require.LessOrEqual(t, more, a.Gap.Minor(), "seed %d, %s", seed, a.Coupon)
			}
			if a.Optimal {
				require.Equal(t, told[i], a, "seed %d", seed)
			} else {
				rough++
			}
		}
	}
	require.Greater(t, rough, 30)
	require.Positive(t, pins)
}

// withoutCoupons is an input as if its buyer had none.
func withoutCoupons(in promo.Input) promo.Input {
	in.Candidates = slices.DeleteFunc(slices.Clone(in.Candidates), func(c promo.Candidate) bool { return c.Coupon != nil })
	return in
}

// What is declined does not apply, and is told as such where it could.
func TestDeclinedCandidates(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	declined, otherwise := 0, 0
	for seed := range uint64(300) {
		in := newMaker(seed).input(1 + int(seed%8))
		for i := range in.Candidates {
			c := &in.Candidates[i]
			c.Pinned, c.Declined = false, c.Coupon != nil
		}
		got, err := engine.Evaluate(in)
		require.NoError(t, err)
		want, err := engine.Evaluate(withoutCoupons(in))
		require.NoError(t, err)
		require.Equal(t, want.Totals, got.Totals, "seed %d", seed)
		require.Equal(t, want.Allocations, got.Allocations, "seed %d", seed)
		require.Equal(t, want.Gifts, got.Gifts, "seed %d", seed)
		for i := range in.Candidates {
			in.Candidates[i].Declined = false
		}
		free, err := engine.Evaluate(in)
		require.NoError(t, err)
		for k, d := range got.Decisions {
			if d.Coupon == "" {
				continue
			}
			require.False(t, d.Applied())
			if d.Code == promo.CodeDeclined {
				declined++
			} else {
				otherwise++
			}
			if free.Decisions[k].Applied() {
				require.Equal(t, promo.CodeDeclined, d.Code, "seed %d", seed)
			}
		}
	}
	require.Greater(t, min(declined, otherwise), 50)
}

// fiveOff is a coupon of the site for so much off, of which one may apply.
func fiveOff(i int, off int64) promo.Candidate {
	id := fmt.Sprintf("c%02d", i)
	return promo.Candidate{
		Coupon: &promo.Coupon{ID: ref.CouponID(id)},
		Promotion: promo.Promotion{
			ID: ref.PromotionID(id), Version: 1, Name: "Coupon " + id, Merchant: "m0", Redeem: promo.RedeemCoupon,
			Benefit: promo.Benefit{Fixed: &promo.Fixed{Off: usd(off), Per: promo.PerOrder}},
		},
	}
}

func TestAlternativesAreBoundedAndLeaveTheInputAlone(t *testing.T) {
	t.Parallel()
	in := promo.Input{Now: now(), Cart: promo.Cart{Currency: "USD", Lines: []promo.Line{
		{ID: "1", SKU: "tea", Merchant: "m0", Quantity: 1, Unit: usd(5000)},
	}}}
	engine := newEngine(t)
	none, err := engine.Alternatives(in)
	require.NoError(t, err)
	require.Empty(t, none)
	for i := range 60 {
		in.Candidates = append(in.Candidates, fiveOff(i, int64(100+i)))
	}
	in.Candidates[3].Pinned = true
	twin := fiveOff(7, 107)
	twin.Coupon.ID = "twin"
	in.Candidates = append(in.Candidates, twin)
	got, err := engine.Alternatives(in)
	require.NoError(t, err)
	require.Len(t, got, promo.MaxAlternatives+2)
	require.Equal(t, promo.Alternative{Off: usd(0), Less: usd(159), Optimal: true, Gap: usd(0)}, got[len(got)-1])
	require.Equal(t, promo.Alternative{Promotion: "c59", Coupon: "c59", Off: usd(159), Less: usd(0), Optimal: true, Gap: usd(0)}, got[0])
	require.Equal(t, promo.Alternative{Promotion: "c29", Coupon: "c29", Off: usd(129), Less: usd(30), Optimal: true, Gap: usd(0)}, got[1])
	require.True(t, in.Candidates[3].Pinned)
	in.Cart.Currency = "junk"
	_, err = engine.Alternatives(in)
	require.Error(t, err)
}

func TestPinsThatCannotAllApplyAreTold(t *testing.T) {
	t.Parallel()
	in := promo.Input{Now: now(), Cart: promo.Cart{Currency: "USD", Lines: []promo.Line{
		{ID: "1", SKU: "tea", Merchant: "m0", Quantity: 1, Unit: usd(5000)},
	}}, Candidates: []promo.Candidate{fiveOff(1, 100), fiveOff(2, 200), fiveOff(3, 300)}}
	in.Candidates[0].Pinned, in.Candidates[1].Pinned = true, true
	r, err := newEngine(t).Evaluate(in)
	require.NoError(t, err)
	require.Equal(t, usd(4700), r.Totals.Payable)
	for i, want := range []promo.Code{promo.CodeNotPinnable, promo.CodeNotPinnable, promo.CodeApplied} {
		require.Equal(t, want, r.Decisions[i].Code)
		require.Equal(t, in.Candidates[i].Promotion.Name, r.Decisions[i].Name)
		require.EqualValues(t, "m0", r.Decisions[i].Merchant)
	}
	require.EqualValues(t, "c03", r.Decisions[0].Params.With)
}

// TestCodesAreListed reads the constants, so that no new one is forgotten.
func TestCodesAreListed(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "decision.go", nil, 0)
	require.NoError(t, err)
	var want []promo.Code
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			value, ok := spec.Values[0].(*ast.BasicLit)
			require.True(t, ok)
			text, err := strconv.Unquote(value.Value)
			require.NoError(t, err)
			want = append(want, promo.Code(text))
		}
		return true
	})
	require.NotEmpty(t, want)
	require.Equal(t, want, promo.Codes())
}
