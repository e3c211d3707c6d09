package search_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/search"
)

// show writes tokens down: marks as | and >, pairs in brackets.
func show(tokens []search.Token) string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		switch t.Class {
		case search.Break:
			out[i] = "|"
		case search.Purpose:
			out[i] = ">"
		case search.Pair:
			out[i] = "[" + t.Term + "]"
		case search.Compound:
			out[i] = "=" + t.Term
		case search.Word, search.Number, search.Ideogram:
			out[i] = t.Term
		}
	}
	return strings.Join(out, " ")
}

func TestAnalyze(t *testing.T) {
	t.Parallel()
	var a search.Analyzer
	for text, want := range map[string]string{
		"":                                 "",
		"Desk lamps, brass":                "desk lamp | brass",
		"Toner for Brother's HL-2350":      "toner > brother hl 2350 =hl2350",
		"the lamp of an artist":            "lamp artist",
		"batteries boxes buses glass iris": "battery box buse glass iris",
		"ＬＡＭＰ Ｃａｆé STRASSE straße": "lamp cafe strasse strasse",
		"USB-C - cable": "usb c | cable",
		"羽绒枕":           "羽 绒 [羽绒] 枕 [绒枕]",
		"20寸登机箱":        "20 寸 登 [寸登] 机 [登机] 箱 [机箱]",
		"ﾄﾅｰ black":     "ト ナ [トナ] ー [ナー] black",
		"a\xffb lamp":   "b lamp",
		"()!?":          "",
		"l'eau":         "l eau",
	} {
		require.Equal(t, want, show(a.Analyze(text)), text)
	}
}

func TestAnalyzeLeavesOtherLanguagesAlone(t *testing.T) {
	t.Parallel()
	a := search.Analyzer{Locale: "es-ES"}
	require.Equal(t, "zapatos para el agua", show(a.Analyze("Zapatos para el água")))
}

// words is a segmenter with one word in its dictionary.
type words string

func (w words) Segment(run string) []string {
	if strings.Contains(run, string(w)) {
		return []string{string(w)}
	}
	return nil
}

func TestSegmenterAddsItsWords(t *testing.T) {
	t.Parallel()
	a := search.Analyzer{Locale: "zh-CN", Segmenter: words("登机箱")}
	require.Equal(t, "登 机 [登机] 箱 [机箱] [登机箱]", show(a.Analyze("登机箱")))
	p := search.NewPlan(&a, nil, "登机箱", false)
	require.Equal(t, search.Leaf{Terms: []string{"登机箱"}, Wants: []int{0, 1, 2}, Credit: 1, Source: search.Paired}, p.Leaves[len(p.Leaves)-1])
}

func TestPlan(t *testing.T) {
	t.Parallel()
	var a search.Analyzer
	leaves := func(text string) string {
		var out []string
		p := search.NewPlan(&a, nil, text, false)
		for _, l := range p.Leaves {
			out = append(out, strings.Join(l.Terms, "+"))
		}
		return strings.Join(out, " ")
	}
	require.Equal(t, "micro sd card microsd sdcard", leaves("micro SD cards"))
	require.Equal(t, "tn 2410 tn2410 tn2410", leaves("TN-2410"))
	require.Equal(t, "lamp", leaves("lamp lamps LAMP"), "a word counts once")
	require.Equal(t, "the", leaves("The"), "a text of stop words alone is searched for")
	require.Empty(t, leaves("!!"))
	require.Len(t, search.NewPlan(&a, nil, strings.Repeat("a1 b2 c3 d4 e5 f6 g7 h8 i9 ", 9)+"zz yy", false).Wants, 11)

	p := search.NewPlan(&a, nil, "羊毛 地毯 xl", false)
	require.Equal(t, "羊毛 地毯 xl", p.Text(nil))
	require.Equal(t, "羊毛 地毯 xxl", p.Text(map[int]string{4: "xxl"}))
}

func FuzzAnalyze(f *testing.F) {
	for _, s := range []string{"desk lamp", "TN-2410/B", "20寸登机箱", "a\xff\u202e-", "- -/.-a1-", "ﾄﾅｰ'’s"} {
		f.Add(s)
	}
	var a search.Analyzer
	f.Fuzz(func(t *testing.T, text string) {
		for _, token := range a.Analyze(text) {
			if !utf8.ValidString(token.Term) || len(token.Term) > 200 || token.Content() == (token.Term == "") {
				t.Fatalf("%q: %+v", text, token)
			}
		}
		p := search.NewPlan(&a, nil, text, true)
		if len(p.Wants) > search.MaxWords {
			t.Fatalf("%d words", len(p.Wants))
		}
		for _, l := range p.Leaves {
			for _, w := range l.Wants {
				if w < 0 || w >= len(p.Wants) || len(l.Terms) == 0 {
					t.Fatalf("%q: %+v", text, l)
				}
			}
		}
	})
}
