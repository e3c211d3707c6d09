package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
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
func record(ctx context.Context, b bundle, seed uint64) ([]porcupine.Operation, error) {
	sku := ref.SKUID(fmt.Sprintf("tea-%d", seed))
	if _, err := perform(ctx, b, sku, call{op: "receive", n: firstHave}, ""); err != nil {
		return nil, err
	}
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
				did, err := perform(ctx, b, sku, in, name(in.owner))
				if err != nil {
					fails[c] = err
					return
				}
				all[c] = append(all[c], porcupine.Operation{ClientId: c, Input: in, Call: began, Output: did, Return: clock.Add(1)})
			}
		})
	}
	wg.Wait()
	return slices.Concat(all...), errors.Join(fails...)
}

// histories records one history for each seed of a range, several at a time, and hands each to
// check, after the books of the whole shop were found to agree. The first error
// ends it.
func histories(ctx context.Context, b bundle, first, last uint64, check func(seed uint64, ops []porcupine.Operation) error) error {
	const lanes = 4 // while one writes to disk, another is checked
	var (
		next  atomic.Uint64
		wg    sync.WaitGroup
		quiet sync.RWMutex // nobody trades while the books are read
		fails [lanes]error
	)
	next.Store(first - 1)
	for lane := range lanes {
		wg.Go(func() {
			for seed := next.Add(1); seed <= last && fails[lane] == nil; seed = next.Add(1) {
				quiet.RLock()
				ops, err := record(ctx, b, seed)
				quiet.RUnlock()
				if err == nil {
					quiet.Lock()
					err = b.books(ctx)
					quiet.Unlock()
				}
				if err == nil && len(ops) != clients*opsEach {
					err = fmt.Errorf("%d operations", len(ops))
				}
				if err == nil {
					err = check(seed, ops)
				}
				if err != nil {
					fails[lane] = fmt.Errorf("seed %d: %w", seed, err)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(fails[:]...)
}

func verdict(ops []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(stockModel(firstHave), ops, time.Minute)
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
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		rounds := uint64(200)
		if testing.Short() {
			rounds = 5
		}
		const each = 20 // in one shop, whose books are read after each of them
		for first := uint64(1); first <= rounds; first += each {
			b := setupOn(t, on.Open(t))
			require.NoError(t, histories(t.Context(), b, first, min(first+each-1, rounds), func(_ uint64, ops []porcupine.Operation) error {
				if v := verdict(ops); v != porcupine.Ok {
					return fmt.Errorf("the history is %s", v)
				}
				return nil
			}))
			require.NoError(t, b.everything(t.Context()))
		}
		t.Logf("%d histories of %d operations", rounds, clients*opsEach)
	})
}

// doubleSale is a store that reads, and then writes without a condition:
// where the pieces were there when they were counted, it says yes. The service
// has counted them before it reserves, so whoever is short here came second.
type doubleSale struct {
	inventory.Store
	sold *atomic.Int64 // twice
	// blind counts one piece too many, for an engine that lets nobody in
	// between the reading and the writing.
	blind bool
}

func (d doubleSale) Levels(ctx context.Context, skus []ref.SKUID) ([]inventory.Level, error) {
	levels, err := d.Store.Levels(ctx, skus)
	if d.blind {
		for i := range levels {
			levels[i].OnHand++
		}
	}
	return levels, err
}

func (d doubleSale) Reserve(ctx context.Context, rs []inventory.Reservation, at time.Time) ([]inventory.Shortage, error) {
	short, err := d.Store.Reserve(ctx, rs, at)
	if err == nil && len(short) > 0 {
		d.sold.Add(1)
		return nil, nil
	}
	return short, err
}

func TestAPlantedDoubleSaleIsCaught(t *testing.T) {
	t.Parallel()
	for _, on := range backendtest.All() {
		for _, blind := range []bool{false, true} {
			if on.Name != "postgres" && !blind {
				continue // nobody, or hardly anybody, gets in between
			}
			t.Run(fmt.Sprintf("%s/blind=%v", on.Name, blind), func(t *testing.T) {
				t.Parallel()
				stores := on.Open(t)
				healthy := stores.Inventory
				caught, struck := 0, 0
				for seed := uint64(1); seed <= 100 && caught < 3; seed++ {
					sold := &atomic.Int64{}
					stores.Inventory = doubleSale{healthy, sold, blind}
					ops, err := record(t.Context(), setupOn(t, stores), seed)
					require.NoError(t, err, "seed %d", seed)
					switch v := verdict(ops); {
					case sold.Load() == 0:
						require.Equal(t, porcupine.Ok, v, "seed %d: nothing was sold twice", seed)
					case v == porcupine.Illegal: // or pieces came back meanwhile, and nobody can tell
						caught++
						fallthrough
					default:
						struck++
					}
				}
				require.Positive(t, caught, "of %d histories with a double sale", struck)
				t.Logf("%d of %d histories with a double sale were caught", caught, struck)
			})
		}
	}
}
