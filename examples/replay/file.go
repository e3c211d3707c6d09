package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

const currency money.Currency = "GBP"

// file is what a folder holds, sorted out.
type file struct {
	lines    int // taken
	invoices []*invoice
	products []product
	// skus holds what is sold of each SKU altogether.
	skus      map[sku]ref.Quantity
	customers []string
	titles    map[string]string // by stock code
	untitled  int               // products without a description

	money  money.Money
	pieces int64

	// skipped are the lines that are not the sale of a product, by reason;
	// mapped the countries that the address table does not know.
	skipped, mapped map[string]*tally
}

// sku is a stock code at a price.
type sku struct {
	code  string
	price money.Money
}

// id is the SKU's id in the shop.
func (s sku) id() ref.SKUID { return ref.SKUID(s.code + "-" + s.price.Decimal()) }

// product is a stock code and the prices it was sold at.
type product struct {
	code   string
	prices []money.Money
}

// invoice is what one customer bought at once.
type invoice struct {
	number, customer, country string
	at                        time.Time
	items                     map[sku]ref.Quantity
}

// tally counts lines and remembers what to call them by.
type tally struct {
	lines int
	names map[string]bool
}

func count(in map[string]*tally, reason, name string) {
	if in[reason] == nil {
		in[reason] = &tally{names: map[string]bool{}}
	}
	in[reason].lines++
	in[reason].names[name] = true
}

// readFile reads a folder; limit 0 takes all invoices.
func readFile(dir string, limit int) (*file, error) {
	f := &file{
		skus: map[sku]ref.Quantity{}, titles: map[string]string{}, money: money.Zero(currency),
		skipped: map[string]*tally{}, mapped: map[string]*tally{},
	}
	err := table(filepath.Join(dir, "products.tsv.gz"), 2, func(row []string) error {
		if row[1] != "" {
			f.titles[row[0]] = row[1]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	invoices := map[string]*invoice{}
	err = table(filepath.Join(dir, "lines.tsv.gz"), 7, func(row []string) error {
		if reason, name := notASale(row); reason != "" {
			count(f.skipped, reason, name)
			return nil
		}
		return f.take(invoices, row, limit)
	})
	if err != nil {
		return nil, err
	}
	f.sort()
	return f, nil
}

// notASale says why a row is not the sale of a product, and what to name it
// by.
func notASale(row []string) (reason, name string) {
	switch {
	case strings.HasPrefix(row[0], "C"):
		return "canceled invoices", row[0]
	case !isProduct(row[1]):
		return "not a product", row[1]
	case row[2] == "0" || strings.HasPrefix(row[2], "-"):
		return "no pieces", row[1]
	case strings.HasPrefix(row[4], "-") || strings.Trim(row[4], "0.") == "":
		return "no price", row[1]
	}
	return "", ""
}

// isProduct reports whether a stock code is five digits and optional letters.
func isProduct(code string) bool {
	if len(code) < 5 {
		return false
	}
	for i, c := range []byte(code) {
		if digit := c >= '0' && c <= '9'; digit != (i < 5) {
			return false
		}
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; letter != (i >= 5) {
			return false
		}
	}
	return true
}

// take adds the sale that a row tells of.
func (f *file) take(invoices map[string]*invoice, row []string, limit int) error {
	qty, err := strconv.ParseInt(row[2], 10, 64)
	if err != nil {
		return fmt.Errorf("quantity: %w", err)
	}
	price, err := money.ParseDecimal(row[4], currency)
	if err != nil {
		return err
	}
	at, err := time.Parse("2006-01-02 15:04", row[3])
	if err != nil {
		return fmt.Errorf("time: %w", err)
	}
	inv := invoices[row[0]]
	if inv == nil {
		if limit > 0 && len(f.invoices) == limit {
			count(f.skipped, "beyond --limit", row[0])
			return nil
		}
		inv = &invoice{number: row[0], customer: row[5], country: row[6], at: at, items: map[sku]ref.Quantity{}}
		invoices[row[0]] = inv
		f.invoices = append(f.invoices, inv)
	}
	amount, err := price.Mul(qty)
	if err != nil {
		return err
	}
	if f.money, err = f.money.Add(amount); err != nil {
		return err
	}
	k := sku{row[1], price}
	inv.items[k] += ref.Quantity(qty)
	f.skus[k] += ref.Quantity(qty)
	f.pieces += qty
	f.lines++
	return nil
}

// sort derives products and customers, and brings all into a fixed order.
func (f *file) sort() {
	slices.SortStableFunc(f.invoices, func(a, b *invoice) int { return a.at.Compare(b.at) })
	prices := map[string][]money.Money{}
	for k := range f.skus {
		prices[k.code] = append(prices[k.code], k.price)
	}
	for _, code := range slices.Sorted(maps.Keys(prices)) {
		p := product{code, prices[code]}
		slices.SortFunc(p.prices, func(a, b money.Money) int { return int(a.Minor() - b.Minor()) })
		f.products = append(f.products, p)
		if f.titles[code] == "" {
			f.untitled++
		}
	}
	customers := map[string]bool{}
	for _, inv := range f.invoices {
		if inv.customer != "" {
			customers[inv.customer] = true
		}
		if _, known := addressIn(inv.country); !known {
			count(f.mapped, "sent to London instead", inv.country)
		}
	}
	f.customers = slices.Sorted(maps.Keys(customers))
}

func (f *file) report(w io.Writer) {
	fmt.Fprintf(w, "file: %d lines in %d invoices, %d pieces for %s\n", f.lines, len(f.invoices), f.pieces, f.money)
	for _, reason := range slices.Sorted(maps.Keys(f.skipped)) {
		t := f.skipped[reason]
		fmt.Fprintf(w, "skipped: %d lines, %s: %s\n", t.lines, reason, t)
	}
	for _, reason := range slices.Sorted(maps.Keys(f.mapped)) {
		t := f.mapped[reason]
		fmt.Fprintf(w, "mapped: %d invoices, %s: %s\n", t.lines, reason, t)
	}
	if f.untitled > 0 {
		fmt.Fprintf(w, "mapped: %d products without a description are named by their code\n", f.untitled)
	}
}

// String names what was counted.
func (t *tally) String() string {
	return strings.Join(slices.Sorted(maps.Keys(t.names)), ", ")
}

// table calls fn for each row below the header of a gzipped file of columns
// that tabs separate.
func table(name string, columns int, fn func(row []string) error) (err error) {
	f, err := os.Open(name) //nolint:gosec // the folder is the caller's own
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	s := bufio.NewScanner(z)
	for n := 1; s.Scan(); n++ {
		row := strings.Split(s.Text(), "\t")
		switch {
		case n == 1:
			continue
		case len(row) != columns:
			return fmt.Errorf("%s:%d: %d columns, not %d", name, n, len(row), columns)
		}
		if err := fn(row); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
