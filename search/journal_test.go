package search_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// lines flushes and reports on the last 30 days.
func (n *node) lines() []search.QueryLine {
	n.t.Helper()
	require.NoError(n.t, n.Flush(n.t.Context()))
	n.clock.Advance(time.Microsecond)
	p, err := n.Queries(n.t.Context(), ann(), search.ReportQuery{Channel: web}, page.Request{})
	require.NoError(n.t, err)
	return p.Items
}

func TestTheLogTellsWhatBecameOfAQuery(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		n := newNode(t, on.Open(t), morning(), nil)
		n.refill(lamps()...)
		first, ids := n.ask("Desk  LAMPS ", visitor(1))
		require.NotEmpty(t, first.ID)
		require.NoError(t, n.Click(t.Context(), search.Click{Search: first.ID, Visitor: visitor(1), Product: ids[0], Place: 1}))
		require.NoError(t, n.Click(t.Context(), search.Click{Search: first.ID, Visitor: visitor(1), Product: ids[1], Place: 2}))
		second, ids := n.ask("desk lamps", visitor(2))
		require.NoError(t, n.Click(t.Context(), search.Click{Search: second.ID, Visitor: visitor(2), Product: ids[0], Place: 1}))
		n.ask("ｘｙｌｏｐｈｏｎｅ", "")
		filtered, err := n.Search(t.Context(), search.Request{Channel: web, Query: search.Query{
			Text: "lamp", Filters: []search.Filter{{Field: search.FieldBrand, Any: []string{"none"}}},
		}})
		require.NoError(t, err)
		require.Empty(t, filtered.Hits)

		for _, text := range []string{"", "  ", "bo@example.com", "who is bo@example.com"} {
			got, _ := n.ask(text, visitor(1))
			require.Empty(t, got.ID, "%q is not logged", text)
		}
		page1, err := n.Search(t.Context(), search.Request{Channel: web, Query: search.Query{Text: "lamp", Limit: 1}})
		require.NoError(t, err)
		page2, err := n.Search(t.Context(), search.Request{Channel: web, Query: search.Query{Text: "lamp", Limit: 1, After: page1.Next}})
		require.NoError(t, err)
		require.Empty(t, page2.ID, "a further page is no search")

		require.NoError(t, n.Flush(t.Context()))
		n.clock.Advance(time.Hour)
		require.NoError(t, n.Converted(t.Context(), visitor(1), []ref.ProductID{"p-1", "p-4"}, n.clock.Now()))
		require.NoError(t, n.Converted(t.Context(), "", []ref.ProductID{"p-1"}, n.clock.Now()))
		require.Equal(t, []search.QueryLine{
			{Text: "desk lamps", Searches: 2, Visitors: 2, Clicked: 2, Converted: 1},
			{Text: "lamp", Searches: 2},
			{Text: "xylophone", Searches: 1, Empty: 1},
		}, n.lines())
		p, err := n.Queries(t.Context(), ann(), search.ReportQuery{Channel: web, Order: search.MostEmpty}, page.Request{})
		require.NoError(t, err)
		require.Len(t, p.Items, 1)
		places, err := n.Places(t.Context(), ann(), search.ReportQuery{Channel: web})
		require.NoError(t, err)
		require.EqualValues(t, 2, places[0].Clicked)
		require.EqualValues(t, 1, places[1].Clicked)

		n.ask("private", visitor(1)) // waits
		require.NoError(t, n.Forget(t.Context(), visitor(1)))
		require.NoError(t, n.Forget(t.Context(), ""))
		require.Equal(t, search.QueryLine{Text: "desk lamps", Searches: 1, Visitors: 1, Clicked: 1}, n.lines()[1])
		require.NotContains(t, n.lines(), search.QueryLine{Text: "private", Searches: 1, Visitors: 1, Empty: 1})

		n.clock.Advance(90 * 24 * time.Hour)
		n.ask("fresh lamp", "")
		require.NoError(t, n.Flush(t.Context()))
		gone, err := n.Purge(t.Context(), 100)
		require.NoError(t, err)
		require.Equal(t, 5, gone, "four searches and a click")
		require.Len(t, n.lines(), 1)
	})
}

// A node that had noted something of a visitor writes it after another node has
// forgotten the visitor.
func TestWhatAnotherNodeWritesLateIsForgottenToo(t *testing.T) {
	t.Parallel()
	stores, clock := memory.New().Stores(), morning()
	here, there := newNode(t, stores, clock, nil), newNode(t, stores, clock, nil)
	for _, n := range []*node{here, there} {
		n.refill(lamps()...)
	}
	there.ask("lamp", visitor(1))
	there.ask("desk lamp", visitor(2))
	require.NoError(t, here.Forget(t.Context(), visitor(1)))
	require.Len(t, there.lines(), 2, "it is written")
	clock.Advance(10 * time.Second)
	require.Equal(t, []search.QueryLine{{Text: "desk lamp", Searches: 1, Visitors: 1}}, here.lines())
	there.ask("lamp", visitor(1))
	there.lines()
	require.Len(t, here.lines(), 2, "who comes back is somebody new")
}

