package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// basket is what one invoice sold.
type basket struct {
	invoice, at string
	items       []string
}

func (c ordersCmd) run() error {
	baskets, err := readInvoices(c.Lines)
	if err != nil {
		return err
	}
	return split(c.Train, c.Test, func(train, test *output) error {
		for _, b := range baskets {
			to := train
			if b.at >= c.Split {
				to = test
			}
			if _, err := fmt.Fprintln(to, b.invoice, strings.Join(b.items, " ")); err != nil {
				return err
			}
		}
		return nil
	})
}

// readInvoices returns the baskets in order of time. Lines that sell no
// product, such as postage and cancellations, are left out, and so is a code
// that the invoice has had already.
func readInvoices(name string) ([]*basket, error) {
	byNumber := map[string]*basket{}
	var all []*basket
	err := eachLine(name, func(n int, line string) error {
		row := strings.Split(line, "\t")
		switch {
		case n == 1:
			return nil
		case len(row) < 5:
			return fmt.Errorf("%d columns, not at least 5", len(row))
		case !sale(row):
			return nil
		}
		b := byNumber[row[0]]
		if b == nil {
			b = &basket{invoice: row[0], at: row[3]}
			byNumber[row[0]], all = b, append(all, b)
		}
		if code := strings.ToUpper(row[1]); !slices.Contains(b.items, code) {
			b.items = append(b.items, code)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b *basket) int {
		return cmp.Or(strings.Compare(a.at, b.at), strings.Compare(a.invoice, b.invoice))
	})
	return all, err
}

// sale reports whether a row sells a product: five digits and optional letters.
func sale(row []string) bool {
	invoice, code, quantity, price := row[0], row[1], row[2], row[4]
	letters := strings.TrimLeft(code, "0123456789")
	return !strings.HasPrefix(invoice, "C") &&
		len(code)-len(letters) == 5 && strings.Trim(strings.ToUpper(letters), "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" &&
		quantity != "0" && !strings.HasPrefix(quantity, "-") &&
		!strings.HasPrefix(price, "-") && strings.Trim(price, "0.") != ""
}

func (c lastCmd) run() error {
	return split(c.Train, c.Test, func(train, test *output) error {
		return eachUser(c.Lines, func(user string, items []string) error {
			if len(items) < 2 {
				return nil
			}
			last := len(items) - 1
			_, err := fmt.Fprintln(train, user, strings.Join(items[:last], " "))
			_, err2 := fmt.Fprintln(test, user, items[last])
			return errors.Join(err, err2)
		})
	})
}

func split(train, test string, write func(train, test *output) error) error {
	a, err := create(train)
	if err != nil {
		return err
	}
	b, err := create(test)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	return errors.Join(write(a, b), a.Close(), b.Close())
}
