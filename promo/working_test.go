package promo_test

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/promo"
)

// Whoever has an applied decision's Working alone can compute its amount, and
// what it takes off each line and shipment.
func TestWorkingsCanBeComputedAgain(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	kinds := map[promo.Rounding]int{}
	for seed := range uint64(400) {
		in := newMaker(seed).input(8)
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		for _, d := range result.Decisions {
			if !d.Applied() {
				require.Nil(t, d.Working)
				continue
			}
			body, err := json.Marshal(d.Working)
			require.NoError(t, err)
			var w promo.Working
			require.NoError(t, json.Unmarshal(body, &w)) // nothing that a client does not have
			kinds[w.Rounding]++
			raw, shares := recompute(w)
			sum := int64(0)
			for i, p := range w.Parts {
				require.Equal(t, p.Amount.Minor(), shares[i], "%s %s", d.Promotion, body)
				sum += shares[i]
			}
			require.Equal(t, w.Amount.Minor(), sum, "%s %s", d.Promotion, body)
			require.Equal(t, w.Raw.Minor(), raw, "%s %s", d.Promotion, body)
			require.Equal(t, w.Raw.Minor(), w.Amount.Minor()+w.Cut.Minor())
			allocated := map[string]int64{}
			for _, a := range result.Allocations {
				if a.Promotion == d.Promotion {
					allocated[string(a.Line)+"/"+a.Shipment] = a.Amount.Minor()
				}
			}
			for _, p := range w.Parts {
				require.Equal(t, allocated[string(p.Line)+"/"+p.Shipment], p.Amount.Minor())
				delete(allocated, string(p.Line)+"/"+p.Shipment)
			}
			require.Empty(t, allocated, "every allocation stands in the parts")
		}
	}
	for _, r := range []promo.Rounding{promo.RoundUnit, promo.RoundLine, promo.RoundShipment, promo.RoundSum, promo.RoundNone} {
		require.Positive(t, kinds[r], r)
	}
}

// recompute follows the comment of promo.Working.
func recompute(w promo.Working) (raw int64, shares []int64) {
	most := money.MaxMinor
	if !w.Cap.IsZero() {
		most = w.Cap.Minor()
	}
	weights, rooms := make([]int64, len(w.Parts)), make([]int64, len(w.Parts))
	room, sum := int64(0), int64(0)
	for i, p := range w.Parts {
		weights[i], rooms[i] = p.Base.Minor(), p.Room.Minor()
		if w.Each {
			part := rawOf(w, p)
			raw += part
			weights[i] = min(part, rooms[i])
			rooms[i] = weights[i]
		}
		sum += p.Base.Minor()
		room += rooms[i]
	}
	if !w.Each {
		raw = rawOfSum(w, sum)
	}
	amount := min(raw, most, room)
	return raw, splitOver(amount, weights, rooms)
}

// ratio returns a·b/c, a half rounded up.
func ratio(a, b, c int64) int64 {
	n := new(big.Int).Mul(big.NewInt(2*a), big.NewInt(b))
	n.Add(n, big.NewInt(c))
	return n.Quo(n, big.NewInt(2*c)).Int64()
}

func rawOf(w promo.Working, p promo.WorkingPart) int64 {
	base := p.Base.Minor()
	switch {
	case w.Rounding == promo.RoundUnit:
		return ratio(base/p.Units, w.PPM, money.Million) * p.Units
	case w.PPM > 0:
		return ratio(base, w.PPM, money.Million)
	case w.Bands != nil:
		parts := int64(0)
		for _, b := range w.Bands {
			parts += within(b, p.Units) * b.PPM
		}
		return ratio(base, parts, p.Units*money.Million)
	case !w.Price.IsZero():
		return max(0, base-w.Price.Minor()*p.Units)
	case w.Per == promo.PerUnit:
		return w.Off.Minor() * p.Units
	}
	return w.Off.Minor()
}

func rawOfSum(w promo.Working, base int64) int64 {
	switch {
	case w.PPM > 0:
		return ratio(base, w.PPM, money.Million)
	case w.Bands != nil:
		parts := int64(0)
		for _, b := range w.Bands {
			parts += within(b, base) * b.PPM
		}
		return ratio(parts, 1, money.Million)
	case !w.Price.IsZero():
		return max(0, base-w.Price.Minor()*w.Times)
	}
	return w.Off.Minor() * max(1, w.Times)
}

// within returns how much of n lies in a band.
func within(b promo.Band, n int64) int64 {
	if b.Until > 0 {
		n = min(n, b.Until)
	}
	return max(0, n-b.From)
}

