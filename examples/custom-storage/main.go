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
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage/bunstore"
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
	return regret(ctx, w, "sqlite:"+filepath.Join(dir, "shop.db"))
}

var errRegret = errors.New("somebody thinks better of it")

// regret registers a merchant in a unit that is rolled back: the roster, which
// joins units, has nobody then, and the shop announces nobody.
func regret(ctx context.Context, w io.Writer, url string) (err error) {
	db, err := bunstore.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Migrate(ctx); err != nil {
		return err
	}
	roster, err := OpenRoster(ctx, db)
	if err != nil {
		return err
	}
	stores := db.Stores()
	stores.Merchants, stores.Units = roster, roster // plugged in, with the units that it knows
	shop, err := commerce.New(commerce.Config{Stores: stores, Gateways: []payment.Gateway{fakepay.New().Gateway()}})
	if err != nil {
		return err
	}
	ann := ref.Staff("ann")
	err = shop.Units.Do(ctx, func(ctx context.Context) error {
		_, err := shop.Merchants.Register(ctx, ann, merchant.RegisterInput{ID: "bread", Name: "Bread House"})
		return errors.Join(err, errRegret)
	})
	if !errors.Is(err, errRegret) {
		return err
	}
	_, err = shop.Merchants.Get(ctx, ann, "bread")
	fmt.Fprintf(w, "Bread House is rolled back with its unit: %t\n", errors.Is(err, fault.NotFound))
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
