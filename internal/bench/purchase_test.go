package bench_test

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/memory"
)

const (
	buyers   = 16  // at once
	articles = 500 // so that buyers rarely want the same
	rounds   = 5   // of every side, in turn; the median counts
	perRound = 240 // purchases
)

// side is one way to make purchases, with a database of its own.
type side struct {
	name string
	shop *shop
	db   *sql.DB
	buy  func(ctx context.Context, b buyer) error

	serial atomic.Int64
	rates  []float64 // purchases a second, by round
}

// BenchmarkPurchase places and pays orders of two lines at 16 buyers at once:
// Souk beside hand-written code on the same engine, in turn. What is measured
// begins with the buyer's click on "buy", a cart and its quote at hand, and
// ends with the paid order.
func BenchmarkPurchase(b *testing.B) {
	b.Run("postgres", func(b *testing.B) {
		var sides []*side
		for _, name := range []string{"souk", "pgx", "batched"} {
			dsn := pgtest.URL(b)
			s := newSide(b, name, dsn)
			if name != "souk" {
				s.buy = onPostgres(b, dsn, buyers, name == "batched")
			}
			sides = append(sides, s)
		}
		requireDurable(b, sides[0].db)
		for _, s := range sides {
			require.Equal(b, 2, s.commits(b), "commits of %s", s.name)
		}
		compare(b, sides)
		require.GreaterOrEqual(b, sides[0].cost(sides[1]), 50.0, "%% of the rate of pgx")
	})
	b.Run("sqlite", func(b *testing.B) {
		var sides []*side
		for _, name := range []string{"souk", "sql"} {
			file := filepath.Join(b.TempDir(), "shop.db")
			s := newSide(b, name, "sqlite:"+file)
			if name != "souk" {
				s.buy = onSQLite(b, file)
			}
			sides = append(sides, s)
		}
		compare(b, sides)
	})
	b.Run("memory", func(b *testing.B) {
		s := &side{name: "souk", shop: newShop(b, memory.New().Stores(), articles)}
		s.buy = s.shop.buy
		compare(b, []*side{s})
	})
}

func newSide(b *testing.B, name, url string) *side {
	b.Helper()
	db := open(b, url, &bunstore.Options{MaxConns: buyers})
	s := &side{name: name, db: db.SQL(), shop: newShop(b, db.Stores(), articles)}
	s.buy = s.shop.buy
	return s
}

// requireDurable makes sure that a commit is one.
func requireDurable(b *testing.B, db *sql.DB) {
	b.Helper()
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		require.NoError(b, db.QueryRowContext(b.Context(), "SELECT current_setting($1)", setting).Scan(&value))
		require.Equal(b, "on", value, setting)
	}
}

// commits returns how many transactions that wrote a purchase took, on
// PostgreSQL: each of them has an identifier of its own. Others may write
// meanwhile (the statistics of a table, say), so that the least of three counts.
func (s *side) commits(b *testing.B) int {
	b.Helper()
	next := func() (id int) {
		require.NoError(b, s.db.QueryRowContext(b.Context(), "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").Scan(&id))
		return id
	}
	least := math.MaxInt
	for range 3 {
		who := s.fill(b)
		before := next()
		require.NoError(b, s.buy(b.Context(), who))
		least = min(least, next()-before)
	}
	return least
}

// fill makes a buyer with two lines in the cart and a quote at hand.
func (s *side) fill(b *testing.B) buyer {
	b.Helper()
	k := int(s.serial.Add(1))
	return s.shop.fill(b, fmt.Sprintf("buyer-%06d", k), skuOf(10*k%articles), skuOf((10*k+5)%articles))
}

// compare runs the rounds and reports the medians; every other side's ratio
// is the first's rate over its rate in the same round.
func compare(b *testing.B, sides []*side) {
	b.Helper()
	for b.Loop() {
		for _, s := range sides {
			s.warm(b)
		}
		for round := range rounds {
			for i := range sides { // whoever comes first is another one each time
				sides[(i+round)%len(sides)].run(b, perRound)
			}
		}
	}
	report(b, sides)
}

// report reports the medians, once all have written the same rows.
func report(b *testing.B, sides []*side) {
	b.Helper()
	want := sides[0].tables(b)
	for _, s := range sides {
		require.Equal(b, want, s.tables(b), "rows of %s", s.name)
		b.ReportMetric(median(s.rates), s.name+"/s")
		if s != sides[0] {
			b.ReportMetric(sides[0].cost(s), "%_of_"+s.name)
		}
	}
	b.ReportMetric(0, "ns/op") // a round is no unit of anything
}

// cost returns the rate of a side in hundredths of that of another.
func (s *side) cost(o *side) float64 {
	ratios := make([]float64, len(s.rates))
	for i := range ratios {
		ratios[i] = 100 * s.rates[i] / o.rates[i]
	}
	return median(ratios)
}

// warm brings a side to where a shop is that has run for a while: the engine
// knows what its tables hold, and has each statement prepared and planned once
// and for all, which PostgreSQL does at the sixth time on a connection.
func (s *side) warm(b *testing.B) {
	b.Helper()
	s.run(b, perRound/4)
	if s.db != nil {
		_, err := s.db.ExecContext(b.Context(), "ANALYZE")
		require.NoError(b, err)
	}
	s.run(b, perRound)
	s.rates = nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// run makes n purchases by sixteen buyers at a time and notes the rate.
func (s *side) run(b *testing.B, n int) {
	b.Helper()
	ready := make([]buyer, n)
	each(b, n, func(i int) error {
		ready[i] = s.fill(b)
		return nil
	})
	start := time.Now()
	each(b, n, func(i int) error { return s.buy(b.Context(), ready[i]) })
	s.rates = append(s.rates, float64(n)/time.Since(start).Seconds())
}

// each calls fn with 0 to n-1, on sixteen goroutines.
func each(b *testing.B, n int, fn func(i int) error) {
	b.Helper()
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	errs := make(chan error, buyers)
	var wg sync.WaitGroup
	for range buyers {
		wg.Go(func() {
			for i := range work {
				if err := fn(i); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	require.NoError(b, <-errs)
}

// tables counts the rows of what a purchase writes.
func (s *side) tables(b *testing.B) map[string]int {
	b.Helper()
	out := map[string]int{}
	if s.db == nil {
		return out
	}
	for name, where := range map[string]string{
		"idempotency": "done", "carts": "state = 'converted'", "claims": "true", "order_groups": "true",
		"orders": "payment = 'paid'", "order_lines": "true", "order_history": "true", "order_personal": "true",
		"payment_intents": "state = 'captured'", "payment_attempts": "counted", "payment_events": "true",
		"reservations": "state = 'committed'", "stock": "reserved = 0", "stock_log": "true", "events": "true",
	} {
		var n int
		require.NoError(b, s.db.QueryRowContext(b.Context(), "SELECT count(*) FROM "+name+" WHERE "+where).Scan(&n))
		out[name] = n
	}
	var sold int
	require.NoError(b, s.db.QueryRowContext(b.Context(), "SELECT -sum(on_hand) FROM stock_log WHERE kind = 'commit'").Scan(&sold))
	out["pieces sold"] = sold
	require.Equal(b, 2*out["orders"], sold)
	return out
}
