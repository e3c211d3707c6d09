package main

import (
	"context"
	"runtime"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/memory"
)

// store is where the shop is kept.
type store struct {
	name    string
	stores  storage.Stores
	workers int // that it can use
	bank    *fakepay.Bank

	url string       // empty in memory
	db  *bunstore.DB // nil in memory
}

func openStore(ctx context.Context, o options) (*store, error) {
	s := &store{bank: fakepay.New()}
	switch {
	case o.SQLite != "": // one writer at a time; a second worker prepares meanwhile
		s.name, s.url, s.workers = "SQLite", "sqlite:"+o.SQLite, 2
	case o.Postgres != "":
		s.name, s.url, s.workers = "PostgreSQL", o.Postgres, 8
	default:
		s.name, s.stores, s.workers = "memory", memory.New().Stores(), runtime.GOMAXPROCS(0)
	}
	return s, s.open(ctx)
}

func (s *store) open(ctx context.Context) error {
	if s.url == "" {
		return nil
	}
	db, err := bunstore.Open(ctx, s.url, nil)
	if err != nil {
		return err
	}
	s.db, s.stores = db, db.Stores()
	return db.Migrate(ctx)
}

func (s *store) close() error {
	if s.db == nil {
		return nil
	}
	db := s.db
	s.db = nil
	return db.Close()
}

// reopen closes every connection and opens the store again. What is in memory
// would be gone, so it stays and is only asked again.
func (s *store) reopen(ctx context.Context) error {
	if err := s.close(); err != nil {
		return err
	}
	return s.open(ctx)
}

const (
	channel ref.ChannelID  = "uk"
	seller  ref.MerchantID = "gifts"
)

// shop returns a marketplace on the store that lives by a clock of its own.
// Several of them share a store as the nodes of a cluster do.
func (s *store) shop(c clock.Clock) (*commerce.Marketplace, error) {
	return commerce.New(commerce.Config{
		Stores:   s.stores,
		Gateways: []payment.Gateway{s.bank.Gateway()},
		Channels: []pricing.Channel{{
			ID: channel, Name: "United Kingdom", Currency: currency,
			Locale: ref.English, Country: "GB", TaxInclusive: true,
		}},
		Cart:  commerce.CartConfig{MaxQuantity: ref.MaxQuantity},
		Clock: c,
	})
}

func clerk() ref.Scope { return ref.Staff("replay") }
