package recommendtest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// T is what a case needs of *testing.T; the suite's own test hands in a
// recorder instead.
type T interface {
	require.TestingT
	Helper()
	Cleanup(fn func())
	Context() context.Context
}

// Rig is a fresh recommender beside what the suite needs to drive it.
type Rig struct {
	Recommender recommend.Recommender
	// Clock of the recommender.
	Clock *clock.Manual
	// Settle returns when everything recorded has been learned.
	Settle func(ctx context.Context) error
}

// Harness opens rigs.
type Harness struct {
	// Open returns a fresh rig that shares nothing with others.
	Open func(t T) Rig
}

// Case is one promise.
type Case struct {
	Name string
	Run  func(t T, r Rig)
}

// Run runs every case against a rig of its own.
func Run(t *testing.T, h Harness) {
	t.Helper()
	for _, c := range Cases() {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.Run(t, h.Open(t))
		})
	}
}

// Cases returns the whole suite.
func Cases() []Case {
	return append(append(learning(), leaving()...), asking()...)
}

// stage drives a rig.
type stage struct {
	T
	Rig
	events int
}

func on(t T, r Rig) *stage { return &stage{T: t, Rig: r} }

func member(m ref.MemberID) recommend.Visitor { return recommend.Visitor{Member: m} }

// did records that somebody did something with products, one a minute.
func (s *stage) did(kind recommend.Kind, who recommend.Visitor, basket string, products ...ref.ProductID) {
	s.Helper()
	for _, p := range products {
		s.events++
		s.Clock.Advance(time.Minute)
		require.NoError(s, s.Recommender.Record(s.Context(), recommend.Event{
			ID: fmt.Sprintf("event-%d", s.events), Kind: kind, Visitor: who, Product: p, Basket: basket, At: s.Clock.Now(),
		}))
	}
}

// market is ten members of whom five buy tea, pot and cup and five buy saw,
// hammer and nail, each at once.
func (s *stage) market() {
	s.Helper()
	for n := range 5 {
		who, basket := ref.MemberID(fmt.Sprintf("drinker-%d", n)), fmt.Sprintf("order-d%d", n)
		s.did(recommend.Purchase, member(who), basket, "tea", "pot", "cup")
		who, basket = ref.MemberID(fmt.Sprintf("builder-%d", n)), fmt.Sprintf("order-b%d", n)
		s.did(recommend.Purchase, member(who), basket, "saw", "hammer", "nail")
	}
	s.learn()
}

func (s *stage) learn() {
	s.Helper()
	require.NoError(s, s.Settle(s.Context()))
}

func (s *stage) ask(q recommend.Query) recommend.Answer {
	s.Helper()
	a, err := s.Recommender.Recommend(s.Context(), q)
	require.NoError(s, err)
	limit := q.Limit
	if limit == 0 {
		limit = recommend.DefaultLimit
	}
	require.LessOrEqual(s, len(a.Items), limit)
	require.Equal(s, len(a.Items) == 0, a.Empty != "", "an empty shelf says why, and only that")
	seen := map[ref.ProductID]bool{}
	for _, item := range a.Items {
		require.False(s, seen[item.Product], "%s stands twice", item.Product)
		seen[item.Product] = true
		require.NotEmpty(s, item.Reason.Because, "%s stands there without a reason", item.Product)
		require.NotContains(s, q.Products, item.Product)
		require.NotContains(s, q.Exclude, item.Product)
	}
	return a
}

func products(a recommend.Answer) []ref.ProductID {
	all := []ref.ProductID{}
	for _, item := range a.Items {
		all = append(all, item.Product)
	}
	return all
}

// first returns the product that stands first, "" on an empty shelf.
func first(a recommend.Answer) ref.ProductID {
	if len(a.Items) == 0 {
		return ""
	}
	return a.Items[0].Product
}

// reason returns why the first product stands there.
func reason(a recommend.Answer) recommend.Reason {
	if len(a.Items) == 0 {
		return recommend.Reason{}
	}
	return a.Items[0].Reason
}
