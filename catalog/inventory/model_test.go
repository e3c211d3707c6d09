package inventory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
)

// model is what the stock should be, in the plainest words.
type model struct {
	onHand map[ref.SKUID]ref.Quantity
	owners map[string]*holding
	made   int
}

type holding struct {
	state   inventory.State
	pieces  map[ref.SKUID]ref.Quantity
	expires time.Time
}

func (m *model) free(sku ref.SKUID) ref.Quantity {
	n := m.onHand[sku]
	for _, h := range m.owners {
		if h.state == inventory.Held {
			n -= h.pieces[sku]
		}
	}
	return n
}

func (m *model) settle(owner string, to inventory.State) (moved int) {
	h := m.owners[owner]
	if h == nil || h.state != inventory.Held {
		return 0
	}
	h.state = to
	if to == inventory.Committed {
		for sku, n := range h.pieces {
			m.onHand[sku] -= n
		}
	}
	return len(h.pieces)
}

// Random histories against the model, on every backend.
func TestStockFollowsThePlainModel(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		b, prefix := setupOn(t, on.Open(t)), 0
		rapid.Check(t, func(rt *rapid.T) {
			prefix++
			checkHistory(rt, b, fmt.Sprintf("%s%d.", on.Name, prefix))
		})
		b.sound(t)
	})
}

func checkHistory(rt *rapid.T, b bundle, prefix string) {
	ctx := context.Background()
	m := &model{onHand: map[ref.SKUID]ref.Quantity{}, owners: map[string]*holding{}}
	skus := []ref.SKUID{ref.SKUID(prefix + "tea"), ref.SKUID(prefix + "silk"), ref.SKUID(prefix + "jade")}
	sku := rapid.SampledFrom(skus)
	location := rapid.SampledFrom([]ref.LocationID{"east", "west"})
	owner := rapid.Custom(func(rt *rapid.T) string {
		return fmt.Sprintf("%s%d", prefix, rapid.IntRange(0, m.made).Draw(rt, "owner"))
	})

	settle := func(to inventory.State, call func(ctx context.Context, owner string) (int, error)) func(*rapid.T) {
		return func(rt *rapid.T) {
			o := owner.Draw(rt, "owner")
			want := m.settle(o, to)
			got, err := call(ctx, o)
			require.NoError(rt, err)
			require.GreaterOrEqual(rt, got, want, "a SKU may lie at two locations")
			require.Equal(rt, want > 0, got > 0)
		}
	}
	rt.Repeat(map[string]func(*rapid.T){
		"receive": func(rt *rapid.T) {
			s, n := sku.Draw(rt, "sku"), ref.Quantity(rapid.IntRange(1, 5).Draw(rt, "n"))
			require.NoError(rt, b.Receive(ctx, ref.System(), inventory.CountInput{
				Counts: []inventory.Count{{SKU: s, Location: location.Draw(rt, "location"), Quantity: n}},
			}))
			m.onHand[s] += n
		},
		"adjust": func(rt *rapid.T) {
			s, n := sku.Draw(rt, "sku"), ref.Quantity(rapid.IntRange(-4, 4).Draw(rt, "n"))
			err := b.Adjust(ctx, ref.System(), inventory.CountInput{
				Counts: []inventory.Count{{SKU: s, Location: location.Draw(rt, "location"), Quantity: n}},
			})
			switch {
			case n == 0:
				require.ErrorIs(rt, err, fault.Invalid)
			case err == nil:
				m.onHand[s] += n
			default: // the location has less than the SKU
				require.ErrorIs(rt, err, fault.Exhausted)
				require.Negative(rt, n)
			}
		},
		"reserve": func(rt *rapid.T) {
			m.made++
			o := fmt.Sprintf("%s%d", prefix, m.made)
			h := &holding{state: inventory.Held, pieces: map[ref.SKUID]ref.Quantity{}}
			if rapid.Bool().Draw(rt, "expires") {
				h.expires = b.clock.Now().Add(time.Duration(rapid.IntRange(1, 5).Draw(rt, "minutes")) * time.Minute)
			}
			var demands []inventory.Demand
			for range rapid.IntRange(1, 4).Draw(rt, "lines") {
				d := inventory.Demand{Owner: o, SKU: sku.Draw(rt, "sku"), Quantity: ref.Quantity(rapid.IntRange(1, 3).Draw(rt, "n"))}
				demands = append(demands, d)
				h.pieces[d.SKU] += d.Quantity
			}
			enough := true
			for s, n := range h.pieces {
				enough = enough && m.free(s) >= n
			}
			err := b.reserve(ctx, h.expires, demands...)
			require.Equal(rt, enough, err == nil, "%v", err)
			if enough {
				m.owners[o] = h
			} else {
				require.ErrorIs(rt, err, fault.Exhausted)
			}
		},
		"rolled back": func(rt *rapid.T) {
			boom := errors.New("boom")
			err := b.stores.Units.Do(ctx, func(ctx context.Context) error {
				_, err := b.Commit(ctx, owner.Draw(rt, "owner"))
				require.NoError(rt, err)
				_, err = b.Release(ctx, owner.Draw(rt, "owner"))
				require.NoError(rt, err)
				return boom
			})
			require.ErrorIs(rt, err, boom)
		},
		"commit":  settle(inventory.Committed, b.commit),
		"release": settle(inventory.Released, b.release),
		"hold": func(rt *rapid.T) {
			o := owner.Draw(rt, "owner")
			_, err := b.Hold(ctx, o)
			require.NoError(rt, err)
			if h := m.owners[o]; h != nil && h.state == inventory.Held {
				h.expires = time.Time{}
			}
		},
		"expire": func(rt *rapid.T) {
			now := b.clock.Advance(time.Duration(rapid.IntRange(0, 3).Draw(rt, "minutes")) * time.Minute)
			for {
				owners, err := b.ReleaseExpired(ctx, 3)
				require.NoError(rt, err)
				if len(owners) == 0 {
					break
				}
			}
			for o, h := range m.owners {
				if !h.expires.IsZero() && !h.expires.After(now) {
					m.settle(o, inventory.Released)
				}
			}
		},
		"": func(rt *rapid.T) {
			levels, err := b.Levels(ctx, ref.System(), skus)
			require.NoError(rt, err)
			onHand, free := map[ref.SKUID]ref.Quantity{}, map[ref.SKUID]ref.Quantity{}
			for _, l := range levels {
				require.True(rt, 0 <= l.Reserved && l.Reserved <= l.OnHand, "%+v", l)
				onHand[l.SKU] += l.OnHand
				free[l.SKU] += l.Available()
			}
			for _, s := range skus {
				require.Equal(rt, m.onHand[s], onHand[s], "on hand of %s", s)
				require.Equal(rt, m.free(s), free[s], "free of %s", s)
			}
		},
	})
}
