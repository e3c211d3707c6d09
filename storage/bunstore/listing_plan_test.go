package bunstore_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage/bunstore"
)

// Every list is one walk along an index: no plan sorts more than a page.
func TestListsWalkAlongAnIndex(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nothing happens side by side here")
	}
	n := 3_000
	if v := os.Getenv("SOUK_PLAN_ROWS"); v != "" {
		var err error
		n, err = strconv.Atoi(v)
		require.NoError(t, err)
	}
	onBoth(t, func(t *testing.T, db *bunstore.DB, asked *statements) {
		t.Helper()
		fillListing(t, db, n)
		engine := "sqlite"
		if _, err := db.SQL().ExecContext(t.Context(), "SELECT sqlite_version()"); err != nil {
			engine = "postgres"
			_, err = db.SQL().ExecContext(t.Context(), "ANALYZE")
			require.NoError(t, err)
		}
		for _, sort := range listing.Sorts() {
			for i, q := range []listing.Query{
				{},
				{Category: "c1"},
				{Category: "c1-1"},
				{Brand: "b1"},
				{Merchant: "m1"},
				{Category: "c1", InStock: true, PriceFrom: money.New(100, "USD")},
				{Category: "c1", Brand: "b1", Merchant: "m1"},
			} {
				q.Channel, q.Currency, q.Sort = "en", "USD", sort
				q.Now = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
				p, err := db.Stores().Listings.List(t.Context(), q, page.Request{Limit: 24})
				require.NoError(t, err)
				if i == 0 {
					require.NotEmpty(t, p.Next)
					_, err = db.Stores().Listings.List(t.Context(), q, page.Request{Limit: 24, After: p.Next})
					require.NoError(t, err)
				}
				all := asked.take()
				requireWalk(t, db, engine, all[len(all)-1], sort, len(q.Shelves()) == 1)
			}
		}
	})
}

func requireWalk(t *testing.T, db *bunstore.DB, engine, query string, sort listing.Sort, single bool) {
	t.Helper()
	index := map[listing.Sort]string{
		listing.Newest: "newest", listing.Cheapest: "lowest", listing.Dearest: "lowest", listing.BestSelling: "sold", listing.ByTitle: "title",
	}[sort]
	explain := "EXPLAIN "
	if engine == "sqlite" {
		explain = "EXPLAIN QUERY PLAN "
	}
	rows, err := db.SQL().QueryContext(t.Context(), explain+query)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	var plan []string
	for rows.Next() {
		var line string
		if engine == "sqlite" {
			var id, parent, unused int
			require.NoError(t, rows.Scan(&id, &parent, &unused, &line))
		} else {
			require.NoError(t, rows.Scan(&line))
		}
		plan = append(plan, line)
	}
	require.NoError(t, rows.Err())
	text := strings.Join(plan, "\n")
	require.NotContains(t, text, "Seq Scan", "%s\n%s", query, text)
	require.NotContains(t, text, "SCAN sh", "%s\n%s", query, text)
	if !single && engine == "postgres" {
		return // it may start from the shortest of the shelves and sort what is on all of them
	}
	require.Contains(t, text, "listing_shelves_"+index, "%s\n%s", query, text)
	// Below the limit nothing may be sorted; above it a page may.
	if engine == "postgres" {
		below := text[strings.Index(text, "Limit"):]
		require.NotContains(t, below, "Sort", "%s\n%s", query, text)
		return
	}
	require.LessOrEqual(t, strings.Count(text, "TEMP B-TREE"), 1, "%s\n%s", query, text)
}

// fillListing stores n products in 10 categories of 10, 50 brands and 20
// merchants.
func fillListing(t *testing.T, db *bunstore.DB, n int) {
	t.Helper()
	store := db.Stores().Listings
	for begin := 0; begin < n; begin += 1_000 {
		var ids []ref.ProductID
		var entries []listing.Entry
		for i := begin; i < min(n, begin+1_000); i++ {
			id := ref.ProductID(fmt.Sprintf("p-%08d", i*7919%n))
			ids = append(ids, id)
			r := listing.Row{
				Channel: "en", Currency: "USD", Product: id, Merchant: ref.MerchantID(fmt.Sprintf("m%d", i%20)),
				Slug: string(id), Title: fmt.Sprintf("title %d", i*31%n), Brand: ref.BrandID(fmt.Sprintf("b%d", i%50)),
				Categories: []ref.CategoryID{ref.CategoryID(fmt.Sprintf("c%d", i%10)), ref.CategoryID(fmt.Sprintf("c%d-%d", i%10, i/10%10))},
				Lowest:     money.New(int64(i%997), "USD"), Highest: money.New(int64(i%997), "USD"), InStock: i%3 > 0,
				Sold: int64(i % 101), Newest: time.UnixMicro(int64(i)).UTC(), Version: 1,
			}
			entries = append(entries, listing.Entry{Product: id, Version: 1, Rows: []listing.Row{r}})
		}
		_, err := store.Stamp(t.Context(), ids)
		require.NoError(t, err)
		won, err := store.Write(t.Context(), entries)
		require.NoError(t, err)
		require.Len(t, won, len(ids))
	}
}
