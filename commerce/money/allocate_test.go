package money_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/money"
)

func minors(parts []money.Money) []int64 {
	out := make([]int64, len(parts))
	for i, p := range parts {
		out[i] = p.Minor()
	}
	return out
}

func TestAllocateTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		minor         int64
		weights, want []int64
	}{
		{100, []int64{1, 1, 1}, []int64{34, 33, 33}}, // ties to the earlier
		{-100, []int64{1, 1, 1}, []int64{-34, -33, -33}},
		{5, []int64{0, 1, 0, 1}, []int64{0, 3, 0, 2}},
		{101, []int64{3, 7}, []int64{30, 71}}, // 30.3 and 70.7
		{1, []int64{1, 2}, []int64{0, 1}},
		{0, []int64{4, 5}, []int64{0, 0}},
		{7, []int64{9}, []int64{7}},
		{math.MaxInt64, []int64{math.MaxInt64, math.MaxInt64}, []int64{1 << 62, 1<<62 - 1}},
	} {
		got, err := money.New(c.minor, "CNY").Allocate(c.weights)
		require.NoError(t, err)
		require.Equal(t, c.want, minors(got), "%d over %v", c.minor, c.weights)
	}
}

func TestAllocateRefuses(t *testing.T) {
	t.Parallel()
	for _, weights := range [][]int64{
		nil,
		{},
		{0},
		{0, 0},
		{1, -1},
		{math.MinInt64},
		{math.MaxInt64, math.MaxInt64, math.MaxInt64},
	} {
		got, err := money.New(1, "CNY").Allocate(weights)
		requireCode(t, err, money.CodeWeights)
		require.Nil(t, got)
	}
}

// requireFair checks what Allocate promises, with exact numbers.
func requireFair(t require.TestingT, minor int64, weights []int64, parts []money.Money) {
	require.Len(t, parts, len(weights))
	total := new(big.Int)
	for _, w := range weights {
		total.Add(total, big.NewInt(w))
	}
	sum := new(big.Int)
	for i, p := range parts {
		sum.Add(sum, big.NewInt(p.Minor()))
		// |part*total - minor*weight| < total: within one unit of its share.
		off := new(big.Int).Mul(big.NewInt(p.Minor()), total)
		off.Sub(off, new(big.Int).Mul(big.NewInt(minor), big.NewInt(weights[i])))
		require.Negative(t, off.CmpAbs(total), "part %d is off", i)
		if weights[i] == 0 {
			require.Zero(t, p.Minor())
		}
	}
	require.Equal(t, big.NewInt(minor), sum)
}

func TestAllocateIsFair(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minor := anyMinor().Draw(t, "minor")
		weights := rapid.SliceOfN(rapid.OneOf(
			rapid.Int64Range(0, 5), rapid.Int64Range(0, math.MaxInt64/64),
		), 1, 60).Filter(func(ws []int64) bool {
			for _, w := range ws {
				if w > 0 {
					return true
				}
			}
			return false
		}).Draw(t, "weights")
		m := money.New(minor, "CNY")
		parts, err := m.Allocate(weights)
		require.NoError(t, err)
		requireFair(t, minor, weights, parts)

		mirrored, err := m.Neg().Allocate(weights)
		require.NoError(t, err)
		for i := range parts {
			require.Equal(t, parts[i].Neg(), mirrored[i])
		}
	})
}

// A plain loop reaches sizes of sample that a shrinking checker does not.
func TestAllocateHundredThousand(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	weights := make([]int64, 8)
	for range 100_000 {
		n := 1 + rng.IntN(8)
		for i := range n {
			weights[i] = rng.Int64N(1000)
		}
		weights[rng.IntN(n)]++
		minor := rng.Int64N(2_000_000) - 1_000_000
		parts, err := money.New(minor, "CNY").Allocate(weights[:n])
		if err != nil {
			t.Fatal(err)
		}
		var sum, total int64
		for _, w := range weights[:n] {
			total += w
		}
		for i, p := range parts {
			sum += p.Minor()
			if off := p.Minor()*total - minor*weights[i]; off >= total || off <= -total {
				t.Fatalf("%d over %v: part %d is %d", minor, weights[:n], i, p.Minor())
			}
		}
		if sum != minor {
			t.Fatalf("%d over %v sums to %d", minor, weights[:n], sum)
		}
	}
}
