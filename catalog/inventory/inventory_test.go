package inventory_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
)

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := inventory.NewService(inventory.Config{})
	for _, field := range []string{"Store", "Units", "Events"} {
		require.ErrorContains(t, err, "inventory.Config."+field)
	}
}

func TestFinalStatesStay(t *testing.T) {
	t.Parallel()
	allowed := map[inventory.State][]inventory.State{inventory.Held: {inventory.Committed, inventory.Released}}
	states := []inventory.State{inventory.Held, inventory.Committed, inventory.Released}
	for _, from := range states {
		for _, to := range states {
			r := inventory.Reservation{State: from}
			require.Equal(t, slices.Contains(allowed[from], to), r.Settle(to, time.Time{}), "%s to %s", from, to)
		}
	}
}

func TestEventsStayReadable(t *testing.T) {
	t.Parallel()
	var payload inventory.Changed
	golden, err := os.ReadFile("testdata/events/" + payload.EventName() + ".json")
	require.NoError(t, err)
	require.NoError(t, event.Decode(event.Record{Name: payload.EventName(), Payload: golden}, &payload))
	require.Len(t, payload.SKUs, 2)
	again, err := json.Marshal(payload)
	require.NoError(t, err)
	require.Equal(t, string(bytes.TrimSpace(golden)), string(again))
}

func TestTwoLinesOfOneCartShareOneStock(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.receive(t, "tea", "main", 3)
	err := b.reserve(t.Context(), time.Time{},
		inventory.Demand{Owner: "o", SKU: "tea", Quantity: 2}, inventory.Demand{Owner: "o", SKU: "tea", Quantity: 2})
	require.ErrorIs(t, err, fault.Exhausted)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, []inventory.Shortage{{SKU: "tea", Want: 4, Have: 3}}, f.Params["short"])
	require.EqualValues(t, 3, b.available(t, "tea"))
	require.NoError(t, b.reserve(t.Context(), time.Time{},
		inventory.Demand{Owner: "o", SKU: "tea", Quantity: 2}, inventory.Demand{Owner: "o", SKU: "tea", Quantity: 1}))
	require.Zero(t, b.available(t, "tea"))
	b.sound(t)
}

func TestEveryShortageIsNamedAndNothingHalfWritten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.receive(t, "tea", "main", 5)
	b.receive(t, "silk", "main", 1)
	require.NoError(t, b.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		err := b.Reserve(ctx, inventory.ReserveInput{Demands: []inventory.Demand{
			{Owner: "a", SKU: "tea", Quantity: 1}, {Owner: "b", SKU: "silk", Quantity: 2}, {Owner: "b", SKU: "unknown", Quantity: 1},
		}})
		require.ErrorIs(t, err, fault.Exhausted)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Equal(t, []inventory.Shortage{{SKU: "silk", Want: 2, Have: 1}, {SKU: "unknown", Want: 1, Have: 0}}, f.Params["short"])
		return nil // the caller goes on
	}))
	require.EqualValues(t, 5, b.available(t, "tea"))
	rs, err := b.Reservations(t.Context(), "a", "b")
	require.NoError(t, err)
	require.Empty(t, rs)
	b.sound(t)
}

