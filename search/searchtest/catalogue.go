package searchtest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// Catalogue returns n products of made-up words, a few of them frequent and
// most rare, with eight attributes each: the same ones every time, to measure
// indexes side by side.
func Catalogue(n int) []search.Document {
	draw := rand.New(rand.NewPCG(1, 2))
	syllables := strings.Fields("ba ce di fo gu ka le mi no pu ra se ti vo xu za lo ne")
	words := make([]string, 6000)
	for i := range words {
		var b strings.Builder
		for k := 0; k < 2+i%3; k++ {
			b.WriteString(syllables[draw.IntN(len(syllables))])
		}
		words[i] = b.String()
	}
	zipf := rand.NewZipf(draw, 1.2, 8, uint64(len(words)-1))
	some := func(n int) string {
		out := make([]string, n)
		for i := range out {
			out[i] = words[zipf.Uint64()]
		}
		return strings.Join(out, " ")
	}
	out := make([]search.Document, n)
	for i := range out {
		d := search.Document{
			ID: ref.ProductID(fmt.Sprintf("p-%06d", i)), Version: 1, Title: some(6), Summary: some(18),
			Brand: words[draw.IntN(120)], Model: fmt.Sprintf("%s-%d", words[draw.IntN(len(words))], draw.IntN(9000)),
			Categories: [][]string{{words[draw.IntN(9)], words[10+draw.IntN(60)]}},
			Prices:     []money.Money{money.New(draw.Int64N(100_000), "USD")}, Sales: draw.Int64N(1000), InStock: i%4 > 0,
		}
		for k := range 8 {
			d.Attributes = append(d.Attributes, search.Attribute{Name: fmt.Sprint("attribute ", k), Value: words[draw.IntN(20+k*10)]})
		}
		out[i] = d
	}
	return out
}
