package shelf_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// forgets is the message that a member is forgotten.
func (b *bench) forgets(m ref.MemberID) event.Record {
	b.Helper()
	r, err := event.New("forget "+string(m), member.Topic, string(m), start, member.Forgotten{Member: m})
	require.NoError(b, err)
	return r
}

// shownTo returns whose the impressions of a session with tea are.
func (b *bench) shownTo(session string) []ref.MemberID {
	b.Helper()
	var all []ref.MemberID
	require.NoError(b, b.stores.Units.Do(b.Context(), func(ctx context.Context) error {
		got, err := b.stores.Impressions.Take(ctx, shelf.Sought{
			Sessions: []string{session}, Products: []ref.ProductID{"tea"}, Since: start.AddDate(-1, 0, 0),
		})
		for _, i := range got {
			all = append(all, i.Member)
		}
		return err
	}))
	slices.Sort(all)
	return all
}

func TestAMemberIsForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ann, bo := recommend.Visitor{Member: "ann", Session: "browser"}, recommend.Visitor{Member: "bo"}
	guest := recommend.Visitor{Session: "browser"}
	before := b.Shelf(t.Context(), ask("home", guest))
	shown := b.Shelf(t.Context(), ask("home", ann))
	require.NoError(t, b.Viewed(guest, "tea"), "before signing in")
	require.NoError(t, b.Viewed(ann, "tea"))
	require.NoError(t, b.Viewed(bo, "tea"))
	b.flush()
	require.NoError(t, b.Viewed(ann, "pot"), "not written yet")
	require.NoError(t, b.Viewed(guest, "pot"), "neither")
	late := b.Shelf(t.Context(), ask("home", guest))
	b.Shelf(t.Context(), ask("home", ann))
	require.NoError(t, b.stores.Units.Do(t.Context(), func(ctx context.Context) error { return b.React(ctx, b.forgets("ann")) }))
	b.flush()
	got, err := b.stores.Signals.Read(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.Equal(t, bo.Member, got[0].Visitor.Member)
	require.NoError(t, b.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		left, err := b.stores.Impressions.Take(ctx, shelf.Sought{
			Requests: []string{before.Request, shown.Request, late.Request}, Members: []ref.MemberID{"ann"}, Products: []ref.ProductID{"tea"}, Since: start.AddDate(-1, 0, 0),
		})
		require.Empty(t, left)
		return err
	}))
}

// gate lets a test stop what calls a store.
type gate struct{ reached, open chan struct{} }

// held returns stores in which the first call of a name waits at a gate, and
// fails with what err is then.
func held(name string, err *error) (storage.Stores, gate) {
	g := gate{make(chan struct{}), make(chan struct{})}
	var once sync.Once
	return storage.Intercept(memory.New().Stores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		var failed error
		if c.Name() == name {
			once.Do(func() {
				close(g.reached)
				<-g.open
				failed = *err
			})
		}
		return errors.Join(failed, next(ctx))
	}), g
}

// Whoever is forgotten while a flush has what they did in its hands is forgotten
// all the same, be it written or kept for the next one.
func TestForgettingDuringAFlush(t *testing.T) {
	t.Parallel()
	away := fault.New(fault.Unavailable, "test.away", "the database does not answer")
	for name, test := range map[string]struct {
		at  string
		err error
	}{
		"before the signals":              {"Signals.Append", nil},
		"before the impressions":          {"Impressions.Insert", nil},
		"before the arrivals":             {"Impressions.Adopt", nil},
		"and the signals may not be kept": {"Signals.Append", away},
		"and the arrivals neither":        {"Impressions.Adopt", away},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stores, at := held(test.at, &test.err)
			b := over(t, stores)
			browser := ref.Guest("browser")
			guest, ann := shelf.VisitorOf(browser), shelf.VisitorOf(ref.Member("ann"), browser)
			require.NoError(t, b.Viewed(guest, "tea"))
			b.Shelf(t.Context(), ask("home", guest))
			b.SignedIn(t.Context(), ref.Member("ann"), browser)
			require.NoError(t, b.Viewed(ann, "pot"))
			b.Shelf(t.Context(), ask("home", ann))
			require.NoError(t, b.Viewed(session(1), "cup"))
			flushed := make(chan error, 1)
			go func() { flushed <- b.Flush(t.Context()) }()
			<-at.reached
			require.NoError(t, b.stores.Units.Do(t.Context(), func(ctx context.Context) error { return b.React(ctx, b.forgets("ann")) }))
			close(at.open)
			require.ErrorIs(t, <-flushed, test.err)
			b.flush()
			left, err := b.stores.Signals.Read(t.Context(), 0, 100)
			require.NoError(t, err)
			require.Len(t, left, 1)
			require.Equal(t, session(1), left[0].Visitor)
			require.Empty(t, b.shownTo(guest.Session))
		})
	}
}

// What other nodes had noted of a member, and write a moment later, goes too.
func TestForgettingReachesWhatOtherNodesWriteLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	other := b.node()
	ann := recommend.Visitor{Member: "ann", Session: "browser"}
	require.NoError(t, other.Viewed(ann, "tea"))
	other.Shelf(t.Context(), ask("home", ann))
	require.NoError(t, b.Forget(t.Context(), "ann"))
	b.flush()
	require.NoError(t, other.Flush(t.Context()))
	b.clock.Advance(5 * time.Second)
	b.flush()
	left, err := b.stores.Signals.Read(t.Context(), 0, 100)
	require.NoError(t, err)
	require.Empty(t, left)
	require.Empty(t, b.shownTo("browser"))
}
