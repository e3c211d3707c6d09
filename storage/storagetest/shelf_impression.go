package storagetest

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/storage"
)

func shelfImpressionCases() []Case {
	return []Case{
		{Name: "impressions come back as they were, in order", Run: impressionRoundTrip},
		{Name: "what a failed unit inserted is not there", Run: impressionUndone, Apart: true},
		{Name: "an impression that is known is left out", Run: impressionDuplicate},
		{Name: "what visitors were sent is found by the products that it shows", Run: impressionSought},
		{Name: "what became of impressions is kept, and the rest of them as it was", Run: impressionMarked},
		{Name: "of N takers one at a time has an impression", Run: impressionRace, Apart: true},
		{Name: "what a guest was sent is the member's who signs in", Run: impressionAdopt},
		{Name: "what a session was sent is that member's whose time it was", Run: impressionAdoptInTurn},
		{Name: "what was on screens is summed up by slot, strategy and segment", Run: impressionReach},
		{Name: "a member's impressions are forgotten, with those of before signing in", Run: impressionForget},
		{Name: "purging takes the oldest impressions, in batches", Run: impressionPurge, Apart: true},
		{Name: "nothing is taken outside a unit", Run: impressionOutside, Apart: true},
	}
}

func newImpression(session string) shelf.Impression {
	return shelf.Impression{
		Request: newID(), Strategy: "for_you", Slot: "home", Session: session, Propensity: .25, At: noon(),
		Products: []ref.ProductID{"tea", "cup"}, Places: []int{0, 2},
	}
}

// taken returns what is sought, in a unit.
func taken(t T, s storage.Stores, q shelf.Sought) []shelf.Impression {
	t.Helper()
	var got []shelf.Impression
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		var err error
		got, err = s.Impressions.Take(ctx, q)
		return err
	}))
	return got
}

func inOrderOf(all ...shelf.Impression) []shelf.Impression {
	return slices.SortedFunc(slices.Values(all), shelf.Impression.Compare)
}

func impressionRoundTrip(t T, s storage.Stores) {
	full := shelf.Impression{
		Request: hard(), Strategy: hard(), Slot: hard(), Member: ref.MemberID(hard()), Session: hard(),
		Segment: recommend.Segment(hard()), Model: 1<<62 + 1, Propensity: 1. / 3, At: noon().Add(-time.Microsecond),
		Products: []ref.ProductID{ref.ProductID(hard()), "tea"}, Places: []int{3, 1},
		Seen: true, Clicked: true, Carted: true, Ordered: true,
		Sales: []shelf.Sale{{Order: ref.OrderID(hard()), Product: "tea"}, {Order: "o", Product: ref.ProductID(hard())}},
	}
	other := newImpression("")
	other.Request, other.Session = full.Request, newID()
	require.NoError(t, s.Impressions.Insert(t.Context(), []shelf.Impression{full, other}))
	require.NoError(t, s.Impressions.Insert(t.Context(), nil))
	require.Equal(t, inOrderOf(full, other), taken(t, s, shelf.Sought{Requests: []string{full.Request, newID()}}))
	require.Empty(t, taken(t, s, shelf.Sought{Requests: []string{newID()}}))
	require.Empty(t, taken(t, s, shelf.Sought{}))
}

func impressionUndone(t T, s storage.Stores) {
	a := newImpression(newID())
	require.ErrorIs(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		require.NoError(t, s.Impressions.Insert(ctx, []shelf.Impression{a}))
		return errRehearsal
	}), errRehearsal)
	require.Empty(t, taken(t, s, shelf.Sought{Requests: []string{a.Request}}))
}

func impressionDuplicate(t T, s storage.Stores) {
	a, b := newImpression(newID()), newImpression(newID())
	require.NoError(t, s.Impressions.Insert(t.Context(), []shelf.Impression{a}))
	again, team := a.Clone(), a.Clone()
	again.Slot, team.Strategy = "cart", "hot"
	require.NoError(t, s.Impressions.Insert(t.Context(), []shelf.Impression{again, b, team}))
	require.Equal(t, inOrderOf(a, b, team), taken(t, s, shelf.Sought{Requests: []string{b.Request, a.Request}}))
}

