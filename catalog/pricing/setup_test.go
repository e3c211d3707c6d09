package pricing_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

const (
	teaHouse = ref.MerchantID("tea-house")
	rival    = ref.MerchantID("rival")
)

func staff() ref.Scope  { return ref.Staff("ann") }
func seller() ref.Scope { return ref.Merchant(teaHouse) }

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

func en() pricing.Channel {
	return pricing.Channel{ID: "en", Name: "Shop", Currency: "USD", Locale: "en-US", Country: "US"}
}

func zh() pricing.Channel {
	return pricing.Channel{ID: "zh", Name: "商店", Currency: "CNY", Locale: "zh-CN", Country: "CN", TaxInclusive: true}
}

func usd(minor int64) money.Money { return money.New(minor, "USD") }

// owners knows the SKUs tea, pot (of the tea house) and pen (of a rival).
type owners struct{}

func (owners) Merchants(_ context.Context, skus []ref.SKUID) (map[ref.SKUID]ref.MerchantID, error) {
	all := map[ref.SKUID]ref.MerchantID{"tea": teaHouse, "pot": teaHouse, "pen": rival}
	out := map[ref.SKUID]ref.MerchantID{}
	for _, sku := range skus {
		if m, ok := all[sku]; ok {
			out[sku] = m
		}
	}
	return out, nil
}

// log is the real event log that also notes what is appended to it.
type log struct {
	event.Log
	records []event.Record
}

func (l *log) Append(ctx context.Context, records ...event.Record) error {
	l.records = append(l.records, records...)
	return l.Log.Append(ctx, records...)
}

type shop struct {
	*pricing.Service
	t      *testing.T
	stores storage.Stores
	clock  *clock.Manual
	log    *log
}

func setup(t *testing.T, change ...func(cfg *pricing.Config)) *shop {
	t.Helper()
	s := &shop{t: t, stores: memory.New().Stores(), clock: clock.NewManual(noon())}
	s.log = &log{Log: s.stores.Events}
	cfg := pricing.Config{
		Store: s.stores.Prices, Units: s.stores.Units, Events: s.log, Channels: []pricing.Channel{en(), zh()},
		Owners: owners{}, Clock: s.clock, IDs: uid.NewSequence("e"),
	}
	for _, fn := range change {
		fn(&cfg)
	}
	var err error
	s.Service, err = pricing.NewService(cfg)
	require.NoError(t, err)
	return s
}

// announced returns the channels and SKUs announced since the last call.
func (s *shop) announced() []pricing.Changed {
	s.t.Helper()
	var out []pricing.Changed
	for _, r := range s.log.records {
		var c pricing.Changed
		require.NoError(s.t, event.Decode(r, &c))
		require.Equal(s.t, pricing.Topic, r.Topic)
		out = append(out, c)
	}
	s.log.records = nil
	return out
}

// set sets prices as staff and requires that every row was taken.
func (s *shop) set(in ...pricing.SetInput) []pricing.Price {
	s.t.Helper()
	results, err := s.Set(s.t.Context(), staff(), in)
	require.NoError(s.t, err)
	out := make([]pricing.Price, len(results))
	for i, r := range results {
		require.NoError(s.t, r.Err)
		out[i] = r.Price
	}
	return out
}

// unit resolves one SKU in channel en.
func (s *shop) price(sku ref.SKUID) pricing.Resolved {
	s.t.Helper()
	out, err := s.Resolve(s.t.Context(), pricing.Request{Channel: "en"}, []pricing.Item{{SKU: sku}})
	require.NoError(s.t, err)
	return out[0]
}

// violations returns "path code" of every wrong field.
func violations(t *testing.T, err error) []string {
	t.Helper()
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.True(t, errors.As(err, &f))
	var out []string
	for _, fd := range f.Fields {
		out = append(out, fd.Path+" "+fd.Code)
	}
	return out
}
