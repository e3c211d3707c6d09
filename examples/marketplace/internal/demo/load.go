package demo

import (
	"bufio"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/dice"
	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

//go:embed data/catalog-en.jsonl.gz data/catalog-zh.jsonl.gz data/ATTRIBUTION.md
var files embed.FS

// Attribution returns whose work the catalogues are, as text.
func Attribution() (string, error) {
	raw, err := files.ReadFile("data/ATTRIBUTION.md")
	return string(raw), err
}

// Load reads both catalogues. The result is the caller's own.
func Load() (*Data, error) {
	en, enErr := loadEnglish()
	zh, zhErr := loadChinese()
	if err := errors.Join(enErr, zhErr); err != nil {
		return nil, fmt.Errorf("load demo catalogue: %w", err)
	}
	return &Data{Shops: []Shop{en, zh}, Merchants: Merchants()}, nil
}

// Merchants returns the sellers of all shops.
func Merchants() []Merchant {
	var all []Merchant
	for _, s := range append(electronicsSellers(), householdSellers()...) {
		all = append(all, s.Merchant)
	}
	return all
}

// Shops returns the shops without their products: unlike [Load] it reads no
// file.
func Shops() []Shop {
	return []Shop{
		{
			Channel: "en", Name: Text{"Souk Electronics", "Souk 数码"}, Locale: ref.English,
			Currency: "USD", Country: "US", Departments: electronics(),
		},
		{
			Channel: "zh", Name: Text{"Souk Living", "Souk 生活"}, Locale: ref.Chinese,
			Currency: "CNY", Country: "CN", Departments: household(),
		},
	}
}

func loadEnglish() (Shop, error) {
	shop := Shops()[0]
	type line struct {
		Name        string
		Description string
		Brand       string
		Categories  []string
		Price       json.Number
		Popularity  int64
	}
	sellers, slugs := electronicsSellers(), map[string]int{}
	departments := departmentsByLeaf(shop.Departments)
	err := eachLine("data/catalog-en.jsonl.gz", func(n int, l line) error {
		price, err := minorUnits(l.Price.String())
		if err != nil {
			return err
		}
		brand, full := clean(l.Brand), clean(l.Name)
		what := classifyElectronics(l.Categories, full)
		p := Product{
			Code: fmt.Sprintf("EN%04d", n), Brand: brand, Name: trimBrand(full, brand),
			Description: describe(l.Description), Category: what.leaf, Popularity: l.Popularity,
		}
		p.Slug = uniqueSlug(slugs, slugOf(p.Name), p.Code)
		p.Merchant = merchantFor(sellers, departments[what.leaf], p.Code)
		colour, named := colourOfName(full)
		p.fill(what, colour, named, money.New(price, shop.Currency), money.Zero(shop.Currency))
		shop.Products = append(shop.Products, p)
		return nil
	})
	return shop, err
}

// implausible is how many times the price no list price is: the data has a quilt
// for 1399 yuan with a list price of 14199, where 1419 was meant.
const implausible = 3

func loadChinese() (Shop, error) {
	shop := Shops()[1]
	type line struct {
		ID           string
		Name         string
		Brief        string
		Brand        string
		Category     string
		Parent       string
		CounterPrice string `json:"counter_price"`
		RetailPrice  string `json:"retail_price"`
	}
	sellers := householdSellers()
	departments := departmentsByLeaf(shop.Departments)
	err := eachLine("data/catalog-zh.jsonl.gz", func(n int, l line) error {
		price, err := minorUnits(l.RetailPrice)
		if err != nil {
			return err
		}
		list, err := minorUnits(l.CounterPrice)
		if err != nil {
			return err
		}
		if list > implausible*price {
			list = 0
		}
		name := clean(l.Name)
		what, ok := classifyHousehold(shop.Departments, l.Category, name)
		if !ok {
			return fmt.Errorf("category %q is not in the tree", l.Category)
		}
		p := Product{
			Code: "ZH" + l.ID, Slug: l.ID, Name: name, Brand: clean(l.Brand), Description: describe(l.Brief),
			Category: what.leaf, Popularity: int64(5000 - n),
		}
		p.Merchant = merchantFor(sellers, departments[what.leaf], p.Code)
		colour, named := colourOfChineseName(name)
		p.fill(what, colour, named, money.New(price, shop.Currency), money.New(list, shop.Currency))
		shop.Products = append(shop.Products, p)
		return nil
	})
	return shop, err
}

// fill gives a product its picture, options and variants.
func (p *Product) fill(what class, colour picture.Colour, named bool, price, list money.Money) {
	d := dice.New(p.Code, "picture")
	if !named {
		fit := usualColours(what.kind)
		colour = fit[d.N(len(fit))]
	}
	p.Picture = picture.Spec{Kind: what.kind, Colour: colour, Seed: uint32(d.N(1 << 32))} //nolint:gosec // below 2^32
	p.Options, p.Variants = variants(p, what, named, price, list)
}

// eachLine decodes the lines of an embedded file, counted from 1.
func eachLine[T any](name string, fn func(n int, line T) error) error {
	f, err := files.Open(name)
	if err != nil {
		return err
	}
	defer f.Close() // an embedded file that was only read
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	dec := json.NewDecoder(bufio.NewReader(z))
	for n := 1; ; n++ {
		var l T
		switch err := dec.Decode(&l); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: line %d: %w", name, n, err)
		}
		if err := fn(n, l); err != nil {
			return fmt.Errorf("%s: line %d: %w", name, n, err)
		}
	}
}

// trimBrand drops the brand that a name begins with; it stands beside it.
func trimBrand(name, brand string) string {
	if rest, ok := strings.CutPrefix(name, brand+" - "); ok && brand != "" && rest != "" {
		return rest
	}
	return name
}

// uniqueSlug returns slug, or slug with the product's code where it is taken.
func uniqueSlug(taken map[string]int, slug, code string) string {
	taken[slug]++
	if slug == "" || taken[slug] > 1 {
		return strings.Trim(slug+"-"+strings.ToLower(code), "-")
	}
	return slug
}

func departmentsByLeaf(tree []Category) map[string]string {
	m := map[string]string{}
	for _, d := range tree {
		for _, l := range d.Children {
			m[l.Code] = d.Code
		}
	}
	return m
}
