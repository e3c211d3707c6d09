package bunstore_test

import (
	"context"
	"fmt"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/storage/bunstore"
)

// statements notes what a database is asked.
type statements struct {
	mu  sync.Mutex
	all []string
}

func (s *statements) note(_ context.Context, query string, _ error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, query)
}

// take returns the statements since the last call.
func (s *statements) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.all
	s.all = nil
	return out
}

// onBoth runs fn on SQLite and PostgreSQL.
func onBoth(t *testing.T, fn func(t *testing.T, db *bunstore.DB, asked *statements)) {
	t.Helper()
	backendtest.SQL().Each(t, func(t *testing.T, b backendtest.Backend) {
		t.Helper()
		asked := &statements{}
		fn(t, b.DB(t, &bunstore.Options{OnStatement: asked.note}), asked)
	})
}

// largeGroup is a group with so many orders of so many lines.
func largeGroup(t testing.TB, orders, lines int, at time.Time) (order.Group, []order.Entry) {
	t.Helper()
	ids := uid.NewV7(nil)
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	free := order.Amounts{List: usd(0), Discount: usd(0), Net: usd(0), Tax: usd(0), Gross: usd(0)}
	in := order.PlaceInput{
		ID: order.GroupID(ids.New()), Member: "ann", Channel: "en", Currency: "USD", PayBy: at.Add(time.Hour),
	}
	for i := range orders {
		part := order.PartInput{
			ID: order.ID(ids.New()), Merchant: ref.MerchantID(fmt.Sprint("m", i)), Shipping: order.Shipping{Amounts: free},
		}
		for range lines {
			part.Lines = append(part.Lines, order.Line{
				ID: order.LineID(ids.New()), SKU: "s", Product: "p", Quantity: 1, UnitPrice: usd(100),
				Amounts: order.Amounts{List: usd(100), Discount: usd(0), Net: usd(100), Tax: usd(0), Gross: usd(100)},
			})
		}
		in.Orders = append(in.Orders, part)
	}
	g, entries, err := order.New(in, order.Cause{At: at, By: "member:ann"})
	require.NoError(t, err)
	return g, entries
}

// The number of statements depends on neither orders nor lines.
func TestOrdersTakeAConstantNumberOfStatements(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *bunstore.DB, asked *statements) {
		t.Helper()
		store, now := db.Stores().Orders, time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
		insert, update, get := 4, 2, 3 // a statement per table
		if path.Base(t.Name()) == "postgres" {
			insert, update, get = 1, 1, 1
		}
		count := func(step string, want int, fn func() error) {
			asked.take()
			require.NoError(t, fn(), step)
			require.Len(t, asked.take(), want, step)
		}
		for _, size := range [][2]int{{1, 1}, {1, 675}, {30, 20}} {
			g, entries := largeGroup(t, size[0], size[1], now)
			count("insert", insert, func() error { return store.Insert(t.Context(), &g, entries) })
			var paid []order.Entry
			all, err := g.Select()
			require.NoError(t, err)
			for _, o := range all {
				e, err := o.Pay(order.Cause{At: now, By: "system"})
				require.NoError(t, err)
				paid = append(paid, e)
			}
			count("update", update, func() error { return store.Update(t.Context(), all, paid) })
			count("get", get, func() error {
				got, err := store.Get(t.Context(), g.ID)
				require.Equal(t, g, got)
				return err
			})
			count("list", 2, func() error {
				_, err := store.List(t.Context(), order.Query{Member: "ann"}, page.Request{})
				return err
			})
			count("claim", 1, func() error {
				_, err := store.ClaimDue(t.Context(), order.DueQuery{
					State: order.StatePending, Now: now.Add(2 * time.Hour), Lease: time.Minute, Limit: 50,
				})
				return err
			})
		}
	})
}

// Every list that somebody pages through walks an index in its order and
// sorts nothing, which is what makes a late page as fast as the first one.
func TestOrderListsWalkAnIndex(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *bunstore.DB, asked *statements) {
		t.Helper()
		store, now := db.Stores().Orders, time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
		for i := range 30 {
			g, entries := largeGroup(t, 10, 1, now.Add(time.Duration(i)*time.Second))
			require.NoError(t, store.Insert(t.Context(), &g, entries))
		}
		if onPostgres(t) {
			_, err := db.SQL().ExecContext(t.Context(), "ANALYZE orders")
			require.NoError(t, err)
		}
		for _, q := range []order.Query{
			{},
			{Member: "ann"},
			{Guest: "x"},
			{Merchant: "m3"},
			{State: order.StatePending},
			{Merchant: "m3", State: order.StatePending},
		} {
			first, err := store.List(t.Context(), q, page.Request{Limit: 2})
			require.NoError(t, err)
			asked.take()
			_, err = store.List(t.Context(), q, page.Request{Limit: 2, After: first.Next})
			require.NoError(t, err)
			plan := explain(t, db, asked.take()[0])
			require.Regexp(t, "(?i)index.* orders_", plan)
			require.NotRegexp(t, "(?i)sort|temp b-tree|seq scan", plan)
		}
	})
}

func onPostgres(t *testing.T) bool { t.Helper(); return strings.HasSuffix(t.Name(), "/postgres") }

// explain returns the plan of a statement.
func explain(t *testing.T, db *bunstore.DB, query string) string {
	t.Helper()
	prefix := "EXPLAIN QUERY PLAN "
	if onPostgres(t) {
		prefix = "EXPLAIN "
	}
	rows, err := db.SQL().QueryContext(t.Context(), prefix+query)
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var plan strings.Builder
	for rows.Next() {
		cells := make([]any, len(columns))
		for i := range cells {
			cells[i] = new(any)
		}
		require.NoError(t, rows.Scan(cells...))
		last, _ := cells[len(cells)-1].(*any)
		fmt.Fprintln(&plan, *last)
	}
	require.NoError(t, rows.Err())
	return plan.String()
}
