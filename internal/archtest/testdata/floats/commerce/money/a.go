package money

import (
	"math/big"
	"strconv"
)

const half = 0.5

type rate float64

func parse(s string) (any, error) {
	f, err := strconv.ParseFloat(s, 64)
	return big.NewFloat(f), err
}

func exact(n int64) *big.Int { return big.NewInt(n) }