// A unit that forgets a visitor may hold what a flush under way waits for. The flush
// has the visitor's search in its hands, which goes all the same, be it written or
// kept for the next one.
func TestForgettingInAUnitBesideAFlush(t *testing.T) {
	t.Parallel()
	for name, fails := range map[string]error{"written": nil, "kept": fault.New(fault.Unavailable, "x", "the database is away")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
				t.Helper()
				writing, open := make(chan struct{}), make(chan struct{})
				var once sync.Once
				stores := storage.Intercept(on.Open(t), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
					var failed error
					if c.Name() == "SearchLog.Record" {
						once.Do(func() {
							close(writing)
							<-open
							failed = fails
						})
					}
					if failed != nil {
						return failed
					}
					return next(ctx)
				})
				n := newNode(t, stores, morning(), nil)
				n.refill(lamps()...)
				n.ask("lamp", visitor(1))
				n.ask("lamp", visitor(2))
				flushed := make(chan error, 1)
				go func() {
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
					defer cancel()
					flushed <- n.Flush(ctx)
				}()
				<-writing
				require.NoError(t, stores.Units.Do(t.Context(), func(ctx context.Context) error {
					// The unit writes something first, as that of a consumer does.
					if err := stores.SearchLog.Forget(ctx, visitor(3)); err != nil {
						return err
					}
					close(open)
					return n.Forget(ctx, visitor(1))
				}))
				require.ErrorIs(t, <-flushed, fails)
				require.Equal(t, []search.QueryLine{{Text: "lamp", Searches: 1, Visitors: 1}}, n.lines())
			})
		})
	}
}

// What a shopper does not see is not shown: neither what is merely popular nor
// what a rule leads away from.
func TestTheLogCountsWhatIsShown(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	n.ask("xylophone", "")
	_, err := n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Rule: search.Rule{
		When: search.WhenIs, Query: "lamp", Redirect: "/lamps",
	}})
	require.NoError(t, err)
	n.ask("lamp", "")
	require.NoError(t, n.Flush(t.Context()))
	n.clock.Advance(time.Second)
	places, err := n.Places(t.Context(), ann(), search.ReportQuery{Channel: web})
	require.NoError(t, err)
	for _, p := range places {
		require.Zero(t, p.Shown, "place %d", p.Place)
	}

	_, err = n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Version: 1, Rule: search.Rule{
		When: search.WhenIs, Query: "xylophone", Pin: []search.Pin{{Product: "p-4", Place: 1}},
	}})
	require.NoError(t, err)
	got, ids := n.ask("xylophone", "")
	require.Equal(t, ref.ProductID("p-4"), ids[0])
	require.Equal(t, 1, got.Total)
	require.NoError(t, n.Flush(t.Context()))
	n.clock.Advance(time.Second)
	places, err = n.Places(t.Context(), ann(), search.ReportQuery{Channel: web})
	require.NoError(t, err)
	require.EqualValues(t, 1, places[0].Shown)
}

func TestSuggestionsFollowTheRules(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	products := func() []search.ProductSuggestion {
		got, err := n.Suggest(t.Context(), web, search.SuggestQuery{Text: "desk la"})
		require.NoError(t, err)
		return got.Products
	}
	require.Len(t, products(), 2)
	_, err := n.SaveRule(t.Context(), ann(), search.RuleInput{Channel: web, Rule: search.Rule{
		When: search.WhenContains, Hide: []ref.ProductID{"p-1"},
	}})
	require.NoError(t, err)
	require.Equal(t, []search.ProductSuggestion{{ID: "p-2", Title: "Brass desk lamp"}}, products())
}

func TestSuggestionsComeFromTheLog(t *testing.T) {
	t.Parallel()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		n := newNode(t, on.Open(t), morning(), nil)
		n.refill(append(lamps(), search.Document{ID: "p-9", Title: "555 010 0199 lamp", Codes: []string{"5550100199"}})...)
		for i := range 3 {
			n.ask("desk lamp brass", visitor(i))
			n.ask("555 010 0199", visitor(i))
			n.ask("desk lamp alone", visitor(0))
		}
		suggested := func(text string) []string {
			t.Helper()
			got, err := n.Suggest(t.Context(), web, search.SuggestQuery{Text: text})
			require.NoError(t, err)
			var out []string
			for _, q := range got.Queries {
				out = append(out, q.Text)
			}
			return out
		}
		require.NoError(t, n.Flush(t.Context()))
		require.NotContains(t, suggested("desk"), "desk lamp brass")
		require.NoError(t, n.Refresh(t.Context()))
		require.Contains(t, suggested("desk"), "desk lamp brass")
		require.NotContains(t, suggested("desk"), "desk lamp alone")
		require.NotContains(t, suggested("555 0"), "555 010 0199", "it may be somebody's")
		n.clock.Advance(31 * 24 * time.Hour)
		require.NoError(t, n.Refresh(t.Context()))
		require.NotContains(t, suggested("desk"), "desk lamp brass", "nobody asks for it any more")
	})
}

