package money_test

import (
	"bytes"
	"log/slog"
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
)

func requireCode(t require.TestingT, err error, code string) {
	require.ErrorIs(t, err, fault.Invalid)
	require.Equal(t, code, fault.CodeOf(err))
}

// anyMinor draws amounts of every size, the edges of int64 among them.
func anyMinor() *rapid.Generator[int64] {
	return rapid.OneOf(
		rapid.Int64Range(-10_000, 10_000),
		rapid.Int64Range(-math.MaxInt64, math.MaxInt64),
		rapid.SampledFrom([]int64{0, 1, -1, math.MaxInt64, -math.MaxInt64, money.MaxMinor, -money.MaxMinor}),
	)
}

// requireResult checks an operation against the exact result: the same value
// where it fits, a fault where it does not.
func requireResult(t require.TestingT, want *big.Int, got money.Money, err error) {
	if want.IsInt64() && want.Int64() != math.MinInt64 {
		require.NoError(t, err)
		require.Equal(t, want.Int64(), got.Minor())
		require.Equal(t, money.Currency("CNY"), got.Currency())
		return
	}
	requireCode(t, err, money.CodeOverflow)
	require.Zero(t, got)
}

func TestArithmeticIsExactOrRefused(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b, n := anyMinor().Draw(t, "a"), anyMinor().Draw(t, "b"), anyMinor().Draw(t, "n")
		x, y := money.New(a, "CNY"), money.New(b, "CNY")
		bigA, bigB := big.NewInt(a), big.NewInt(b)

		sum, err := x.Add(y)
		requireResult(t, new(big.Int).Add(bigA, bigB), sum, err)
		diff, err := x.Sub(y)
		requireResult(t, new(big.Int).Sub(bigA, bigB), diff, err)
		product, err := x.Mul(n)
		requireResult(t, new(big.Int).Mul(bigA, big.NewInt(n)), product, err)
		total, err := money.Sum("CNY", x, y, money.New(n, "CNY"))
		requireResult(t, new(big.Int).Add(new(big.Int).Add(bigA, bigB), big.NewInt(n)), total, err)

		order, err := x.Cmp(y)
		require.NoError(t, err)
		require.Equal(t, bigA.Cmp(bigB), order)
		require.Equal(t, a == b, x.Equal(y))
		require.Equal(t, bigA.Sign(), x.Sign())
		require.Equal(t, -a, x.Neg().Minor())
		require.Equal(t, x, x.Neg().Neg())
	})
}

func TestSmallestIntegerIsRefused(t *testing.T) {
	t.Parallel()
	smallest := money.New(math.MinInt64, "CNY")
	zero := money.Zero("CNY")
	_, err := smallest.Add(zero)
	requireCode(t, err, money.CodeOverflow)
	_, err = zero.Add(smallest)
	requireCode(t, err, money.CodeOverflow)
	_, err = zero.Sub(smallest)
	requireCode(t, err, money.CodeOverflow)
	_, err = smallest.Mul(1)
	requireCode(t, err, money.CodeOverflow)
	_, err = smallest.Allocate([]int64{1})
	requireCode(t, err, money.CodeOverflow)
	_, err = money.Sum("CNY", smallest)
	requireCode(t, err, money.CodeOverflow)
	require.Equal(t, smallest, smallest.Neg())
	require.Equal(t, "CNY -92233720368547758.08", smallest.String())
	requireCode(t, smallest.Check(), money.CodeRange)
}

func TestSumDoesNotDependOnOrder(t *testing.T) {
	t.Parallel()
	most := money.New(math.MaxInt64, "CNY")
	got, err := money.Sum("CNY", most, most, most.Neg(), most.Neg(), money.New(7, "CNY"))
	require.NoError(t, err)
	require.Equal(t, money.New(7, "CNY"), got)

	got, err = money.Sum("USD")
	require.NoError(t, err)
	require.Equal(t, money.Zero("USD"), got)
}

func TestCurrenciesDoNotMix(t *testing.T) {
	t.Parallel()
	cny, usd := money.New(1, "CNY"), money.New(1, "USD")
	_, err := cny.Add(usd)
	requireCode(t, err, money.CodeMismatch)
	_, err = cny.Sub(usd)
	requireCode(t, err, money.CodeMismatch)
	_, err = cny.Cmp(usd)
	requireCode(t, err, money.CodeMismatch)
	_, err = money.Sum("CNY", cny, usd)
	requireCode(t, err, money.CodeMismatch)
	_, err = cny.Add(money.Money{})
	requireCode(t, err, money.CodeMismatch)
	require.False(t, cny.Equal(usd))
}

func TestCheck(t *testing.T) {
	t.Parallel()
	require.NoError(t, money.New(money.MaxMinor, "KWD").Check())
	require.NoError(t, money.New(-money.MaxMinor, "JPY").Check())
	requireCode(t, money.New(money.MaxMinor+1, "CNY").Check(), money.CodeRange)
	requireCode(t, money.New(-money.MaxMinor-1, "CNY").Check(), money.CodeRange)
	requireCode(t, money.New(1, "cny").Check(), money.CodeCurrency)
	requireCode(t, money.Money{}.Check(), money.CodeCurrency)
}

func TestLogShowsPlainDecimal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("paid", "amount", money.New(-5, "CNY"))
	require.Contains(t, out.String(), `amount="CNY -0.05"`)
	require.Equal(t, "none", money.Money{}.String())
	require.Equal(t, "JPY 1200", money.New(1200, "JPY").String())
	require.Equal(t, "KWD 1.200", money.New(1200, "KWD").String())
}
