package engine

import (
	"cmp"
	"context"
	"hash/fnv"
	"iter"
	"math"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/cf"
)

// shelf is an answer in the making. Its model and its memory belong together,
// whatever is loaded meanwhile.
type shelf struct {
	ctx   context.Context //nolint:containedctx // lives as long as the call
	e     *Engine
	m     *memory
	g     *generation
	q     recommend.Query
	limit int
	now   int64

	profile cf.Profile
	traces  []Trace
	barred  map[int32]bool
	blocked map[ref.MerchantID]bool

	items    []recommend.Item
	found    []recommend.Item // products nobody touched, for places of their own
	waiting  []candidate      // beyond the share of their category or shop
	taken    map[int32]bool
	ofGroup  map[ref.CategoryID]int // how many items stand there
	ofShop   map[ref.MerchantID]int
	offered  int
	matched  bool // a model knew something, if only what may not stand here
	known    int
	strategy string
}

// open starts a shelf: it copies what is known of the visitor.
func (e *Engine) open(ctx context.Context, q recommend.Query) *shelf {
	s := &shelf{
		ctx: ctx, e: e, q: q, limit: cmp.Or(q.Limit, recommend.DefaultLimit), now: e.c.Clock.Now().Unix(),
		barred: map[int32]bool{}, blocked: map[ref.MerchantID]bool{}, taken: map[int32]bool{},
		ofGroup: map[ref.CategoryID]int{}, ofShop: map[ref.MerchantID]int{},
	}
	e.prepare(s.now)
	s.lock(func() {
		s.m, s.g = e.mem, e.model.Load()
		s.profile, s.traces = s.m.profile(q.Visitor, s.now, e.c.HalfLife)
		kept := s.m.past.Kept
		for _, list := range [][]Trace{s.traces, kept[sessionKey(q.Visitor.Session)], kept[memberKey(q.Visitor.Member)]} {
			for _, t := range list {
				if e.bars(t, s.now) {
					s.barred[t.Item] = true
				}
			}
		}
		for _, list := range [][]ref.ProductID{q.Products, q.Exclude} {
			for _, id := range list {
				if n, known := s.m.past.number[id]; known {
					s.barred[n] = true
				}
			}
		}
		s.known = len(s.m.past.Names)
	})
	s.strategy = string(s.g.chosen.Kind)
	for _, m := range q.Blocked {
		s.blocked[m] = true
	}
	return s
}

func (s *shelf) lock(do func()) {
	s.e.mu.RLock()
	defer s.e.mu.RUnlock()
	do()
}

func (s *shelf) number(id ref.ProductID) (n int32, known bool) {
	s.lock(func() { n, known = s.m.past.number[id] })
	return n, known
}

func (s *shelf) full() bool { return len(s.items)+len(s.found) >= s.limit }

// waits is how many items of one list, as a multiple of the limit, may wait for
// room before it is taken that the list has no other categories and shops: a
// shop of one merchant is not read from end to end.
const waits = 5

// read offers the items of a list, best first, until it has nothing to add. The
// lock is held.
func (s *shelf) read(list iter.Seq2[int32, float64], reason why) {
	patience := len(s.waiting) + waits*s.limit
	for item, score := range list {
		if s.full() || len(s.waiting) >= patience {
			return
		}
		s.offer(item, score, reason)
	}
}

// allowed reports whether an item may stand on the shelf. The lock is held.
func (s *shelf) allowed(item int32) (*recommend.Product, bool) {
	p, described := s.m.fact(item)
	ok := (!described || p.Sellable) && s.within(p) && !s.barred[item] && !s.taken[item] &&
		(p.Merchant == "" || !s.blocked[p.Merchant])
	return p, ok
}

// within reports whether a product is of the storefront and the category that
// are asked for.
func (s *shelf) within(p *recommend.Product) bool {
	return (s.q.Channel == "" || len(p.Channels) == 0 || slices.Contains(p.Channels, s.q.Channel)) &&
		(s.q.Category == "" || p.Category == s.q.Category || slices.Contains(p.Above, s.q.Category))
}

// everybody is the list of all visitors, of the storefront where one is asked
// for and has its own. The lock is held.
func (s *shelf) everybody() string {
	if own := channelSet + string(s.q.Channel); s.q.Channel != "" && s.m.hot[own] != nil {
		return own
	}
	return everybody
}

// offer puts an item on the shelf, unless it may not stand there or its
// category or shop has its share. The lock is held.
func (s *shelf) offer(item int32, score float64, reason why) {
	s.offered++
	p, ok := s.allowed(item)
	if !ok {
		return
	}
	s.taken[item] = true
	x := candidate{item, score, reason}
	if !s.fits(p) {
		s.waiting = append(s.waiting, x)
		return
	}
	s.count(p)
	s.place(x)
}

