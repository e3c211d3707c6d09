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
		{Name: "language/doubled ideograms", Setup: withDoubled, Lacks: func(l Limits) bool { return l.NoPairs }, Run: doubled},
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

func withDoubled(t *testing.T) Setup {
	t.Helper()
	s := Setup{Thesaurus: &search.Thesaurus{}}
	require.NoError(t, s.Thesaurus.Replace(&s.Analyzer, []search.Synonym{{Words: []string{"婴儿", "宝宝"}}}))
	return s
}

// doubled: a character twice is a word of its own.
func doubled(t *testing.T, index search.Index) {
	t.Helper()
	require.NoError(t, index.Index(t.Context(), []search.Document{
		{ID: "treasure", Title: "百宝箱", Sales: 100},
		{ID: "bath", Title: "宝宝浴盆"},
		{ID: "baby", Title: "婴儿推车"},
		{ID: "doll", Title: "布娃娃"},
		{ID: "frog", Title: "女娲补天", Sales: 100},
		{ID: "box", Title: "床头柜床垫"},
	}))
	found := find(t, index, search.Query{Text: "宝宝"})
	require.Equal(t, ref.ProductID("bath"), found[0])
	require.Contains(t, found, ref.ProductID("baby"), "by the synonym")
	require.Contains(t, find(t, index, search.Query{Text: "婴儿"}), ref.ProductID("bath"), "and back")
	require.Equal(t, []ref.ProductID{"doll"}, find(t, index, search.Query{Text: "娃娃"}))
	require.Equal(t, ref.ProductID("bath"), find(t, index, search.Query{Text: "宝宝浴盆"})[0])
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
