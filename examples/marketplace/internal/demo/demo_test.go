package demo_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

func ExampleLoad() {
	data, err := demo.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, shop := range data.Shops {
		first := shop.Products[0]
		fmt.Println(shop.Channel, len(shop.Products), first.Name, first.Variants[0].Price.Minor(), shop.Currency)
	}
	// Output:
	// en 3291 Samsung Galaxy Express 3 4G LTE with 8GB Memory Prepaid Cell Phone 4999 USD
	// zh 239 轻奢纯棉刺绣水洗四件套 89900 CNY
}

var once = sync.OnceValues(demo.Load)

func load(t *testing.T) *demo.Data {
	t.Helper()
	data, err := once()
	require.NoError(t, err)
	return data
}

func TestTheCatalogueIsSound(t *testing.T) {
	t.Parallel()
	data := load(t)
	merchants := map[string]bool{}
	for _, m := range data.Merchants {
		require.False(t, merchants[m.Code], m.Code)
		merchants[m.Code] = true
		for _, text := range []demo.Text{m.Name, m.About} {
			require.NotEmpty(t, text.EN)
			require.NotEmpty(t, text.ZH)
		}
	}
	skus := map[string]bool{}
	for _, shop := range data.Shops {
		leaves, used := leavesOf(t, shop), map[string]int{}
		sellers, slugs := map[string]bool{}, map[string]bool{}
		for _, p := range shop.Products {
			require.True(t, leaves[p.Category], "%s is filed under %q", p.Code, p.Category)
			require.True(t, merchants[p.Merchant], "%s is sold by %q", p.Code, p.Merchant)
			require.Regexp(t, regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`), p.Slug, p.Code)
			require.False(t, slugs[p.Slug], p.Slug)
			slugs[p.Slug], sellers[p.Merchant] = true, true
			used[p.Category]++
			requireProduct(t, shop, p, skus)
		}
		require.GreaterOrEqual(t, len(sellers), 4)
		require.Len(t, used, len(leaves), "every category has products")
	}
}

func leavesOf(t *testing.T, shop demo.Shop) map[string]bool {
	t.Helper()
	leaves := map[string]bool{}
	for _, d := range shop.Departments {
		require.NotEmpty(t, d.Children)
		for _, l := range append([]demo.Category{d}, d.Children...) {
			require.NotEmpty(t, l.Name.In(shop.Locale))
			_, err := picture.Draw(l.Picture)
			require.NoError(t, err, l.Code)
		}
		for _, l := range d.Children {
			require.False(t, leaves[l.Code], l.Code)
			leaves[l.Code] = true
		}
	}
	return leaves
}

func requireProduct(t *testing.T, shop demo.Shop, p demo.Product, skus map[string]bool) {
	t.Helper()
	for _, text := range []string{p.Name, p.Brand, p.Description} {
		require.True(t, utf8.ValidString(text))
		require.NotContains(t, text, "&#", p.Code)
		require.NotContains(t, text, "http", p.Code)
		require.NotContains(t, text, "â€", p.Code)
		require.Equal(t, strings.TrimSpace(text), text)
		require.False(t, strings.ContainsFunc(text, unicode.IsControl), p.Code)
	}
	require.NotEmpty(t, p.Name)
	want := 1
	for _, o := range p.Options {
		require.Greater(t, len(o.Values), 1, p.Code)
		want *= len(o.Values)
		for _, v := range o.Values {
			require.NotEmpty(t, v.Name.EN)
			require.NotEmpty(t, v.Name.ZH)
		}
	}
	require.Len(t, p.Variants, want, p.Code)
	require.LessOrEqual(t, want, 16, p.Code)
	for _, v := range p.Variants {
		require.False(t, skus[v.Code], v.Code)
		skus[v.Code] = true
		require.Len(t, v.Values, len(p.Options))
		for i, code := range v.Values {
			require.True(t, slices.ContainsFunc(p.Options[i].Values, func(o demo.Value) bool { return o.Code == code }), v.Code)
		}
		require.Equal(t, shop.Currency, v.Price.Currency())
		require.Positive(t, v.Price.Minor(), v.Code)
		require.GreaterOrEqual(t, v.Stock, int64(0))
		require.Positive(t, v.WeightGrams)
		if shop.Channel == "zh" {
			if v.ListPrice.Sign() != 0 {
				require.Greater(t, v.ListPrice.Minor(), v.Price.Minor(), v.Code)
				require.LessOrEqual(t, v.ListPrice.Minor(), 3*v.Price.Minor(), "%s: nothing was more than three times as dear", v.Code)
			}
		}
		_, err := picture.ParseKey(v.Picture.Key())
		require.NoError(t, err, v.Code)
	}
}

func TestASlipInAListPriceIsNone(t *testing.T) {
	t.Parallel()
	for _, shop := range load(t).Shops {
		for _, p := range shop.Products {
			switch p.Code {
			case "ZH1006014": // 1399 struck 14199
				require.Zero(t, p.Variants[0].ListPrice.Minor())
			case "ZH1045000": // 28 struck 48
				require.EqualValues(t, 4800, p.Variants[0].ListPrice.Minor())
			}
		}
	}
}

func TestPricesAreThoseOfTheSource(t *testing.T) {
	t.Parallel()
	sums := map[string]int64{}
	for _, shop := range load(t).Shops {
		for _, p := range shop.Products {
			sums[string(shop.Channel)] += p.Variants[0].Price.Minor()
		}
	}
	require.Equal(t, map[string]int64{"en": 28800858, "zh": 9982810}, sums)
}

func TestLoadingTwiceGivesTheSameShop(t *testing.T) {
	t.Parallel()
	a, err := demo.Load()
	require.NoError(t, err)
	b := load(t)
	require.Equal(t, b, a)
	a.Shops[0].Products[0].Variants[0].Stock = -1
	require.NotEqual(t, a, b, "what Load returns belongs to its caller")
}

func TestThereIsSomethingToChooseAndSomethingSoldOut(t *testing.T) {
	t.Parallel()
	for _, shop := range load(t).Shops {
		var chosen, gone, dearer, all int
		for _, p := range shop.Products {
			if len(p.Options) > 0 {
				chosen++
			}
			for _, v := range p.Variants {
				all++
				if v.Stock == 0 {
					gone++
				}
				if v.Price.Minor() > p.Variants[0].Price.Minor() {
					dearer++
				}
			}
		}
		require.Greater(t, chosen*100/len(shop.Products), 8, "%s: products with options", shop.Channel)
		require.InDelta(t, 5, gone*100/all, 3, "%s: SKUs sold out", shop.Channel)
		require.Positive(t, dearer)
	}
}