func impressionSought(t T, s storage.Stores) {
	session, member := newID(), ref.MemberID(newID())
	early, late, mine, both := newImpression(session), newImpression(session), newImpression(""), newImpression(session)
	early.At, late.At = noon().Add(-time.Hour-time.Microsecond), noon().Add(time.Hour)
	mine.Member, mine.Products = member, []ref.ProductID{"pot", "x\"tea"}
	both.Member, both.At = member, noon().Add(-time.Hour)
	foreign := newImpression(newID())
	require.NoError(t, s.Impressions.Insert(t.Context(), []shelf.Impression{early, late, mine, both, foreign}))
	since := noon().Add(-time.Hour)
	sought := func(q shelf.Sought) []shelf.Impression {
		q.Since = since
		got := taken(t, s, q)
		for i := range got {
			require.True(t, q.Matches(&got[i]))
		}
		return got
	}
	require.Equal(t, inOrderOf(late, both), sought(shelf.Sought{Sessions: []string{session, newID()}, Products: []ref.ProductID{"cup", "no"}}))
	require.Equal(t, inOrderOf(mine), sought(shelf.Sought{Members: []ref.MemberID{member}, Products: []ref.ProductID{"x\"tea"}}))
	require.Equal(t, inOrderOf(mine, both, late), sought(shelf.Sought{
		Members: []ref.MemberID{member}, Sessions: []string{session}, Products: []ref.ProductID{"tea", "pot"},
	}))
	require.Equal(t, inOrderOf(early, both), sought(shelf.Sought{
		Requests: []string{early.Request}, Members: []ref.MemberID{member}, Products: []ref.ProductID{"tea"},
	}), "a request is found however old it is")
	require.Empty(t, sought(shelf.Sought{Sessions: []string{session}, Products: []ref.ProductID{"saw"}}))
	require.Empty(t, sought(shelf.Sought{Sessions: []string{session}, Members: []ref.MemberID{member}}))
	require.Empty(t, sought(shelf.Sought{Sessions: []string{""}, Members: []ref.MemberID{""}, Products: []ref.ProductID{"tea"}}))
}

func impressionMarked(t T, s storage.Stores) {
	a, b := newImpression(newID()), newImpression(newID())
	require.NoError(t, s.Impressions.Insert(t.Context(), []shelf.Impression{a, b}))
	a.Seen = true
	b.Seen, b.Clicked, b.Carted, b.Ordered = true, false, true, true
	b.Sales = []shelf.Sale{{Order: "first", Product: "tea"}, {Order: "second", Product: ref.ProductID(hard())}}
	changed, unknown := a.Clone(), newImpression(newID())
	changed.Slot, changed.Products, changed.Places = "cart", nil, nil
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		if _, err := s.Impressions.Take(ctx, shelf.Sought{Requests: []string{a.Request, b.Request}}); err != nil {
			return err
		}
		if err := s.Impressions.Mark(ctx, nil); err != nil {
			return err
		}
		return s.Impressions.Mark(ctx, []shelf.Impression{b, unknown, changed})
	}))
	require.Equal(t, inOrderOf(a, b), taken(t, s, shelf.Sought{Requests: []string{a.Request, b.Request, unknown.Request}}))
}

func impressionRace(t T, s storage.Stores) {
	a, b := newImpression(newID()), newImpression(newID())
	require.NoError(t, s.Impressions.Insert(t.Context(), []shelf.Impression{a, b}))
	first := make([]bool, 16)
	errs := together(t.Context(), len(first), func(ctx context.Context, i int) error {
		return s.Units.Do(ctx, func(ctx context.Context) error {
			got, err := s.Impressions.Take(ctx, shelf.Sought{
				Requests: []string{b.Request}, Sessions: []string{a.Session}, Products: []ref.ProductID{"tea"},
			})
			if err != nil {
				return err
			}
			if len(got) != 2 || got[0].Seen != got[1].Seen {
				return errors.New("a taker saw what another had half done")
			}
			first[i] = !got[0].Seen
			got[0].Seen, got[1].Seen = true, true
			return s.Impressions.Mark(ctx, got)
		})
	})
	require.NoError(t, errors.Join(errs...))
	n := 0
	for _, f := range first {
		if f {
			n++
		}
	}
	require.Equal(t, 1, n)
}