// splitOver splits an amount in proportion to weights, by the largest remainder,
// of equal ones to the earlier; what has no room goes to the others.
func splitOver(amount int64, weights, rooms []int64) []int64 {
	out := make([]int64, len(weights))
	full := make([]bool, len(weights))
	for {
		total, left := int64(0), amount
		var open []int
		for i, w := range weights {
			if full[i] {
				left -= out[i]
			} else if w > 0 {
				open = append(open, i)
				total += w
			}
		}
		if left == 0 || total == 0 {
			for _, i := range open {
				out[i] = 0
			}
			return out
		}
		rests := map[int]*big.Int{}
		spread := left
		for _, i := range open {
			q, r := new(big.Int).QuoRem(new(big.Int).Mul(big.NewInt(left), big.NewInt(weights[i])), big.NewInt(total), new(big.Int))
			out[i], rests[i] = q.Int64(), r
			spread -= out[i]
		}
		order := slices.Clone(open)
		slices.SortStableFunc(order, func(i, j int) int { return cmp.Or(rests[j].Cmp(rests[i]), cmp.Compare(i, j)) })
		for _, i := range order[:spread] {
			out[i]++
		}
		over := false
		for _, i := range open {
			if out[i] > rooms[i] {
				out[i], full[i], over = rooms[i], true, true
			}
		}
		if !over {
			return out
		}
	}
}

// What an explanation says of a discount, by hand.
func TestWorkings(t *testing.T) {
	t.Parallel()
	engine := newEngine(t)
	four := []promo.Line{line("a", 1, 106), line("b", 1, 206), line("c", 1, 306), line("d", 1, 406)}
	working := func(in promo.Input, id string) promo.Working {
		result, err := engine.Evaluate(in)
		require.NoError(t, err)
		for _, d := range result.Decisions {
			if string(d.Promotion) == id && d.Working != nil {
				return *d.Working
			}
		}
		require.Fail(t, "not applied", "%s: %+v", id, result.Decisions)
		return promo.Working{}
	}
	step := offer("step", tiersOf(promo.Tiers{By: promo.ByQuantity, Mode: promo.TierStep, Tiers: []promo.Tier{{Quantity: 1, PPM: 100_000}}}))
	w := working(of(four, step), "step")
	require.Equal(t, promo.RoundSum, w.Rounding)
	require.Equal(t, usd(102), w.Amount)
	step.Level = promo.LevelLine
	w = working(of(four, step), "step")
	require.Equal(t, promo.RoundLine, w.Rounding)
	require.Equal(t, usd(104), w.Amount)
	require.Equal(t, promo.WorkingPart{Line: "d", Units: 1, Base: usd(406), Raw: usd(41), Room: usd(406), Amount: usd(41)}, w.Parts[3])

	in := of([]promo.Line{line("a", 1, 1000), {ID: "z", SKU: "z", Merchant: "n", Quantity: 1, Unit: usd(1000)}},
		offer("ship", promo.Benefit{Shipping: &promo.Shipping{PPM: 500_000}}))
	in.Cart.Shipments = []promo.Shipment{{ID: "1", Merchant: "m", Rate: usd(1)}, {ID: "2", Merchant: "n", Rate: usd(1)}}
	w = working(in, "ship")
	require.Equal(t, promo.RoundShipment, w.Rounding)
	require.Equal(t, usd(2), w.Amount, "a cent of each, not of both")

	price := offer("price", promo.Benefit{Price: &promo.Price{Unit: usd(500)}})
	ten := offer("ten", percentOff(100_000))
	ten.Groups = []promo.GroupID{"by-line"}
	in = of([]promo.Line{line("a", 1, 1000)}, price, ten)
	in.Groups = []promo.Group{{ID: "by-line", Per: promo.OneLine}}
	w = working(in, "ten")
	require.Equal(t, usd(500), w.Base, "what the price left")
	require.Equal(t, usd(50), w.Amount)

	floored := line("a", 1, 1000)
	floored.Floor = usd(950)
	w = working(of([]promo.Line{floored}, price), "price")
	require.Equal(t, []promo.WorkingPart{{Line: "a", Units: 1, Base: usd(1000), Raw: usd(500), Room: usd(50), Amount: usd(50)}}, w.Parts)
	require.Equal(t, usd(450), w.Cut)
	require.Equal(t, usd(500), w.Price)

	onList := orderLevel(offer("on-list", percentOff(100_000)))
	onList.OnList = true
	w = working(of([]promo.Line{line("a", 1, 1000)}, price, onList), "on-list")
	require.Equal(t, promo.BasisList, w.Basis)
	require.Equal(t, usd(1000), w.Base)
	require.Equal(t, usd(100), w.Amount)
}
