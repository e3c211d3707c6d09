package catalog_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/commerce/event"
)

// The golden files were written by earlier versions and stay readable.
func TestStoredEventsStayReadable(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	want := []event.Payload{
		&catalog.ProductCreated{Product: "p1", Merchant: "m1", SKUs: []catalog.SKUID{"s1", "s2"}, Version: 1},
		&catalog.ProductChanged{Product: "p1", Merchant: "m1", SKUs: []catalog.SKUID{"s1", "s2"}, Version: 2},
		&catalog.ProductPublished{
			Product: "p1", Merchant: "m1", Channel: "en", State: catalog.Published,
			From: noon, Until: noon.Add(time.Hour), Version: 3,
		},
		&catalog.ProductArchived{Product: "p1", Merchant: "m1", Version: 4},
		&catalog.CategoryChanged{Category: "c1", Parent: "c0", Moved: true, Version: 5},
		&catalog.BrandChanged{Brand: "b1", Version: 6},
	}
	files, err := filepath.Glob("testdata/events/*.json")
	require.NoError(t, err)
	require.Len(t, files, len(want), "every event has a golden file")
	for _, w := range want {
		raw, err := os.ReadFile(filepath.Join("testdata", "events", w.EventName()+".json"))
		require.NoError(t, err)
		var fresh event.Payload
		switch w.(type) {
		case *catalog.ProductCreated:
			fresh = &catalog.ProductCreated{}
		case *catalog.ProductChanged:
			fresh = &catalog.ProductChanged{}
		case *catalog.ProductPublished:
			fresh = &catalog.ProductPublished{}
		case *catalog.ProductArchived:
			fresh = &catalog.ProductArchived{}
		case *catalog.CategoryChanged:
			fresh = &catalog.CategoryChanged{}
		case *catalog.BrandChanged:
			fresh = &catalog.BrandChanged{}
		}
		require.NoError(t, event.Decode(event.Record{Name: w.EventName(), Payload: raw}, fresh))
		require.Equal(t, w, fresh)
		again, err := json.Marshal(fresh)
		require.NoError(t, err)
		require.Equal(t, string(raw), string(again)+"\n")
	}
}
