package recommendtest

import (
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

func learning() []Case {
	return []Case{
		{"for you follows what the member did", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			s.did(recommend.View, member("ann"), "", "tea")
			s.learn()
			a := s.ask(recommend.Query{Shelf: recommend.ForYou, Visitor: member("ann"), Limit: 2})
			require.ElementsMatch(s, []ref.ProductID{"pot", "cup"}, products(a))
			for _, item := range a.Items {
				require.Equal(s, recommend.Reason{Because: recommend.YouViewed, Product: "tea"}, item.Reason)
			}
		}},
		{"the next answer knows the last event", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			who := recommend.Visitor{Session: "s1"}
			s.did(recommend.View, who, "", "tea")
			require.ElementsMatch(s, []ref.ProductID{"pot", "cup"},
				products(s.ask(recommend.Query{Shelf: recommend.ForYou, Visitor: who, Limit: 2})))
			s.did(recommend.CartAdd, who, "", "saw", "hammer")
			require.Contains(s, products(s.ask(recommend.Query{Shelf: recommend.ForYou, Visitor: who, Limit: 2})), ref.ProductID("nail"))
		}},
		{"similar, also bought and together know their neighbours", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			for shelf, because := range map[recommend.Shelf]recommend.Because{
				recommend.Similar: recommend.Likeness, recommend.AlsoBought: recommend.BoughtToo, recommend.Together: recommend.InOneCart,
			} {
				a := s.ask(recommend.Query{Shelf: shelf, Products: []ref.ProductID{"hammer"}, Limit: 2})
				require.ElementsMatch(s, []ref.ProductID{"saw", "nail"}, products(a), "%s", shelf)
				require.Equal(s, recommend.Reason{Because: because, Product: "hammer"}, reason(a), "%s", shelf)
			}
		}},
		{"together is one basket, also bought is any", func(t T, r Rig) {
			s := on(t, r)
			for _, m := range []ref.MemberID{"a", "b", "c"} {
				s.did(recommend.Purchase, member(m), string(m)+"1", "lamp", "bulb")
				s.did(recommend.Purchase, member(m), string(m)+"2", "sofa")
			}
			s.learn()
			q := recommend.Query{Shelf: recommend.Together, Products: []ref.ProductID{"lamp"}, Limit: 1}
			require.Equal(s, []ref.ProductID{"bulb"}, products(s.ask(q)))
			q.Shelf, q.Limit = recommend.AlsoBought, 2
			require.ElementsMatch(s, []ref.ProductID{"bulb", "sofa"}, products(s.ask(q)))
		}},
		{"a visitor nobody knows gets what is hot", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			for _, m := range []ref.MemberID{"u", "v", "w", "x", "y", "z"} {
				s.did(recommend.Purchase, member(m), "", "umbrella")
			}
			s.learn()
			for _, who := range []recommend.Visitor{{}, member("nobody"), {Session: "new"}} {
				a := s.ask(recommend.Query{Shelf: recommend.Hot, Visitor: who, Limit: 3})
				require.Contains(s, products(a), ref.ProductID("umbrella"))
				require.Equal(s, recommend.HotAll, reason(a).Because)
				require.NotEmpty(s, s.ask(recommend.Query{Shelf: recommend.ForYou, Visitor: who}).Items)
			}
		}},
		{"segments have hot lists of their own, and lean on their parents", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			for _, m := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
				s.did(recommend.Purchase, recommend.Visitor{Member: ref.MemberID("n" + m), Segments: []recommend.Segment{"region=north"}}, "", "scarf")
				s.did(recommend.Purchase, recommend.Visitor{Member: ref.MemberID("s" + m), Segments: []recommend.Segment{"region=south"}}, "", "fan")
			}
			s.learn()
			best := func(segment recommend.Segment) ref.ProductID {
				who := recommend.Visitor{Segments: []recommend.Segment{segment}}
				return first(s.ask(recommend.Query{Shelf: recommend.Hot, Visitor: who, Limit: 1}))
			}
			require.Equal(s, ref.ProductID("scarf"), best("region=north"))
			require.Equal(s, ref.ProductID("fan"), best("region=south"))
			s.did(recommend.Purchase, recommend.Visitor{Member: "m", Segments: []recommend.Segment{"region=north/city=x"}}, "", "kite")
			s.learn()
			require.Equal(s, ref.ProductID("scarf"), best("region=north/city=x"), "one purchase is no reason to leave the parent")
		}},
		{"a refund takes away what the purchase said", func(t T, r Rig) {
			s := on(t, r)
			for _, m := range []ref.MemberID{"a", "b", "c"} {
				s.did(recommend.Purchase, member(m), "o-"+string(m), "lamp", "bulb")
			}
			s.learn()
			q := recommend.Query{Shelf: recommend.Together, Products: []ref.ProductID{"lamp"}, Limit: 1}
			require.Equal(s, []ref.ProductID{"bulb"}, products(s.ask(q)))
			for _, m := range []ref.MemberID{"a", "b", "c"} {
				s.did(recommend.Refund, member(m), "o-"+string(m), "bulb")
			}
			s.learn()
			require.Empty(s, s.ask(q).Items)
		}},
		{"an event that comes twice counts once", func(t T, r Rig) {
			s := on(t, r)
			s.did(recommend.View, member("a"), "", "once", "once2")
			s.did(recommend.View, member("b"), "", "once")
			again := recommend.Event{ID: "same", Kind: recommend.View, Visitor: member("c"), Product: "echo", At: s.Clock.Now()}
			for range 9 {
				require.NoError(s, s.Recommender.Record(s.Context(), again))
			}
			s.learn()
			require.Equal(s, ref.ProductID("once"), first(s.ask(recommend.Query{Shelf: recommend.Hot, Limit: 3})))
		}},
		{"newest lists what was listed last", func(t T, r Rig) {
			s := on(t, r)
			var all []recommend.Product
			for _, id := range []ref.ProductID{"old", "middle", "young"} {
				s.Clock.Advance(1)
				all = append(all, recommend.Product{ID: id, Listed: s.Clock.Now().AddDate(0, 0, len(all)), Sellable: true})
			}
			require.NoError(s, s.Recommender.Describe(s.Context(), all...))
			s.did(recommend.View, member("ann"), "", "old", "middle", "old")
			s.learn()
			a := s.ask(recommend.Query{Shelf: recommend.Newest})
			require.Equal(s, []ref.ProductID{"young", "middle", "old"}, products(a))
			require.Equal(s, recommend.JustListed, reason(a).Because)
		}},
	}
}
