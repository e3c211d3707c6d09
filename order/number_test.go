package order_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/order"
)

func TestDateNumbersCountTheShopsDays(t *testing.T) {
	t.Parallel()
	g := order.Group{ID: "g1", PlacedAt: time.Date(2026, 12, 31, 17, 0, 0, 0, time.UTC)}
	utc, err := order.DateNumbers{}.Group(t.Context(), &g, 0)
	require.NoError(t, err)
	require.Regexp(t, `^261231-[0-9A-HJKMNP-TV-Z]{8}$`, utc)
	shanghai, err := order.DateNumbers{Location: time.FixedZone("CST", 8*3600)}.Group(t.Context(), &g, 0)
	require.NoError(t, err)
	require.Regexp(t, `^270101-`, shanghai)
	second, err := order.DateNumbers{}.Group(t.Context(), &g, 1)
	require.NoError(t, err)
	require.NotEqual(t, utc, second, "another try, another number")
	require.Equal(t, utc+"-3", order.DateNumbers{}.Order(utc, 2))
}

// A number is found however it was typed, and a single wrong character never
// leads to another order.
func TestDateNumbersForgiveTypingAndNotice(t *testing.T) {
	t.Parallel()
	const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	rapid.Check(t, func(t *rapid.T) {
		n := order.DateNumbers{}
		g := order.Group{
			ID:       order.GroupID(rapid.String().Draw(t, "id")),
			PlacedAt: noon.AddDate(0, 0, rapid.IntRange(0, 20_000).Draw(t, "days")),
		}
		number, err := n.Group(t.Context(), &g, rapid.IntRange(0, 4).Draw(t, "try"))
		require.NoError(t, err)
		for _, typed := range []string{
			number, n.Order(number, 0), n.Order(number, 41), strings.ToLower(number), " " + number + " ",
			strings.ReplaceAll(number, "-", ""), strings.ReplaceAll(number, "-", "") + "-2",
			strings.NewReplacer("0", "o", "1", "l").Replace(number),
		} {
			got, ok := n.Split(typed)
			require.True(t, ok, typed)
			require.Equal(t, number, got, typed)
		}
		i := rapid.IntRange(0, len(number)-1).Draw(t, "place")
		if number[i] == '-' {
			return
		}
		c := alphabet[rapid.IntRange(0, 31).Draw(t, "letter")]
		if c == number[i] {
			return
		}
		_, ok := n.Split(number[:i] + string(c) + number[i+1:])
		require.False(t, ok, "a wrong character is noticed")
	})
}

func TestDateNumbersRefuseWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{
		"", "-", "---", "261231", "261231-", "261231-XXXXXXXX-1-1", "A61231-AAAAAAAA", "茶茶茶茶茶茶茶茶", "\xff\xff",
		strings.Repeat("0", 65), "261231-AAAAAAA*",
	} {
		_, ok := order.DateNumbers{}.Split(typed)
		require.False(t, ok, "%q", typed)
	}
}
