package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

// product is a product as catalogues of different shops write it. Every field
// but the id may be absent.
type product struct {
	ID           loose          `json:"id"`
	Name         string         `json:"name"`
	Title        string         `json:"title"`
	Short        string         `json:"short_description"`
	Brief        string         `json:"brief"`
	Description  string         `json:"description"`
	Supplier     string         `json:"supplier"`
	Brand        string         `json:"brand"`
	Category     string         `json:"category"`
	Parent       string         `json:"parent"`
	Categories   loose          `json:"categories"`
	Attrs        map[string]any `json:"attrs"`
	EAN          loose          `json:"ean"`
	SKU          loose          `json:"sku"`
	Price        loose          `json:"price"`
	RetailPrice  loose          `json:"retail_price"`
	Popularity   loose          `json:"popularity"`
	DateReleased string         `json:"date_released"`
}

// loose is a text, a number or a list of them.
type loose []string

// UnmarshalJSON implements json.Unmarshaler.
func (l *loose) UnmarshalJSON(raw []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	*l = flat(nil, value)
	return nil
}

func flat(out []string, value any) []string {
	switch v := value.(type) {
	case string:
		return append(out, v)
	case json.Number:
		return append(out, v.String())
	case []any:
		for _, item := range v {
			out = flat(out, item)
		}
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			out = flat(out, v[k])
		}
	}
	return out
}

func (l loose) first() string {
	if len(l) == 0 {
		return ""
	}
	return l[0]
}

func (p *product) document() search.Document {
	d := search.Document{
		ID:      ref.ProductID(p.ID.first()),
		Title:   clip(cmp.Or(p.Title, p.Name), 1000),
		Brand:   clip(cmp.Or(p.Supplier, p.Brand), 200),
		Summary: clip(cmp.Or(p.Short, p.Brief, p.Description), search.MaxText),
		InStock: true,
	}
	if p.Title != "" {
		d.Model = clip(p.Name, 1000)
	}
	switch {
	case len(p.Categories) > 0:
		d.Categories = [][]string{p.Categories[:min(len(p.Categories), 16)]}
	case p.Category != "" && p.Parent != "":
		d.Categories = [][]string{{p.Parent, p.Category}}
	case p.Category != "":
		d.Categories = [][]string{{p.Category}}
	}
	d.Codes = slices.Concat(p.EAN, p.SKU)
	d.Attributes = attributes(p.Attrs)
	if n, err := strconv.ParseFloat(cmp.Or(p.RetailPrice.first(), p.Price.first()), 64); err == nil && n >= 0 && n < 1e9 {
		d.Prices = []money.Money{money.New(int64(math.Round(n*100)), "USD")} // one currency is as good as another here
	}
	if n, err := strconv.ParseFloat(p.Popularity.first(), 64); err == nil && n > 0 && n < 1e15 {
		d.Sales = int64(n)
	}
	if t, err := time.Parse(time.RFC3339, p.DateReleased); err == nil {
		d.ListedAt = t
	}
	return d
}

// attributes reads an object of properties. Names may start with t_, n_ or b_
// for text, number and whether.
func attributes(attrs map[string]any) []search.Attribute {
	names := make([]string, 0, len(attrs))
	for name := range attrs {
		names = append(names, name)
	}
	slices.Sort(names)
	var out []search.Attribute
	for _, name := range names[:min(len(names), search.MaxAttributes)] {
		a := search.Attribute{Name: clip(label(name), 200)}
		switch v := attrs[name].(type) {
		case string:
			a.Value = clip(v, search.MaxText)
		case float64:
			a.Number = &v
			if strings.HasPrefix(name, "b_") {
				a.Number, a.Value = nil, whether(v != 0)
			}
		case bool:
			a.Value = whether(v)
		default:
			continue
		}
		if a.Name != "" {
			out = append(out, a)
		}
	}
	return out
}

func whether(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

func label(name string) string {
	for _, prefix := range []string{"t_", "n_", "b_"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return strings.TrimSpace(strings.ReplaceAll(name, "_", " "))
}

// clip shortens a text to at most n bytes of valid UTF-8.
func clip(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
