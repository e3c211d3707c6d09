package cart_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
)

func TestSigningInTakesTheCartAlong(t *testing.T) {
	t.Parallel()
	s := setup(t)
	from := s.open(t, guest, cart.Item{SKU: "tea", Quantity: 2}, cart.Item{SKU: "cup", Quantity: 1})

	res, err := s.SignIn(t.Context(), ann, guest)
	require.NoError(t, err)
	require.Len(t, res, 1)
	require.Equal(t, "tea=2 cup=1", contents(res[0].Cart))
	require.Equal(t, from.ID, res[0].From)
	require.Equal(t, res[0].Cart, s.open(t, ann))
	old, err := s.Get(t.Context(), guest, from.ID)
	require.NoError(t, err)
	require.Equal(t, cart.Merged, old.State)
	require.Equal(t, res[0].Cart.ID, old.MergedInto)

	again, err := s.SignIn(t.Context(), ann, guest)
	require.NoError(t, err)
	require.Empty(t, again, "a second sign-in has nothing left to do")
	require.Equal(t, res[0].Cart, s.open(t, ann))
}

func TestSigningInAddsUp(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *cart.Config) { c.MaxQuantity = 5 })
	s.open(t, ann, cart.Item{SKU: "cup", Quantity: 1}, cart.Item{SKU: "tea", Quantity: 4})
	s.open(t, guest, cart.Item{SKU: "tea", Quantity: 3}, cart.Item{SKU: "tea", Quantity: 1, Tag: "gift"}, cart.Item{SKU: "pot", Quantity: 1})
	res, err := s.SignIn(t.Context(), ann, guest)
	require.NoError(t, err)
	require.Equal(t, "cup=1 tea=5 pot=1", contents(res[0].Cart))
	require.Equal(t, []ref.SKUID{"tea"}, res[0].Capped)
}

func TestSigningInLosesNoLines(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *cart.Config) { c.MaxLines = 65 })
	var mine, theirs []cart.Item
	for i := range 65 {
		mine = append(mine, cart.Item{SKU: ref.SKUID(fmt.Sprint("m", i)), Quantity: 1})
		theirs = append(theirs, cart.Item{SKU: ref.SKUID(fmt.Sprint("g", i)), Quantity: 1})
		s.shelf.put(mine[i].SKU, 1, 1)
		s.shelf.put(theirs[i].SKU, 1, 1)
	}
	s.open(t, ann, mine...)
	s.open(t, guest, theirs...)
	res, err := s.SignIn(t.Context(), ann, guest)
	require.NoError(t, err)
	require.Len(t, res[0].Cart.Lines, 130)
	_, err = s.Add(t.Context(), ann, cart.AddInput{
		Target: cart.Target{Cart: res[0].Cart.ID}, Items: []cart.Item{{SKU: "tea", Quantity: 1}},
	})
	require.ErrorIs(t, err, fault.Exhausted, "it only grows no further")
}

func TestSigningInStopsAtTheCeiling(t *testing.T) {
	t.Parallel()
	s := setup(t, func(c *cart.Config) { c.MaxLines = cart.LineCeiling })
	items := func(prefix string, n int) []cart.Item {
		out := make([]cart.Item, n)
		for i := range out {
			out[i] = cart.Item{SKU: ref.SKUID(fmt.Sprint(prefix, i)), Quantity: 1}
			s.shelf.put(out[i].SKU, 1, 1)
		}
		return out
	}
	s.open(t, ann, items("m", cart.LineCeiling-1)...)
	s.open(t, guest, items("g", 3)...)
	res, err := s.SignIn(t.Context(), ann, guest)
	require.NoError(t, err)
	require.Len(t, res[0].Cart.Lines, cart.LineCeiling)
	require.Equal(t, []ref.SKUID{"g1", "g2"}, res[0].Dropped)
}

func TestSigningInPerChannel(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.open(t, guest, cart.Item{SKU: "tea", Quantity: 1})
	_, err := s.Open(t.Context(), guest, "zh") // empty: nothing to take along
	require.NoError(t, err)
	res, err := s.SignIn(t.Context(), ann, guest)
	require.NoError(t, err)
	require.Len(t, res, 1)

	for _, scopes := range [][2]ref.Scope{{guest, guest}, {ann, ann}, {ann, {}}, {{}, guest}, {staff, guest}} {
		_, err := s.SignIn(t.Context(), scopes[0], scopes[1])
		require.ErrorIs(t, err, fault.PermissionDenied)
	}
}

// The same tab signs in many times at once: the pieces arrive once.
func TestSigningInAtOnceMergesOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.open(t, ann, cart.Item{SKU: "cup", Quantity: 1})
	s.open(t, guest, cart.Item{SKU: "tea", Quantity: 2})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _, _ = s.SignIn(t.Context(), ann, guest) })
	}
	wg.Wait()
	require.Equal(t, "cup=1 tea=2", contents(s.open(t, ann)))
}

func TestMergeStrategies(t *testing.T) {
	t.Parallel()
	line := func(sku ref.SKUID, n ref.Quantity) cart.Line { return cart.Line{SKU: sku, Quantity: n} }
	member := []cart.Line{line("a", 1), line("b", 2)}
	other := []cart.Line{line("b", 5), line("c", 3)}
	for want, m := range map[string]cart.MergeStrategy{
		"a=1 b=7 c=3": cart.SumLines{},
		"a=1 b=2":     cart.KeepMember{},
		"a=1 b=5 c=3": cart.TakeGuest{},
	} {
		require.Equal(t, want, contents(cart.Cart{Lines: m.Merge(member, other)}))
		require.Equal(t, "b=5 c=3", contents(cart.Cart{Lines: m.Merge(nil, other)}))
		require.Equal(t, "a=1 b=2", contents(cart.Cart{Lines: m.Merge(member, nil)}))
	}
	require.Equal(t, "a=1 b=2", contents(cart.Cart{Lines: member}), "the arguments are not changed")
}

// The default strategy loses no piece of either cart, whatever they hold.
func TestSumLinesLosesNothing(t *testing.T) {
	t.Parallel()
	lines := rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) cart.Line {
		return cart.Line{
			SKU:      ref.SKUID(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "sku")),
			Tag:      rapid.SampledFrom([]string{"", "x"}).Draw(t, "tag"),
			Quantity: ref.Quantity(rapid.Int64Range(1, 100).Draw(t, "quantity")),
		}
	}), 0, 8, func(l cart.Line) string { return string(l.SKU) + "/" + l.Tag })
	rapid.Check(t, func(t *rapid.T) {
		member, other := lines.Draw(t, "member"), lines.Draw(t, "guest")
		got := cart.Cart{Lines: cart.SumLines{}.Merge(member, other)}
		a, b := cart.Cart{Lines: member}, cart.Cart{Lines: other}
		want := a.Demand()
		for sku, n := range b.Demand() {
			want[sku] += n
		}
		require.Equal(t, want, got.Demand())
		keys := map[string]bool{}
		for _, l := range got.Lines {
			key := string(l.SKU) + "/" + l.Tag
			require.False(t, keys[key], "one line per article and tag")
			keys[key] = true
		}
	})
}
