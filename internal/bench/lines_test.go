package bench_test

import (
	"fmt"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/memory"
)

// BenchmarkPlaceLines places and pays carts of more and more lines, of five
// merchants, and fails where a line of many costs half as much again as one of
// few. Beside the mean it reports the fastest purchase, which other work on the
// machine disturbs least.
func BenchmarkPlaceLines(b *testing.B) {
	const most = 675
	for _, engine := range []struct {
		name string
		shop func(b *testing.B) *shop
	}{
		{"memory", func(b *testing.B) *shop {
			b.Helper()
			return newShop(b, memory.New().Stores(), most)
		}},
		{"sqlite", func(b *testing.B) *shop {
			b.Helper()
			return newShop(b, open(b, "sqlite:"+filepath.Join(b.TempDir(), "shop.db"), nil).Stores(), most)
		}},
		{"postgres", func(b *testing.B) *shop {
			b.Helper()
			return newShop(b, open(b, pgtest.URL(b), &bunstore.Options{MaxConns: buyers}).Stores(), most)
		}},
	} {
		b.Run(engine.name, func(b *testing.B) {
			s, serial, few := engine.shop(b), 0, 0.0
			for _, lines := range []int{27, 135, most} {
				b.Run(fmt.Sprintf("lines=%d", lines), func(b *testing.B) {
					best := time.Duration(math.MaxInt64)
					for b.Loop() {
						b.StopTimer()
						serial++
						buyer := s.fill(b, fmt.Sprintf("buyer-%d", serial), skus(lines)...)
						b.StartTimer()
						start := time.Now()
						require.NoError(b, s.buy(b.Context(), buyer))
						best = min(best, time.Since(start))
					}
					line := float64(best.Nanoseconds()) / float64(lines)
					b.ReportMetric(line, "best-ns/line")
					if few == 0 {
						few = line
					}
					if line > 1.5*few {
						b.Errorf("a line of %d costs %.1f times as much as the first", lines, line/few)
					}
				})
			}
		})
	}
}