func TestBadDemandsAreNamed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	err := b.reserve(t.Context(), time.Time{},
		inventory.Demand{Owner: "", SKU: "tea", Quantity: 1}, inventory.Demand{Owner: "o", SKU: "", Quantity: 1},
		inventory.Demand{Owner: "o", SKU: "tea", Quantity: 0}, inventory.Demand{Owner: "o", SKU: "tea", Quantity: -1},
		inventory.Demand{Owner: "o", SKU: "tea", Quantity: ref.MaxQuantity + 1})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Fields, 5)
	require.NoError(t, b.reserve(t.Context(), time.Time{}))

	err = b.Receive(t.Context(), ref.System(), inventory.CountInput{Counts: []inventory.Count{{SKU: "tea", Location: "main", Quantity: -1}}})
	require.ErrorIs(t, err, fault.Invalid, "what comes in is positive")
	err = b.Adjust(t.Context(), ref.System(), inventory.CountInput{})
	require.ErrorIs(t, err, fault.Invalid)
	require.ErrorIs(t, b.Reserve(t.Context(), inventory.ReserveInput{Demands: []inventory.Demand{{Owner: "o", SKU: "tea", Quantity: 1}}}),
		fault.Exhausted, "nothing there")
	b.receive(t, "tea", "main", 1)
	require.ErrorIs(t, b.Reserve(t.Context(), inventory.ReserveInput{Demands: []inventory.Demand{{Owner: "o", SKU: "tea", Quantity: 1}}}),
		fault.FailedPrecondition, "outside a unit")
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.receive(t, "tea", "main", 10)
	soon := b.clock.Now().Add(10 * time.Minute)
	require.NoError(t, b.reserve(t.Context(), soon, inventory.Demand{Owner: "late", SKU: "tea", Quantity: 2}))
	require.NoError(t, b.reserve(t.Context(), soon, inventory.Demand{Owner: "paying", SKU: "tea", Quantity: 3}))
	n, err := b.Hold(t.Context(), "paying")
	require.NoError(t, err)
	require.Equal(t, 1, n)

	released, err := b.ReleaseExpired(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, released, "not yet")
	b.clock.Advance(10 * time.Minute)
	released, err = b.ReleaseExpired(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []string{"late"}, released, "an open payment keeps its pieces")
	require.EqualValues(t, 7, b.available(t, "tea"))
	moved, err := b.commit(t.Context(), "late")
	require.NoError(t, err)
	require.Zero(t, moved, "expiry won")
	moved, err = b.commit(t.Context(), "paying")
	require.NoError(t, err)
	require.Equal(t, 1, moved)
	b.sound(t)
}

func (b bundle) back(ctx context.Context, parts ...inventory.Back) error {
	return b.stores.Units.Do(ctx, func(ctx context.Context) error { return b.Return(ctx, parts...) })
}

func TestReturnGoesByTheReservation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.receive(t, "tea", "east", 2)
	b.receive(t, "tea", "west", 2)
	b.receive(t, "silk", "east", 1)
	require.NoError(t, b.reserve(t.Context(), time.Time{},
		inventory.Demand{Owner: "o", SKU: "tea", Quantity: 3}, inventory.Demand{Owner: "o", SKU: "silk", Quantity: 1}))
	all := []inventory.Back{{Owner: "o", SKU: "tea", Quantity: 3}, {Owner: "o", SKU: "silk", Quantity: 1}}
	require.NoError(t, b.back(t.Context(), all...))
	require.EqualValues(t, 1, b.available(t, "tea"), "what is held was not sold")
	_, err := b.commit(t.Context(), "o")
	require.NoError(t, err)
	require.NoError(t, b.back(t.Context(), append(all, inventory.Back{Owner: "nobody", SKU: "tea", Quantity: 9})...))
	require.EqualValues(t, 4, b.available(t, "tea"))
	require.EqualValues(t, 1, b.available(t, "silk"))
	levels, err := b.Levels(t.Context(), ref.System(), []ref.SKUID{"tea"})
	require.NoError(t, err)
	require.Equal(t, []inventory.Level{
		{SKU: "tea", Location: "east", OnHand: 2}, {SKU: "tea", Location: "west", OnHand: 2},
	}, levels, "where it came from")
	b.sound(t)

	require.ErrorIs(t, b.back(t.Context(), inventory.Back{Owner: "o", SKU: "tea"}), fault.Invalid)
	require.ErrorIs(t, b.back(t.Context(), inventory.Back{Owner: "o", SKU: "tea", Quantity: 1, Before: -1}), fault.Invalid)
	require.ErrorIs(t, b.Return(t.Context(), all...), fault.FailedPrecondition, "outside a unit")
}

