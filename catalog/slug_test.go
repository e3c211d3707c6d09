package catalog_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/ref"
)

func TestSlugify(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Linen shirt":                  "linen-shirt",
		"  --Women's  (Café) Crème! ":  "womens-cafe-creme",
		"AT&T GoPhone - 8GB":           "at-t-gophone-8gb",
		"轻奢纯棉刺绣水洗四件套":                  "轻奢纯棉刺绣水洗四件套",
		"Ärger İstanbul ĐÀ NẴNG":       "arger-istanbul-đa-nang",
		"ガ゙ス カ\u3099ス":                 "ガ゙ス-ガス",
		"１２ｇ ﬁne":                      "12g-fine",
		"\U0001F375":                   "",
		"":                             "",
		strings.Repeat("a", 99) + " b": strings.Repeat("a", 99),
		strings.Repeat("안녕", 100):      strings.Repeat("안녕", 50),
		"a" + strings.Repeat("-", 200): "a",
	} {
		require.Equal(t, want, catalog.Slugify(text), text)
	}
}

func TestASlugIsItsOwnSlug(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		slug := catalog.Slugify(rapid.String().Draw(t, "text"))
		require.True(t, utf8.ValidString(slug))
		require.LessOrEqual(t, utf8.RuneCountInString(slug), catalog.MaxSlug)
		require.Equal(t, slug, catalog.Slugify(slug))
	})
}

func TestTextFallsBack(t *testing.T) {
	t.Parallel()
	text := catalog.Text{"de-AT": "Haube", "en-US": "hat", "zh-CN": "帽子"}
	for l, want := range map[ref.Locale]string{
		"zh-CN": "帽子", "zh-TW": "帽子", "de": "Haube", "en-GB": "hat", "fr-FR": "hat", "": "hat",
	} {
		require.Equal(t, want, text.In(l), l)
	}
	require.Equal(t, "b", catalog.Text{"fr": "b", "pt": "a"}.In("en-US"))
	require.Empty(t, catalog.Text(nil).In("en-US"))
}
