package recommendtest

import (
	"context"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// asking is about the questions themselves.
func asking() []Case {
	return []Case{
		{"an empty recommender says so", func(t T, r Rig) {
			s := on(t, r)
			for _, shelf := range recommend.Shelves() {
				a := s.ask(recommend.Query{Shelf: shelf, Visitor: member("ann"), Products: []ref.ProductID{"unknown"}})
				require.Equal(s, recommend.NoProducts, a.Empty, "%s", shelf)
			}
			s.learn()
			require.Equal(s, recommend.NoProducts, s.ask(recommend.Query{Shelf: recommend.ForYou}).Empty)
		}},
		{"unknown products are no error", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			a := s.ask(recommend.Query{Shelf: recommend.Similar, Products: []ref.ProductID{"unknown", "tea"}, Exclude: []ref.ProductID{"never"}})
			require.Subset(s, products(a), []ref.ProductID{"pot", "cup"})
		}},
		{"the same question gets the same answer", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			s.did(recommend.View, member("ann"), "", "tea", "saw")
			s.learn()
			for _, shelf := range recommend.Shelves() {
				q := recommend.Query{Shelf: shelf, Visitor: member("ann"), Products: []ref.ProductID{"nail"}}
				require.Equal(s, s.ask(q), s.ask(q), "%s", shelf)
			}
		}},
		{"limits hold", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			for _, limit := range []int{0, 1, 3, recommend.MaxLimit} {
				require.NotEmpty(s, s.ask(recommend.Query{Shelf: recommend.Hot, Limit: limit}).Items)
			}
		}},
		{"bad input is refused as a whole", func(t T, r Rig) {
			s := on(t, r)
			good := recommend.Event{ID: "1", Kind: recommend.View, Visitor: member("a"), Product: "tea", At: s.Clock.Now()}
			bad := good
			bad.Product = ""
			require.ErrorIs(s, s.Recommender.Record(s.Context(), good, bad), fault.Invalid)
			bad = good
			bad.At = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)
			require.ErrorIs(s, s.Recommender.Record(s.Context(), bad), fault.Invalid)
			require.ErrorIs(s, s.Recommender.Describe(s.Context(), recommend.Product{ID: "ok", Sellable: true}, recommend.Product{}), fault.Invalid)
			require.ErrorIs(s, s.Recommender.Forget(s.Context(), ""), fault.Invalid)
			_, err := s.Recommender.Recommend(s.Context(), recommend.Query{Shelf: "attic"})
			require.ErrorIs(s, err, fault.Invalid)
			s.learn()
			require.Empty(s, s.ask(recommend.Query{Shelf: recommend.Hot}).Items, "nothing was half recorded")
		}},
		{"times in the future and out of order are taken for what they are", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			view := func(who ref.MemberID, product ref.ProductID, at time.Time) {
				require.NoError(s, s.Recommender.Record(s.Context(), recommend.Event{
					ID: string(who) + string(product), Kind: recommend.View, Visitor: member(who), Product: product, At: at,
				}))
			}
			best := func(who ref.MemberID) []ref.ProductID {
				return products(s.ask(recommend.Query{Shelf: recommend.ForYou, Visitor: member(who), Limit: 2}))
			}
			// What happened long ago says little, though it is told last.
			view("ann", "saw", s.Clock.Now())
			view("ann", "tea", s.Clock.Now().AddDate(-2, 0, 0))
			s.learn()
			require.ElementsMatch(s, []ref.ProductID{"hammer", "nail"}, best("ann"))
			// What is told to come happened when it was told, and grows old.
			view("bo", "tea", s.Clock.Now().AddDate(1000, 0, 0))
			require.ElementsMatch(s, []ref.ProductID{"pot", "cup"}, best("bo"))
			s.Clock.Advance(2 * 365 * 24 * time.Hour)
			view("bo", "saw", s.Clock.Now())
			s.learn()
			require.ElementsMatch(s, []ref.ProductID{"hammer", "nail"}, best("bo"))
		}},
		{"who gave up gets a Canceled fault", func(t T, r Rig) {
			s := on(t, r)
			ctx, cancel := context.WithCancel(s.Context())
			cancel()
			_, err := s.Recommender.Recommend(ctx, recommend.Query{Shelf: recommend.Hot})
			require.ErrorIs(s, err, fault.Canceled)
			require.ErrorIs(s, s.Recommender.Record(ctx, recommend.Event{
				ID: "1", Kind: recommend.View, Visitor: member("a"), Product: "tea", At: s.Clock.Now(),
			}), fault.Canceled)
		}},
	}
}
