package ref_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
)

func TestPlainText(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "Tea", "茶 émoji 👩‍👩‍👧", "می‌خواهم", "e\u0301"} {
		require.True(t, ref.PlainText(s), s)
		require.True(t, ref.PlainLines(s), s)
	}
	for _, s := range []string{"\x00", "a\x7f", "a\u0085", "\xff", "\xed\xa0\x80", "a\r", "\u2028", "a\u202eb", "\u2066", "\ufdd0", "\uffff", "\U0001fffe"} {
		require.False(t, ref.PlainText(s), "%q", s)
		require.False(t, ref.PlainLines(s), "%q", s)
	}
	require.False(t, ref.PlainText("a\nb"))
	require.False(t, ref.PlainText("a\tb"))
	require.True(t, ref.PlainLines("a\n\tb"))
}

func TestValidID(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"1", "0190f5d2-0000-7000-8000-000000000000", "артикул 7", strings.Repeat("x", ref.MaxID)} {
		require.True(t, ref.ValidID(s), s)
	}
	for _, s := range []string{"", " a", "a ", "a\nb", "\xff", strings.Repeat("x", ref.MaxID+1)} {
		require.False(t, ref.ValidID(s), "%q", s)
	}
}

func TestLocale(t *testing.T) {
	t.Parallel()
	for _, l := range []ref.Locale{ref.English, ref.Chinese, "en", "zh-Hant-HK", "es-419", "sl-rozaj-biske"} {
		require.True(t, l.Valid(), l)
	}
	for _, l := range []ref.Locale{"", "e", "english", "en_US", "en-", "-US", "en--US", "e1-US", "en-abcdefghi", "中文", ref.Locale("en" + strings.Repeat("-ab", 20))} {
		require.False(t, l.Valid(), l)
	}
}

func TestQuantity(t *testing.T) {
	t.Parallel()
	require.True(t, ref.Quantity(1).Valid())
	require.True(t, ref.MaxQuantity.Valid())
	require.False(t, ref.Quantity(0).Valid())
	require.False(t, ref.Quantity(-1).Valid())
	require.False(t, (ref.MaxQuantity + 1).Valid())
}
