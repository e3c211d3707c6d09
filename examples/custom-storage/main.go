package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage/memory"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "directory")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "merchants.json")

	shop, err := open(path)
	if err != nil {
		return err
	}
	ann := ref.Staff("ann")
	for id, name := range map[merchant.ID]string{"cups": "Cup House", "tea": "Tea House"} {
		if _, err := shop.Merchants.Register(ctx, ann, merchant.RegisterInput{ID: id, Name: name}); err != nil {
			return err
		}
	}

	// The shop in memory is gone with the process; its merchants are not.
	shop, err = open(path)
	if err != nil {
		return err
	}
	all, err := shop.Merchants.List(ctx, ann, merchant.Query{}, page.Request{})
	if err != nil {
		return err
	}
	for _, m := range all.Items {
		fmt.Fprintf(w, "%s is %s\n", m.Name, m.State)
	}
	return nil
}

// open opens a shop whose merchants are in the file at path.
func open(path string) (*commerce.Marketplace, error) {
	directory, err := OpenDirectory(path)
	if err != nil {
		return nil, err
	}
	stores := memory.New().Stores()
	stores.Merchants = directory // plugged in
	return commerce.New(commerce.Config{Stores: stores, Gateways: []payment.Gateway{fakepay.New().Gateway()}})
}