func impressionAdopt(t T, s storage.Stores) {
	ann, bob := ref.MemberID(newID()), ref.MemberID(newID())
	mine, old, his, other, nobody := newImpression(newID()), newImpression(""), newImpression(newID()), newImpression(newID()), newImpression("")
	old.Session, old.At = mine.Session, noon().Add(-time.Hour-time.Microsecond)
	mine.At, mine.Seen = noon().Add(-time.Hour), true
	later := newImpression(mine.Session)
	foreign := newImpression(mine.Session)
	foreign.Member = ref.MemberID(newID())
	all := []shelf.Impression{mine, old, his, other, nobody, later, foreign}
	require.NoError(t, s.Impressions.Insert(t.Context(), all))
	adopt := func() {
		owners := []shelf.Owner{
			{Session: his.Session, Member: bob}, {Session: mine.Session, Member: ann}, {Session: newID(), Member: ann}, {Session: "", Member: bob},
		}
		for n := range owners {
			owners[n].After, owners[n].Until = old.At, noon()
		}
		require.NoError(t, s.Impressions.Adopt(t.Context(), owners))
	}
	adopt()
	require.NoError(t, s.Impressions.Adopt(t.Context(), nil))
	var requests []string
	for i := range all {
		requests = append(requests, all[i].Request)
	}
	mine.Member, later.Member, his.Member = ann, ann, bob
	want := inOrderOf(mine, old, his, other, nobody, later, foreign)
	require.Equal(t, want, taken(t, s, shelf.Sought{Requests: requests}))
	adopt()
	require.Equal(t, want, taken(t, s, shelf.Sought{Requests: requests}))
	require.Equal(t, inOrderOf(mine, later), taken(t, s, shelf.Sought{
		Members: []ref.MemberID{ann}, Products: []ref.ProductID{"tea"}, Since: noon().Add(-time.Hour),
	}))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error { // and in a unit
		return s.Impressions.Adopt(ctx, []shelf.Owner{{Session: other.Session, Member: bob, After: noon().Add(-time.Hour), Until: noon()}})
	}))
	other.Member = bob
	require.Equal(t, inOrderOf(other), taken(t, s, shelf.Sought{Requests: []string{other.Request}}))
}

// impressionAdoptInTurn lets two members sign in where a guest is before, between
// and after them.
func impressionAdoptInTurn(t T, s storage.Stores) {
	browser, ann, bob := newID(), ref.MemberID(newID()), ref.MemberID(newID())
	first, second := noon().Add(time.Minute), noon().Add(2*time.Minute)
	var all []shelf.Impression
	var requests []string
	for _, at := range []time.Time{
		noon(), noon().Add(time.Microsecond), first, first.Add(time.Microsecond), second, second.Add(time.Microsecond),
	} {
		x := newImpression(browser)
		x.At = at
		all, requests = append(all, x), append(requests, x.Request)
	}
	require.NoError(t, s.Impressions.Insert(t.Context(), all))
	require.NoError(t, s.Impressions.Adopt(t.Context(), []shelf.Owner{
		{Session: browser, Member: bob, After: first, Until: second}, {Session: browser, Member: ann, After: noon(), Until: first},
	}))
	for i, m := range []ref.MemberID{"", ann, ann, bob, bob, ""} {
		all[i].Member = m
	}
	require.Equal(t, inOrderOf(all...), taken(t, s, shelf.Sought{Requests: requests}))
}

