package bench_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/storage/bunstore"
)

// maxStatements is what placing and paying an order may take beside BEGIN and
// COMMIT, however many lines and merchants it has.
const maxStatements = 28

func TestStatementsOfAPurchase(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	db := backendtest.Postgres().DB(t, &bunstore.Options{OnStatement: func(_ context.Context, query string, _ error) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, query)
	}})
	purchase := func(s *shop, name string, skus ...ref.SKUID) []string {
		b := s.fill(t, name, skus...)
		mu.Lock()
		seen = nil
		mu.Unlock()
		require.NoError(t, s.buy(t.Context(), b))
		mu.Lock()
		defer mu.Unlock()
		return beginnings(seen)
	}
	s := newShop(t, db.Stores(), 50)
	small := purchase(s, "one merchant", skuOf(0), skuOf(5))
	for i, q := range small {
		t.Logf("%2d %s", i+1, q)
	}
	require.LessOrEqual(t, len(small), maxStatements)
	large := purchase(s, "five merchants", skus(50)...)
	require.Len(t, large, len(small), "%s", strings.Join(large, "\n"))
}

// What promotions may add to a purchase: where none of a hundred applies, and
// where five limited ones do, however many.
const (
	maxIdlePromotions    = 2
	maxLimitedPromotions = 6
)

func TestStatementsOfPromotions(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var seen []string
	db := backendtest.Postgres().DB(t, &bunstore.Options{OnStatement: func(_ context.Context, query string, _ error) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, query)
	}})
	s := newShop(t, db.Stores(), 50)
	purchase := func(name string) []string {
		b := s.fill(t, name, skuOf(0), skuOf(6))
		mu.Lock()
		seen = nil
		mu.Unlock()
		require.NoError(t, s.buy(t.Context(), b))
		mu.Lock()
		defer mu.Unlock()
		return beginnings(seen)
	}
	// A shop without promotions asks for the revision alone.
	none := len(purchase("before")) - 1
	promote(t, db.Stores(), idle(100)...)
	idly := purchase("idle")
	t.Logf("none %d, idle %d", none, len(idly))
	require.LessOrEqual(t, len(idly)-none, maxIdlePromotions, "%s", strings.Join(idly, "\n"))
	promote(t, db.Stores(), limited(5)...)
	five := purchase("five")
	t.Logf("five limited %d", len(five))
	require.LessOrEqual(t, len(five)-none, maxLimitedPromotions, "%s", strings.Join(five, "\n"))
	promote(t, db.Stores(), limited(20)[5:]...)
	require.Len(t, purchase("twenty"), len(five))
}

// beginnings cuts statements short.
func beginnings(statements []string) []string {
	out := make([]string, len(statements))
	for i, q := range statements {
		q = strings.Join(strings.Fields(q), " ")
		out[i] = q[:min(len(q), 90)]
	}
	return out
}