// candidate is an item that may come on the shelf. Its reason costs more than
// its score, so that it is found for what is shown alone.
type candidate struct {
	item   int32
	score  float64
	reason why
}

// why finds the reason of an item.
type why func(item int32) recommend.Reason

// always is the reason of each item of a list.
func always(r recommend.Reason) why { return func(int32) recommend.Reason { return r } }

// place puts an item on the shelf. The lock is held.
func (s *shelf) place(x candidate) {
	s.items = append(s.items, recommend.Item{Product: s.m.past.Names[x.item], Score: x.score, Reason: x.reason(x.item)})
}

// fits reports whether the category and the shop of p have room.
func (s *shelf) fits(p *recommend.Product) bool {
	most := max(1, int(math.Ceil(s.e.c.Share*float64(s.limit))))
	category := s.q.Shelf == recommend.ForYou || s.q.Shelf == recommend.Hot && s.q.Category == ""
	return (!category || p.Category == "" || s.ofGroup[p.Category] < most) &&
		(p.Merchant == "" || s.ofShop[p.Merchant] < most)
}

func (s *shelf) count(p *recommend.Product) {
	s.ofGroup[p.Category]++
	s.ofShop[p.Merchant]++
}

// explored is how many new products are looked at for a place.
const explored = 32

// explore keeps places for products that hardly anybody touched yet: first those whose
// neighbours by content the visitor knows, then any, the same for a visitor all
// day long.
func (s *shelf) explore() {
	places := int(math.Ceil(s.e.c.Explore * float64(s.limit)))
	if s.e.c.Explore < 0 || s.limit < 4 || len(s.profile) == 0 {
		return
	}
	for _, id := range s.byContent() {
		s.lock(func() {
			if item, known := s.m.past.number[id]; known {
				s.find(item, places, s.profile[0].Item)
			}
		})
	}
	s.lock(func() {
		untouched := s.untouched()
		for n := range untouched {
			// A shelf's few places go to others tomorrow.
			s.find(untouched[(n+s.lot(len(untouched)))%len(untouched)], places, -1)
		}
	})
}

// lot draws a number below n for the visitor and the day.
func (s *shelf) lot(n int) int {
	h := fnv.New64a()
	key := string(s.q.Visitor.Member)
	if key == "" {
		key = s.q.Visitor.Session
	}
	_, _ = h.Write([]byte(key)) // a hash never fails
	day := uint64(s.now / (24 * 60 * 60))
	return int((h.Sum64() ^ (day+s.e.c.Seed)*0x9e3779b97f4a7c15) % uint64(max(1, n)))
}

// byContent returns products like the last one that the visitor looked at.
func (s *shelf) byContent() []ref.ProductID {
	if s.e.c.Neighbours == nil {
		return nil
	}
	var seed ref.ProductID
	s.lock(func() { seed = s.m.past.Names[s.profile[0].Item] })
	list, err := s.e.c.Neighbours.Like(s.ctx, seed, explored)
	if err != nil {
		return nil // other products take the places
	}
	return list
}

// untouched are the newest products that hardly anybody touched and that may
// stand on the shelf.
func (s *shelf) untouched() []int32 {
	var list []int32
	for _, young := range s.m.young.parts(&s.q) {
		places, patience := explored, 32*explored
		for _, item := range young {
			if places == 0 || patience == 0 {
				break
			}
			if s.m.grown(item) {
				continue
			}
			patience--
			if _, ok := s.allowed(item); ok && !s.profile.Has(item) {
				list = append(list, item)
				places--
			}
		}
	}
	return list
}

func (s *shelf) find(item int32, places int, source int32) {
	if len(s.found) >= places || s.m.grown(item) {
		return
	}
	p, ok := s.allowed(item)
	if !ok || !s.fits(p) {
		return
	}
	s.taken[item] = true
	s.count(p)
	r := recommend.Reason{Because: recommend.Discover}
	if source >= 0 {
		r.Product = s.m.past.Names[source]
	}
	s.found = append(s.found, recommend.Item{Product: s.m.past.Names[item], Reason: r})
}

// answer closes the shelf: what waited for room comes last, and a new product
// stands in the middle, where it is seen and costs little.
func (s *shelf) answer() recommend.Answer {
	s.lock(func() {
		for _, x := range s.waiting {
			if !s.full() {
				s.place(x)
			}
		}
	})
	for n, x := range s.found {
		s.items = slices.Insert(s.items, min(len(s.items), s.limit/2+n), x)
	}
	a := recommend.Answer{Items: s.items, Strategy: cmp.Or(s.strategy, "cold"), Version: s.g.version}
	switch {
	case len(a.Items) > 0:
	case s.known == 0:
		a.Empty = recommend.NoProducts
	case s.offered == 0 && !s.matched && len(s.q.Products) > 0:
		a.Empty = recommend.NoMatch
	default:
		a.Empty = recommend.Filtered
	}
	return a
}
