package searchtest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

func languageCases() []Case {
	return []Case{
		{Name: "language/width, case, accents, plurals", Run: folded},
		{Name: "language/ideograms", Run: ideograms},
		{Name: "language/pairs before single ideograms", Lacks: func(l Limits) bool { return l.NoPairs }, Run: pairs},
	}
}

func folded(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	require.NoError(t, index.Index(t.Context(), []search.Document{{ID: "cafe", Title: "Café crème Straße"}}))
	for text, id := range map[string]ref.ProductID{
		"ＤＥＳＫ ＬＡＭＰ": "lamp-desk", "Desk Lamps": "lamp-desk", "cafe creme": "cafe", "CAFÉ": "cafe", "strasse": "cafe",
		"brother's printer": "printer",
	} {
		got := find(t, index, search.Query{Text: text})
		require.NotEmpty(t, got, text)
		require.Equal(t, id, got[0], text)
	}
}

func ideograms(t *testing.T, index search.Index) {
	t.Helper()
	filled(t, index)
	for text, id := range map[string]ref.ProductID{
		"羽绒枕": "zh-pillow", "枕": "zh-pillow", "床头柜": "zh-head", "20寸登机箱": "zh-bag", "登机箱20寸": "zh-bag", "箱包": "zh-bag",
	} {
		got := find(t, index, search.Query{Text: text})
		require.NotEmpty(t, got, text)
		require.Equal(t, id, got[0], text)
	}
}

// pairs: characters side by side are better than the same ones apart, and
// some of them are better than none.
func pairs(t *testing.T, index search.Index) {
	t.Helper()
	require.NoError(t, index.Index(t.Context(), []search.Document{
		{ID: "apart", Title: "书包和桌布"}, {ID: "together", Title: "实木书桌"}, {ID: "one", Title: "餐桌"},
	}))
	require.Equal(t, []ref.ProductID{"together", "apart", "one"}, find(t, index, search.Query{Text: "书桌"}))
}
