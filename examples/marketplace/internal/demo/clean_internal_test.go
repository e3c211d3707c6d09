package demo

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCleanLeavesPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Apple&#174; iPhone&#8482; 6":         "Apple® iPhone™ 6",
		"it&#226;&#8364;&#8482;s":             "it’s",
		"360&#194;&#176; case":                "360° case",
		"<b>bold</b>  and <br/>\nplain":       "bold and plain",
		"screens < 5\" and > 4\"":             "screens < 5\" and > 4\"",
		"Insignia\u0099 \u00a0case":           "Insignia™ case",
		"&lt;script&gt;":                      "<script>",
		"broken \xff byte\x00s":               "broken bytes",
		"Piña nüüd, a fr&#275; case &amp; co": "Piña nüüd, a frē case & co",
	} {
		require.Equal(t, want, clean(in))
	}
	require.Equal(t, "In stores.", describe("In stores. Learn more &#8250;"))
}

func TestMinorUnitsAreExact(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{"49.99": 4999, "1": 100, "0.1": 10, "1.10": 110, "899.00": 89900, "4503599627370.49": 450359962737049} {
		got, err := minorUnits(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"", ".5", "-1", "1.999", "1,5", "1e3", "0x1", "99999999999999999999", "1.+5"} {
		_, err := minorUnits(in)
		require.Error(t, err, in)
	}
}

func TestSlugsAreShortAndPlain(t *testing.T) {
	t.Parallel()
	require.Equal(t, "case-for-apple-iphone-6s-rose-gold", slugOf("Case for Apple® iPhone® 6s - Rose Gold"))
	require.Equal(t, "3-cable", slugOf("3' Cable"))
	require.Empty(t, slugOf("轻奢"))
	long := slugOf("a very long name that goes on and on until nobody wants to read it any more")
	require.LessOrEqual(t, len(long), 60)
	require.NotEqual(t, byte('-'), long[len(long)-1])
}