func impressionReach(t T, s storage.Stores) {
	slot, segment := hard(), recommend.Segment(hard())
	from, before := noon(), noon().Add(time.Hour)
	var all []shelf.Impression
	show := func(strategy string, segment recommend.Segment, at time.Time, products ...ref.ProductID) *shelf.Impression {
		x := newImpression(newID())
		x.Slot, x.Strategy, x.Segment, x.At, x.Seen, x.Products = slot, strategy, segment, at, true, products
		x.Places = make([]int, len(products))
		all = append(all, x)
		return &all[len(all)-1]
	}
	show("knn", segment, from, "tea", "x\"cup")
	show("knn", segment, before.Add(-time.Microsecond), "tea")
	show("knn", "", from, "tea")
	show("hot", segment, from, "tea", "x\"cup", "saw")
	show("hot", segment, from)
	show("hot", segment, before, "late")
	show("hot", segment, from.Add(-time.Microsecond), "early")
	show("hot", segment, from, "unseen").Seen = false
	show("hot", segment, from, "elsewhere").Slot = newID()
	require.NoError(t, s.Impressions.Insert(t.Context(), all))
	got, err := s.Impressions.Reach(t.Context(), shelf.ReachQuery{From: from, Before: before, Slot: slot})
	require.NoError(t, err)
	tea, cup, saw := math.Log2(7./4), math.Log2(7./2), math.Log2(7.)
	require.Len(t, got, 3)
	for i, bits := range []float64{tea + cup + saw, tea, 2*tea + cup} {
		require.InDelta(t, bits, got[i].Bits, 1e-9)
		got[i].Bits = 0
	}
	require.Equal(t, []shelf.Reach{
		{Slot: slot, Strategy: "hot", Segment: segment, Products: 3, Shown: 3},
		{Slot: slot, Strategy: "knn", Products: 1, Shown: 1},
		{Slot: slot, Strategy: "knn", Segment: segment, Products: 2, Shown: 3},
	}, got)
	every, err := s.Impressions.Reach(t.Context(), shelf.ReachQuery{From: from, Before: before})
	require.NoError(t, err)
	require.Contains(t, every, shelf.Reach{Slot: all[8].Slot, Strategy: "hot", Segment: segment, Products: 1, Shown: 1})
}

func impressionForget(t T, s storage.Stores) {
	a, b, c := newImpression(newID()), newImpression(newID()), newImpression(newID())
	a.Member, b.Member = ref.MemberID(newID()), ref.MemberID(newID())
	require.NoError(t, s.Impressions.Insert(t.Context(), []shelf.Impression{a, b, c}))
	require.NoError(t, s.Impressions.Forget(t.Context(), []ref.MemberID{a.Member, ref.MemberID(newID())}))
	require.NoError(t, s.Impressions.Forget(t.Context(), nil))
	require.Equal(t, inOrderOf(b, c), taken(t, s, shelf.Sought{Requests: []string{a.Request, b.Request, c.Request}}))

	// What was sent before signing in goes too, and nobody else's.
	browser := newID()
	before, mine, his, other := newImpression(browser), newImpression(browser), newImpression(browser), newImpression(newID())
	mine.Member, his.Member = ref.MemberID(newID()), b.Member
	require.NoError(t, s.Impressions.Insert(t.Context(), []shelf.Impression{before, mine, his, other}))
	require.NoError(t, s.Impressions.Forget(t.Context(), []ref.MemberID{mine.Member}))
	require.Equal(t, inOrderOf(his, other), taken(t, s, shelf.Sought{Requests: []string{before.Request, mine.Request, his.Request, other.Request}}))
}

func impressionPurge(t T, s storage.Stores) {
	past := noon().AddDate(-30, 0, 0) // no other case's
	var all []shelf.Impression
	var requests []string
	for i := range 5 {
		x := newImpression(newID())
		x.At = past.Add(time.Duration(5-i) * time.Second)
		all, requests = append(all, x), append(requests, x.Request)
	}
	require.NoError(t, s.Impressions.Insert(t.Context(), all))
	purged := func(limit int) int {
		n, err := s.Impressions.Purge(t.Context(), all[0].At, limit)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, 3, purged(3))
	require.Equal(t, inOrderOf(all[:2]...), taken(t, s, shelf.Sought{Requests: requests}), "the oldest went")
	require.Equal(t, 1, purged(3))
	require.Zero(t, purged(3))
	require.Equal(t, all[:1], taken(t, s, shelf.Sought{Requests: requests}), "the time itself is not before")
}

func impressionOutside(t T, s storage.Stores) {
	_, err := s.Impressions.Take(t.Context(), shelf.Sought{Requests: []string{newID()}})
	require.ErrorIs(t, err, fault.FailedPrecondition)
}
