package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
)

// call is one operation of a concurrent history on one SKU, and what came of
// it: whether the pieces were reserved, or the owner's were moved.
type call struct {
	op    string
	owner int
	n     ref.Quantity
}

// shelf is the state of the sequential stock that a history must agree with.
type shelf struct {
	onHand ref.Quantity
	held   map[int]ref.Quantity
}

func (s shelf) with(onHand ref.Quantity, change func(map[int]ref.Quantity)) shelf {
	held := maps.Clone(s.held)
	change(held)
	return shelf{onHand, held}
}

func stockModel(start ref.Quantity) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return shelf{start, map[int]ref.Quantity{}} },
		Step: func(state, input, output any) (bool, any) {
			s, in, did := state.(shelf), input.(call), output.(bool) //nolint:errcheck // the model hands in its own types
			switch in.op {
			case "receive":
				return did, s.with(s.onHand+in.n, func(map[int]ref.Quantity) {})
			case "reserve":
				free := s.onHand
				for _, n := range s.held {
					free -= n
				}
				if did != (free >= in.n) {
					return false, s
				}
				if did {
					s = s.with(s.onHand, func(h map[int]ref.Quantity) { h[in.owner] = in.n })
				}
				return true, s
			}
			n, is := s.held[in.owner]
			if did != is {
				return false, s
			}
			onHand := s.onHand
			if in.op == "commit" {
				onHand -= n
			}
			return true, s.with(onHand, func(h map[int]ref.Quantity) { delete(h, in.owner) })
		},
		Equal: func(a, b any) bool {
			return a.(shelf).onHand == b.(shelf).onHand && maps.Equal(a.(shelf).held, b.(shelf).held) //nolint:errcheck // the model hands in its own types
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %v", input, output) },
	}
}

const (
	clients   = 8
	opsEach   = 12
	firstHave = 4
)

// record runs clients that reserve, commit and release each other's pieces.
func record(t *testing.T, b bundle, seed uint64) []porcupine.Operation {
	t.Helper()
	sku := ref.SKUID(fmt.Sprintf("tea-%d", seed))
	b.receive(t, sku, "main", firstHave)
	name := func(owner int) string { return fmt.Sprintf("%d/%d", seed, owner) }
	var (
		clock atomic.Int64
		wg    sync.WaitGroup
		all   = make([][]porcupine.Operation, clients)
		fails = make([]error, clients)
	)
	for c := range clients {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(c)))
			for i := range opsEach {
				in := call{op: "reserve", owner: c*opsEach + i, n: ref.Quantity(1 + random.IntN(2))}
				switch random.IntN(5) {
				case 0, 1: // anybody's reservation, made or not
					in = call{op: []string{"commit", "release"}[random.IntN(2)], owner: random.IntN(clients * opsEach)}
				case 2:
					if i%4 == 0 {
						in = call{op: "receive", n: 1}
					}
				}
				began := clock.Add(1)
				did, err := perform(t.Context(), b, sku, in, name(in.owner))
				if err != nil {
					fails[c] = err
					return
				}
				all[c] = append(all[c], porcupine.Operation{ClientId: c, Input: in, Call: began, Output: did, Return: clock.Add(1)})
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(fails...))
	var out []porcupine.Operation
	for _, ops := range all {
		out = append(out, ops...)
	}
	return out
}

func perform(ctx context.Context, b bundle, sku ref.SKUID, in call, owner string) (bool, error) {
	switch in.op {
	case "receive":
		return true, b.Receive(ctx, ref.System(), inventory.CountInput{
			Counts: []inventory.Count{{SKU: sku, Location: "main", Quantity: in.n}},
		})
	case "reserve":
		err := b.reserve(ctx, time.Time{}, inventory.Demand{Owner: owner, SKU: sku, Quantity: in.n})
		if errors.Is(err, fault.Exhausted) {
			return false, nil
		}
		return err == nil, err
	case "commit":
		n, err := b.commit(ctx, owner)
		return n > 0, err
	}
	n, err := b.release(ctx, owner)
	return n > 0, err
}

// Concurrent histories are as if one call came after the other.
func TestHistoriesAreLinearizable(t *testing.T) {
	t.Parallel()
	for name, open := range backends() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setupOn(t, open(t))
			rounds := uint64(20)
			if name == "memory" {
				rounds = 200
			}
			for seed := range rounds {
				ops := record(t, b, seed)
				require.Equal(t, porcupine.Ok, porcupine.CheckOperationsTimeout(stockModel(firstHave), ops, time.Minute), "seed %d", seed)
			}
			b.sound(t)
		})
	}
}

// doubleSale is a store that, now and then, says yes where it is short.
type doubleSale struct {
	inventory.Store
	lies *atomic.Int64
}

func (d doubleSale) Levels(ctx context.Context, skus []ref.SKUID) ([]inventory.Level, error) {
	levels, err := d.Store.Levels(ctx, skus)
	for i := range levels { // stale by one piece, as a read before the write is
		levels[i].OnHand++
	}
	return levels, err
}

func (d doubleSale) Reserve(ctx context.Context, rs []inventory.Reservation, at time.Time) ([]inventory.Shortage, error) {
	short, err := d.Store.Reserve(ctx, rs, at)
	if len(short) > 0 && d.lies.Add(1)%3 == 0 {
		return nil, err
	}
	return short, err
}

func TestAPlantedDoubleSaleIsCaught(t *testing.T) {
	t.Parallel()
	caught := 0
	const rounds = 20
	for seed := range uint64(rounds) {
		lies := &atomic.Int64{}
		b := setupOn(t, planted(backends()["memory"](t), lies))
		ops := record(t, b, seed)
		if porcupine.CheckOperationsTimeout(stockModel(firstHave), ops, time.Minute) == porcupine.Illegal {
			caught++
		} else {
			require.Less(t, lies.Load(), int64(3), "seed %d sold a piece twice", seed)
		}
	}
	require.Positive(t, caught)
}

func planted(s storage.Stores, lies *atomic.Int64) storage.Stores {
	s.Inventory = doubleSale{s.Inventory, lies}
	return s
}
