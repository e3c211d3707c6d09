package catalog_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

const (
	teaHouse = ref.MerchantID("tea-house")
	rival    = ref.MerchantID("rival")
)

type shop struct {
	*catalog.Service
	stores storage.Stores
	clock  *clock.Manual
	log    *recorder
}

// recorder notes the events that were appended.
type recorder struct {
	mu    sync.Mutex
	names []string
	ids   map[string]bool
}

func (r *recorder) Append(_ context.Context, records ...event.Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range records {
		r.names = append(r.names, rec.Name)
		r.ids[rec.ID] = true
	}
	return nil
}

// take returns the names noted since the last call.
func (r *recorder) take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.names
	r.names = nil
	return out
}

func setup(t testing.TB) shop {
	t.Helper()
	s := shop{
		stores: memory.New().Stores(),
		clock:  clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)),
		log:    &recorder{ids: map[string]bool{}},
	}
	var err error
	s.Service, err = catalog.NewService(catalog.Config{
		Products: s.stores.Products, Categories: s.stores.Categories, Brands: s.stores.Brands,
		Units: s.stores.Units, Events: s.log, Clock: s.clock, IDs: uid.NewSequence("id"),
	})
	require.NoError(t, err)
	return s
}

func staff() ref.Scope  { return ref.Staff("ann") }
func seller() ref.Scope { return ref.Merchant(teaHouse) }

// paths returns the paths of the wrong fields.
func paths(t *testing.T, err error) []string {
	t.Helper()
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, fault.Invalid, f.Kind, "%v", err)
	out := make([]string, len(f.Fields))
	for i, fd := range f.Fields {
		out[i] = fd.Path + ":" + fd.Code
	}
	return out
}

func shirt() catalog.ProductInput {
	return catalog.ProductInput{
		Title: catalog.Text{ref.English: "Linen shirt", ref.Chinese: "亚麻衬衫"},
		Options: []catalog.Option{
			{Name: catalog.Text{ref.English: "Colour"}, Values: []catalog.OptionValue{{Code: "red"}, {Code: "blue"}}},
			{Code: "size", Values: []catalog.OptionValue{{Code: "m"}, {Code: "l"}}},
		},
		Pictures:    []catalog.Picture{{Ref: "shirt.png"}},
		WeightGrams: 200,
	}
}