// Whatever comes back in whatever parts, each location gets what it gave.
func TestReturnInAnyPartsFillsEachLocation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := setup(t)
		total := ref.Quantity(0)
		var before []inventory.Level
		for _, loc := range []ref.LocationID{"east", "north", "west"} {
			n := ref.Quantity(rapid.IntRange(1, 4).Draw(rt, string(loc)))
			b.receive(t, "tea", loc, n)
			before = append(before, inventory.Level{SKU: "tea", Location: loc, OnHand: n})
			total += n
		}
		n := ref.Quantity(rapid.IntRange(1, int(total)).Draw(rt, "sold"))
		require.NoError(rt, b.reserve(t.Context(), time.Time{}, inventory.Demand{Owner: "o", SKU: "tea", Quantity: n}))
		_, err := b.commit(t.Context(), "o")
		require.NoError(rt, err)
		for done := ref.Quantity(0); done < n; {
			part := ref.Quantity(rapid.IntRange(1, int(n-done)).Draw(rt, "part"))
			require.NoError(rt, b.back(t.Context(), inventory.Back{Owner: "o", SKU: "tea", Before: done, Quantity: part}))
			done += part
			back, err := b.Returned(t.Context(), "o", "nobody")
			require.NoError(rt, err)
			sum := ref.Quantity(0)
			for _, r := range back {
				sum += r.Quantity
			}
			require.Equal(rt, done, sum)
		}
		levels, err := b.Levels(t.Context(), ref.System(), []ref.SKUID{"tea"})
		require.NoError(rt, err)
		require.Equal(rt, before, levels)
		b.sound(t)
	})
}

// mute is a store that lacks the optional powers.
type mute struct{ inventory.Store }

func TestAStoreNeedNotTellWhatCameBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	s, err := inventory.NewService(inventory.Config{
		Store: mute{b.stores.Inventory}, Units: b.stores.Units, Events: b.stores.Events,
	})
	require.NoError(t, err)
	_, err = s.Returned(t.Context(), "o")
	require.ErrorIs(t, err, fault.Unimplemented)
}

func TestMerchantsCountTheirOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	mine := ref.Merchant("t")
	in := inventory.CountInput{Counts: []inventory.Count{{SKU: "tea", Location: "main", Quantity: 5}}}
	require.NoError(t, b.Receive(t.Context(), mine, in))
	both := inventory.CountInput{Counts: append(slices.Clone(in.Counts), inventory.Count{SKU: "silk", Location: "main", Quantity: 1})}
	for _, scope := range []ref.Scope{{}, ref.Guest("g"), ref.Member("t"), ref.Merchant("s"), mine} {
		require.ErrorIs(t, b.Receive(t.Context(), scope, both), fault.NotFound, scope.String())
		require.ErrorIs(t, b.Adjust(t.Context(), scope, both), fault.NotFound)
	}
	require.EqualValues(t, 5, b.available(t, "tea"))
	levels, err := b.Levels(t.Context(), ref.Merchant("s"), []ref.SKUID{"tea"})
	require.NoError(t, err)
	require.Empty(t, levels)
	_, err = b.Ledger(t.Context(), ref.Merchant("s"), inventory.LedgerQuery{SKU: "tea"}, page.Request{})
	require.ErrorIs(t, err, fault.NotFound)
	_, err = b.Ledger(t.Context(), mine, inventory.LedgerQuery{}, page.Request{})
	require.ErrorIs(t, err, fault.PermissionDenied)
	p, err := b.Ledger(t.Context(), mine, inventory.LedgerQuery{SKU: "tea"}, page.Request{})
	require.NoError(t, err)
	require.Len(t, p.Items, 1)
	_, err = b.Rebuild(t.Context(), mine, []ref.SKUID{"tea"})
	require.ErrorIs(t, err, fault.PermissionDenied)
	changed, err := b.Rebuild(t.Context(), ref.System(), []ref.SKUID{"tea", "tea", "gone"})
	require.NoError(t, err)
	require.Empty(t, changed, "there is nothing to put right")
}

// Fifty sessions want the last unit at once, on every backend.
func TestFiftyBuyersOfTheLastUnit(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		b := setupOn(t, on.Open(t))
		for round := range 3 {
			sku := ref.SKUID([]string{"a", "b", "c"}[round])
			b.receive(t, sku, "main", 1)
			errs := make([]error, 50)
			var wg sync.WaitGroup
			start := make(chan struct{})
			for i := range errs {
				wg.Go(func() {
					<-start
					errs[i] = b.reserve(t.Context(), time.Time{}, inventory.Demand{Owner: string(sku) + string(rune('A'+i)), SKU: sku, Quantity: 1})
				})
			}
			close(start)
			wg.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else {
					require.True(t, errors.Is(err, fault.Exhausted), "%v", err)
				}
			}
			require.Equal(t, 1, won)
		}
		b.sound(t)
	})
}
