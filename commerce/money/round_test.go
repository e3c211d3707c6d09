package money_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/money"
)

func roundings() []money.Rounding {
	return []money.Rounding{
		money.HalfUp, money.HalfEven, money.HalfDown, money.Down, money.Up, money.Floor, money.Ceil,
	}
}

// exact divides with a rational model, independent of the implementation.
func exact(num, den *big.Int, r money.Rounding) *big.Int {
	floor, rem := new(big.Int).DivMod(num, den, new(big.Int)) // Euclidean
	if den.Sign() < 0 && rem.Sign() != 0 {
		floor.Sub(floor, big.NewInt(1)) // towards minus infinity
	}
	ceil := new(big.Int).Add(floor, big.NewInt(1))
	if rem.Sign() == 0 {
		return floor
	}
	value := new(big.Rat).SetFrac(num, den)
	toFloor := new(big.Rat).Sub(value, new(big.Rat).SetInt(floor))
	half := toFloor.Cmp(big.NewRat(1, 2))
	toward, away := floor, ceil
	if value.Sign() < 0 {
		toward, away = ceil, floor
	}
	nearest := floor
	if half > 0 {
		nearest = ceil
	}
	switch r {
	case money.Floor:
		return floor
	case money.Ceil:
		return ceil
	case money.Down:
		return toward
	case money.Up:
		return away
	case money.HalfUp:
		if half == 0 {
			return away
		}
	case money.HalfDown:
		if half == 0 {
			return toward
		}
	case money.HalfEven:
		if half == 0 && floor.Bit(0) == 1 {
			return ceil
		}
	}
	return nearest
}

func TestMulDivAgainstRationals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minor := anyMinor().Draw(t, "minor")
		num := rapid.OneOf(anyMinor(), rapid.Just(int64(math.MinInt64))).Draw(t, "num")
		den := rapid.OneOf(anyMinor(), rapid.Just(int64(math.MinInt64))).
			Filter(func(n int64) bool { return n != 0 }).Draw(t, "den")
		r := rapid.SampledFrom(roundings()).Draw(t, "rounding")
		want := exact(new(big.Int).Mul(big.NewInt(minor), big.NewInt(num)), big.NewInt(den), r)
		got, err := money.New(minor, "CNY").MulDiv(num, den, r)
		requireResult(t, want, got, err)
	})
}

func TestRoundingTable(t *testing.T) {
	t.Parallel()
	// Quarters of -10 ... 10: every kind of remainder on both sides of zero.
	table := map[money.Rounding][]int64{
		//                -6  -5  -4  -3  -2  -1  0  1  2  3  4  5  6  (quarters)
		money.HalfUp:   {-2, -1, -1, -1, -1, 0, 0, 0, 1, 1, 1, 1, 2},
		money.HalfEven: {-2, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 2},
		money.HalfDown: {-1, -1, -1, -1, 0, 0, 0, 0, 0, 1, 1, 1, 1},
		money.Down:     {-1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1},
		money.Up:       {-2, -2, -1, -1, -1, -1, 0, 1, 1, 1, 1, 2, 2},
		money.Floor:    {-2, -2, -1, -1, -1, -1, 0, 0, 0, 0, 1, 1, 1},
		money.Ceil:     {-1, -1, -1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2},
	}
	require.Len(t, table, len(roundings()))
	for r, row := range table {
		for i, want := range row {
			got, err := money.New(int64(i-6), "CNY").MulDiv(1, 4, r)
			require.NoError(t, err)
			require.Equal(t, want, got.Minor(), "%d/4 %s", i-6, r)
		}
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ minor, ppm, want int64 }{
		{9999, 130_000, 1300}, // 13 % of 99.99 = 12.9987
		{50, 10_000, 1},       // half a cent goes up
		{-50, 10_000, -1},     // and away from zero
		{money.MaxMinor, money.Million, money.MaxMinor},
		{math.MaxInt64, money.Million, math.MaxInt64},
		{math.MaxInt64, 1, 9223372036855},
	} {
		got, err := money.New(c.minor, "CNY").Percent(c.ppm, money.HalfUp)
		require.NoError(t, err)
		require.Equal(t, c.want, got.Minor(), "%d ppm of %d", c.ppm, c.minor)
	}
	_, err := money.New(math.MaxInt64, "CNY").Percent(money.Million+1, money.HalfUp)
	requireCode(t, err, money.CodeOverflow)
}

// The quotient's magnitude is 2^64-1 with a remainder: raising it would wrap.
func TestRaiseDoesNotWrap(t *testing.T) {
	t.Parallel()
	_, err := money.New(math.MaxInt64, "CNY").MulDiv(math.MaxInt64, math.MaxInt64/2, money.Up)
	requireCode(t, err, money.CodeOverflow)
	_, err = money.New(math.MaxInt64, "CNY").MulDiv(3, 3, money.Up)
	require.NoError(t, err)
}

func TestBadDivision(t *testing.T) {
	t.Parallel()
	_, err := money.New(1, "CNY").MulDiv(1, 0, money.Down)
	requireCode(t, err, money.CodeDivision)
	_, err = money.New(1, "CNY").MulDiv(1, 2, money.Rounding(99))
	requireCode(t, err, money.CodeRounding)
	require.False(t, money.Rounding(99).Valid())
	require.Equal(t, "unknown", money.Rounding(99).String())
	seen := map[string]bool{}
	for _, r := range roundings() {
		require.True(t, r.Valid())
		seen[r.String()] = true
	}
	require.Len(t, seen, len(roundings()))
}