func TestClickBadInput(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	err := n.Click(t.Context(), search.Click{
		Search: "\xff", Visitor: "\x00", Place: 501, At: n.clock.Now().Add(time.Microsecond),
	})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	require.Len(t, f.Fields, 5)
	require.NoError(t, n.Click(t.Context(), search.Click{Search: "never", Product: "p", Place: 1}))
	require.Empty(t, n.lines())
}

// away makes the log of stores fail as long as it is not nil.
type away struct {
	mu  sync.Mutex
	err error
}

func (a *away) set(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = err
}

func (a *away) stores() storage.Stores {
	return storage.Intercept(memory.New().Stores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
		a.mu.Lock()
		err := a.err
		a.mu.Unlock()
		if err != nil && c.Port == "SearchLog" {
			return err
		}
		return next(ctx)
	})
}

func TestWhatCannotBeWrittenWaits(t *testing.T) {
	t.Parallel()
	var log away
	n := newNode(t, log.stores(), morning(), func(c *search.ServiceConfig) { c.Buffer = 20 })
	n.refill(lamps()...)
	log.set(fault.New(fault.Unavailable, "x", "the database is away"))
	first, _ := n.ask("first lamp", "")
	require.ErrorIs(t, n.Flush(t.Context()), fault.Unavailable)
	require.Zero(t, n.Dropped())
	require.NoError(t, n.Click(t.Context(), search.Click{Search: first.ID, Product: "p-1", Place: 1}))
	for range 19 {
		n.ask("lamp", "")
	}
	require.EqualValues(t, 3, n.Dropped(), "the oldest, and some room")
	log.set(nil)
	require.Equal(t, []search.QueryLine{{Text: "lamp", Searches: 17}}, n.lines())

	log.set(fault.New(fault.Internal, "x", "a defect"))
	n.ask("poison lamp", "")
	require.ErrorIs(t, n.Flush(t.Context()), fault.Internal)
	log.set(nil)
	require.EqualValues(t, 4, n.Dropped(), "what can never be written does not stand in the way")
	n.ask("lamp", "")
	require.EqualValues(t, 18, n.lines()[0].Searches)
}

func TestManyShoppersAtOnce(t *testing.T) {
	t.Parallel()
	n := newShop(t)
	var wg sync.WaitGroup
	const shoppers, each = 4, 300
	for i := range shoppers {
		wg.Go(func() {
			for range each {
				got, err := n.Search(t.Context(), search.Request{Channel: web, Visitor: visitor(i), Query: search.Query{Text: "lamp", Limit: 1}})
				if err != nil || n.Click(t.Context(), search.Click{Search: got.ID, Product: "p-1", Place: 1}) != nil {
					t.Error("a search failed", err)
				}
			}
		})
	}
	for range 10 {
		require.NoError(t, n.Flush(t.Context()))
	}
	wg.Wait()
	require.Equal(t, []search.QueryLine{
		{Text: "lamp", Searches: shoppers * each, Visitors: shoppers, Clicked: shoppers * each},
	}, n.lines())
}

func TestVisitor(t *testing.T) {
	t.Parallel()
	require.Equal(t, "m:bo", search.Visitor(ref.Member("bo")))
	guest := search.Visitor(ref.Guest("secret"))
	require.True(t, strings.HasPrefix(guest, "g:"))
	require.NotContains(t, guest, "secret")
	require.LessOrEqual(t, len(guest), search.MaxVisitor)
	require.LessOrEqual(t, len(search.Visitor(ref.Member(ref.MemberID(strings.Repeat("m", ref.MaxID))))), search.MaxVisitor)
	for _, scope := range []ref.Scope{{}, ref.Staff("ann"), ref.Merchant("tea")} {
		require.Empty(t, search.Visitor(scope))
	}
}

func FuzzLogText(f *testing.F) {
	for _, s := range []string{"", "Desk LAMP", "a\x00b", "bo@example.com", "\xff", strings.Repeat("茶 ", 200), "a\u2028b\tc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := search.LogText(s)
		if len(got) > 200 || !utf8.ValidString(got) || strings.ContainsAny(got, "\x00\n\t\r") {
			t.Errorf("%q becomes %q", s, got)
		}
		if again := search.LogText(got); again != got {
			t.Errorf("%q becomes %q and then %q", s, got, again)
		}
	})
}
