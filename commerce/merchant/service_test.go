package merchant_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

type testBundle struct {
	*merchant.Service
	stores storage.Stores
	clock  *clock.Manual
}

func setup(t *testing.T) testBundle {
	t.Helper()
	b := testBundle{
		stores: memory.New().Stores(),
		clock:  clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)),
	}
	var err error
	b.Service, err = merchant.NewService(merchant.Config{
		Store: b.stores.Merchants, Units: b.stores.Units, Events: b.stores.Events, Clock: b.clock,
	})
	require.NoError(t, err)
	return b
}

func ann() ref.Scope { return ref.Staff("ann") }

// outsiders are the scopes that do not run the site.
func outsiders() []ref.Scope {
	return []ref.Scope{{}, ref.Guest("token"), ref.Member("bo"), ref.Merchant("other")}
}

func (b testBundle) tea(t *testing.T) merchant.Merchant {
	t.Helper()
	m, err := b.Register(t.Context(), ann(), merchant.RegisterInput{ID: "tea", Name: "Tea House"})
	require.NoError(t, err)
	return m
}

// events returns the names of what was appended about merchants.
func (b testBundle) events(t *testing.T) []string {
	t.Helper()
	pending, err := b.stores.Events.Pending(t.Context(), merchant.Topic)
	require.NoError(t, err)
	var names []string
	for _, shard := range pending {
		leases, err := b.stores.Leases.Acquire(t.Context(), "test", b.clock.Now(), time.Minute, shard.Lease())
		require.NoError(t, err)
		require.Len(t, leases, 1)
		_, err = b.stores.Events.Sequence(t.Context(), shard, leases[0].Fence, 100)
		require.NoError(t, err)
		records, err := b.stores.Events.Read(t.Context(), shard, 0, 100)
		require.NoError(t, err)
		for _, r := range records {
			names = append(names, r.Name)
		}
	}
	return names
}

func TestWhatLacksIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := merchant.NewService(merchant.Config{})

	for _, field := range []string{"Store", "Units", "Events"} {
		require.ErrorContains(t, err, "merchant.Config."+field)
	}
}

func TestAMerchantMovesThroughItsStates(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.tea(t)
	require.True(t, m.Sells())
	require.EqualValues(t, 1, m.Version)

	b.clock.Advance(time.Hour)
	m, err := b.Suspend(t.Context(), ann(), m.ID, m.Version)
	require.NoError(t, err)
	require.False(t, m.Sells())
	require.Equal(t, b.clock.Now(), m.UpdatedAt)
	m, err = b.Resume(t.Context(), ann(), m.ID, m.Version)
	require.NoError(t, err)
	m, err = b.Close(t.Context(), ann(), m.ID, m.Version)
	require.NoError(t, err)
	_, err = b.Resume(t.Context(), ann(), m.ID, m.Version)
	require.ErrorIs(t, err, fault.FailedPrecondition)

	stored, err := b.Get(t.Context(), ann(), m.ID)
	require.NoError(t, err)
	require.Equal(t, m, stored)
	require.Equal(t, []string{
		"merchant.registered.v1", "merchant.state_changed.v1", "merchant.state_changed.v1", "merchant.state_changed.v1",
	}, b.events(t))
}

func TestAStaleVersionIsRefusedAndTellsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.tea(t)
	_, err := b.Suspend(t.Context(), ann(), m.ID, m.Version)
	require.NoError(t, err)

	_, err = b.Close(t.Context(), ann(), m.ID, m.Version)

	require.ErrorIs(t, err, fault.Conflict)
	require.Len(t, b.events(t), 2)
}

func TestAMerchantIsSeenByItselfAndTheSite(t *testing.T) {
	t.Parallel()
	b := setup(t)
	m := b.tea(t)

	for _, scope := range []ref.Scope{ann(), ref.System(), ref.Merchant(m.ID)} {
		got, err := b.Get(t.Context(), scope, m.ID)
		require.NoError(t, err, scope)
		require.Equal(t, m, got)
	}
	for _, scope := range outsiders() {
		_, foreign := b.Get(t.Context(), scope, m.ID)
		require.ErrorIs(t, foreign, fault.NotFound, scope)
		_, err := b.Suspend(t.Context(), scope, m.ID, m.Version)
		require.ErrorIs(t, err, fault.NotFound, scope)
		_, err = b.List(t.Context(), scope, merchant.Query{}, page.Request{})
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
		_, err = b.Register(t.Context(), scope, merchant.RegisterInput{Name: "Spice House"})
		require.ErrorIs(t, err, fault.PermissionDenied, scope)
	}
	_, err := b.Suspend(t.Context(), ref.Merchant(m.ID), m.ID, m.Version)
	require.ErrorIs(t, err, fault.PermissionDenied, "a merchant sees itself and cannot move itself")
}

func TestBadInputWritesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tea(t)

	for name, want := range map[string]string{
		"":                                      "required",
		strings.Repeat("x", merchant.MaxName+1): "too_long",
		"Tea \xff House":                        "text",
	} {
		_, err := b.Register(t.Context(), ann(), merchant.RegisterInput{Name: name})
		require.ErrorIs(t, err, fault.Invalid)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Equal(t, []string{"name", want}, []string{f.Fields[0].Path, f.Fields[0].Code})
	}
	_, err := b.Register(t.Context(), ann(), merchant.RegisterInput{ID: "tea", Name: "Second"})
	require.ErrorIs(t, err, fault.AlreadyExists)

	all, err := b.List(t.Context(), ann(), merchant.Query{State: merchant.Active}, page.Request{})
	require.NoError(t, err)
	require.Len(t, all.Items, 1)
	require.Len(t, b.events(t), 1)
}

func TestAHostsOwnIDIsOneThatEveryStoreKeeps(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, id := range []merchant.ID{"\xff", "a\x00b", " tea", merchant.ID(strings.Repeat("x", ref.MaxID+1))} {
		_, err := b.Register(t.Context(), ann(), merchant.RegisterInput{ID: id, Name: "Tea House"})
		require.ErrorIs(t, err, fault.Invalid, "%q", id)
	}
}

func TestRegisteredTellsWhoThereIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tea := b.tea(t)
	_, err := b.Suspend(t.Context(), ann(), tea.ID, tea.Version)
	require.NoError(t, err)
	there, err := b.Registered(t.Context(), []merchant.ID{"tea", "nobody"})
	require.NoError(t, err)
	require.Equal(t, map[merchant.ID]bool{"tea": true}, there)
}
