package bunstore_test

import (
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/storage/bunstore"
)

// BenchmarkOrderPages lists page 1 and page 10,000 of 1,000,000 orders, of
// all of them and of one merchant who has most of them.
func BenchmarkOrderPages(b *testing.B) {
	const rows, size, late = 1_000_000, 50, 10_000
	for name, url := range map[string]func() string{
		"sqlite":   func() string { return "sqlite:" + filepath.Join(b.TempDir(), "shop.db") },
		"postgres": func() string { return pgtest.URL(b) },
	} {
		b.Run(name, func(b *testing.B) {
			db, err := bunstore.Open(b.Context(), url(), nil)
			require.NoError(b, err)
			b.Cleanup(func() { require.NoError(b, db.Close()) })
			require.NoError(b, db.Migrate(b.Context()))
			fillOrders(b, db, name, rows)
			store := db.Stores().Orders
			after := rows - size*(late-1)
			cursor := page.Encode("order.newest", strconv.FormatInt(benchStart().Add(time.Duration(after)*time.Second).UnixMicro(), 10),
				fmt.Sprintf("g%09d", after), fmt.Sprintf("o%09d", after))
			for _, q := range []struct {
				name  string
				query order.Query
			}{{"all", order.Query{}}, {"merchant", order.Query{Merchant: "m"}}} {
				each := map[string]float64{} // nanoseconds of a page
				for _, p := range []struct {
					name  string
					after page.Cursor
				}{{"page=1", ""}, {"page=10000", cursor}} {
					b.Run(q.name+"/"+p.name, func(b *testing.B) {
						for b.Loop() {
							got, err := store.List(b.Context(), q.query, page.Request{After: p.after, Limit: size})
							require.NoError(b, err)
							require.Len(b, got.Items, size)
							require.Len(b, got.Items[0].Lines, 1)
						}
						each[p.name] = float64(b.Elapsed()) / float64(b.N)
					})
				}
				if len(each) == 2 {
					require.InDelta(b, 0, math.Log2(each["page=10000"]/each["page=1"]), 1, "within twice of each other")
				}
			}
		})
	}
}

func benchStart() time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }

// fillOrders copies one real order until there are n, numbered by the time
// they were placed at.
func fillOrders(b *testing.B, db *bunstore.DB, engine string, n int) {
	b.Helper()
	g, entries := largeGroup(b, 1, 1, benchStart())
	g.Orders[0].Merchant = ref.MerchantID("m")
	require.NoError(b, db.Stores().Orders.Insert(b.Context(), &g, entries))
	series := "WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < %d)"
	id, placed := "printf('%%s%%09d', '%s', i)", "placed_at + i * 1000000"
	if engine == "postgres" {
		series = "WITH s AS (SELECT generate_series(1, %d) AS i)"
		id, placed = "'%s' || lpad(i::text, 9, '0')", "placed_at + i * interval '1 second'"
	}
	for _, table := range []struct {
		name   string
		change map[string]string
	}{
		{"orders", map[string]string{
			"group_id": fmt.Sprintf(id, "g"), "id": fmt.Sprintf(id, "o"), "placed_at": placed,
		}},
		{"order_lines", map[string]string{"group_id": fmt.Sprintf(id, "g"), "order_id": fmt.Sprintf(id, "o")}},
	} {
		columns := columnsOf(b, db, table.name)
		into, from := "", ""
		for i, c := range columns {
			if i > 0 {
				into, from = into+", ", from+", "
			}
			into += c
			if expr, ok := table.change[c]; ok {
				from += expr
			} else {
				from += c
			}
		}
		_, err := db.SQL().ExecContext(b.Context(), fmt.Sprintf(
			"INSERT INTO %s (%s) "+series+" SELECT %s FROM s, %s", table.name, into, n, from, table.name))
		require.NoError(b, err)
	}
	if engine == "postgres" {
		_, err := db.SQL().ExecContext(b.Context(), "VACUUM ANALYZE")
		require.NoError(b, err)
	}
}

func columnsOf(b *testing.B, db *bunstore.DB, table string) []string {
	b.Helper()
	rows, err := db.SQL().QueryContext(b.Context(), "SELECT * FROM "+table+" LIMIT 1")
	require.NoError(b, err)
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	require.NoError(b, err)
	require.NoError(b, rows.Err())
	return columns
}
