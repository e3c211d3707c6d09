package recommendtest

import (
	"fmt"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// leaving is about what must not stand on a shelf.
func leaving() []Case {
	return []Case{
		{"what was bought or hidden is not recommended", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			s.did(recommend.Purchase, member("ann"), "", "tea")
			s.did(recommend.Hide, member("ann"), "", "pot")
			s.learn()
			for _, shelf := range []recommend.Shelf{recommend.ForYou, recommend.Hot, recommend.Trending} {
				got := products(s.ask(recommend.Query{Shelf: shelf, Visitor: member("ann")}))
				require.NotContains(s, got, ref.ProductID("tea"), "%s", shelf)
				require.NotContains(s, got, ref.ProductID("pot"), "%s", shelf)
				require.Contains(s, got, ref.ProductID("cup"), "%s", shelf)
			}
		}},
		{"what cannot be sold is on no shelf", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			require.NoError(s, s.Recommender.Describe(s.Context(), recommend.Product{ID: "pot"}, recommend.Product{ID: "cup", Sellable: true}))
			for _, shelf := range recommend.Shelves() {
				got := products(s.ask(recommend.Query{Shelf: shelf, Visitor: member("nobody"), Products: []ref.ProductID{"tea"}}))
				require.NotContains(s, got, ref.ProductID("pot"), "%s", shelf)
			}
			require.Contains(s, products(s.ask(recommend.Query{Shelf: recommend.Similar, Products: []ref.ProductID{"tea"}})), ref.ProductID("cup"))
		}},
		{"blocked shops and other categories stay out", func(t T, r Rig) {
			s := on(t, r)
			require.NoError(s, s.Recommender.Describe(s.Context(),
				recommend.Product{ID: "tea", Merchant: "m1", Category: "kitchen", Sellable: true},
				recommend.Product{ID: "pot", Merchant: "m2", Category: "kitchen", Sellable: true},
				recommend.Product{ID: "cup", Merchant: "m1", Category: "table", Sellable: true}))
			s.market()
			q := recommend.Query{Shelf: recommend.Similar, Products: []ref.ProductID{"tea"}}
			require.Subset(s, products(s.ask(q)), []ref.ProductID{"pot", "cup"})
			q.Blocked = []ref.MerchantID{"m2"}
			require.NotContains(s, products(s.ask(q)), ref.ProductID("pot"))
			q.Blocked, q.Category = nil, "kitchen"
			require.Equal(s, []ref.ProductID{"pot"}, products(s.ask(q)))
			require.Equal(s, []ref.ProductID{"pot"}, products(s.ask(recommend.Query{
				Shelf: recommend.Hot, Category: "kitchen", Exclude: []ref.ProductID{"tea"},
			})))
		}},
		{"a storefront recommends what it sells, a category what lies in it", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			above, here := []ref.CategoryID{"home"}, []ref.ChannelID{"en"}
			require.NoError(s, s.Recommender.Describe(s.Context(),
				recommend.Product{ID: "tea", Category: "kitchen", Above: above, Channels: here, Sellable: true},
				recommend.Product{ID: "pot", Category: "kitchen", Above: above, Channels: []ref.ChannelID{"zh"}, Sellable: true},
				recommend.Product{ID: "cup", Category: "table", Above: above, Channels: []ref.ChannelID{"zh", "en"}, Sellable: true},
				recommend.Product{ID: "nail", Category: "tools", Channels: here, Sellable: true}))
			for n := range 5 {
				s.did(recommend.Purchase, member(ref.MemberID(fmt.Sprintf("guest-%d", n))), "", "tea", "pot", "cup", "nail")
			}
			s.learn()
			for _, shelf := range recommend.Shelves() {
				q := recommend.Query{Shelf: shelf, Visitor: member("nobody"), Products: []ref.ProductID{"tea"}, Channel: "en"}
				got := products(s.ask(q))
				require.Contains(s, got, ref.ProductID("cup"), "%s", shelf)
				require.NotContains(s, got, ref.ProductID("pot"), "%s", shelf)
				q.Category = "home"
				require.Equal(s, []ref.ProductID{"cup"}, products(s.ask(q)), "%s", shelf)
				q.Category, q.Channel = "table", "fr"
				require.Empty(s, s.ask(q).Items, "%s", shelf)
			}
			hot := s.ask(recommend.Query{Shelf: recommend.Hot, Category: "home", Channel: "en"})
			require.ElementsMatch(s, []ref.ProductID{"tea", "cup"}, products(hot))
			require.Equal(s, recommend.Reason{Because: recommend.HotInGroup, Category: "home"}, reason(hot))
		}},
		{"one shop does not fill a shelf while there are others", func(t T, r Rig) {
			s := on(t, r)
			var all []recommend.Product
			for n := range 12 {
				p := recommend.Product{ID: ref.ProductID(fmt.Sprintf("p%d", n)), Merchant: "big", Category: "c1", Sellable: true}
				if n >= 8 {
					p.Merchant, p.Category = "small", "c2"
				}
				all = append(all, p)
			}
			require.NoError(s, s.Recommender.Describe(s.Context(), all...))
			for n, p := range all {
				for buyer := range 20 - n {
					s.did(recommend.Purchase, member(ref.MemberID(fmt.Sprintf("b%d", buyer))), "", p.ID)
				}
			}
			s.learn()
			a := s.ask(recommend.Query{Shelf: recommend.Hot, Limit: 6})
			got := products(a)
			require.Len(s, got, 6)
			small := 0
			for _, p := range all[8:] {
				for _, id := range got {
					if id == p.ID {
						small++
					}
				}
			}
			require.GreaterOrEqual(s, small, 2)
			require.Equal(s, ref.ProductID("p0"), first(a), "the best stays first")
		}},
		{"a member who was forgotten has no past", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			for _, m := range []ref.MemberID{"ann", "bo", "cy"} {
				s.did(recommend.Purchase, member(m), "o"+string(m), "tea", "harp")
			}
			s.learn()
			q := recommend.Query{Shelf: recommend.Together, Products: []ref.ProductID{"tea"}}
			require.Contains(s, products(s.ask(q)), ref.ProductID("harp"))
			require.NoError(s, s.Recommender.Forget(s.Context(), "ann", "bo", "cy", "nobody"))
			require.Contains(s, products(s.ask(recommend.Query{Shelf: recommend.Hot, Visitor: member("ann")})), ref.ProductID("harp"),
				"nobody knows that ann bought it")
			s.learn()
			require.NotContains(s, products(s.ask(q)), ref.ProductID("harp"))
		}},
		{"what comes late of a forgotten member brings nobody back", func(t T, r Rig) {
			s := on(t, r)
			s.market()
			phone := recommend.Visitor{Session: "phone"}
			s.did(recommend.View, phone, "", "tea")
			s.did(recommend.View, recommend.Visitor{Member: "ann", Session: "phone"}, "", "pot")
			require.NoError(s, s.Recommender.Forget(s.Context(), "ann"))
			s.did(recommend.Purchase, member("ann"), "late", "harp", "lute")
			s.learn()
			for _, who := range []recommend.Visitor{member("ann"), phone} {
				for _, item := range s.ask(recommend.Query{Shelf: recommend.ForYou, Visitor: who}).Items {
					require.Empty(s, item.Reason.Product, "nobody knows what they did")
				}
			}
			require.NotContains(s, products(s.ask(recommend.Query{Shelf: recommend.Hot})), ref.ProductID("lute"))
		}},
	}
}
