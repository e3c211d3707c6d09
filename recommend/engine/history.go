package engine

import (
	"cmp"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/cf"
)

// Trace is all that a visitor had to do with one product.
type Trace struct {
	Item   int32
	At     int64 // the newest event, in seconds
	Bought int64 // the newest purchase that stands, 0 none
	Orders int32 // how many purchases stand
	Most   float32
	Hidden bool
}

// past is what visitors did. The engine's lock guards it.
type past struct {
	Names    []ref.ProductID
	Visitors map[string][]Trace // by key, oldest first
	// Kept are traces beyond those that say what may not be recommended: what was
	// bought or hidden before.
	Kept    map[string][]Trace
	Baskets map[string]*Basket
	Touched []int32 // events of each item
	// Sessions are those in which a member was seen, the newest last.
	Sessions map[string][]string
	// Gone is when somebody was forgotten, by the hash of their key: what comes
	// late of them is not taken.
	Gone map[uint64]int64

	number   map[ref.ProductID]int32
	whoHas   []map[string]struct{} // by item
	baskets  []map[string]struct{} // by item
	owned    map[string][]string   // baskets by owner
	seen     recent                // ids of events
	returned recent                // what came back of baskets
	events   int                   // since the last fit
}

// Basket is what was bought at once.
type Basket struct {
	Owner string
	At    int64
	Items []int32
}

func newPast() *past {
	return &past{
		Visitors: map[string][]Trace{}, Kept: map[string][]Trace{}, Baskets: map[string]*Basket{}, Sessions: map[string][]string{}, Gone: map[uint64]int64{},
		number: map[ref.ProductID]int32{}, owned: map[string][]string{}, seen: newRecent(), returned: newRecent(),
	}
}

func memberKey(m ref.MemberID) string { return "m " + string(m) }

func sessionKey(s string) string { return "s " + s }

// keyOf is whose history an event belongs to.
func keyOf(v recommend.Visitor) string {
	if v.Member != "" {
		return memberKey(v.Member)
	}
	return sessionKey(v.Session)
}

// item numbers a product.
func (p *past) item(id ref.ProductID) int32 {
	n, known := p.number[id]
	if !known {
		n = int32(len(p.Names))
		p.number[id] = n
		p.Names = append(p.Names, id)
		p.Touched = append(p.Touched, 0)
		p.whoHas, p.baskets = append(p.whoHas, nil), append(p.baskets, nil)
	}
	return n
}

// deed is what an event adds to the hot lists: an item and a weight, less than
// nothing for what it takes back, at the time at which it was given.
type deed struct {
	item   int32
	weight float64
	at     int64
}

// record adds an event; false where it says nothing new.
func (p *past) record(e recommend.Event, at int64) (deed, bool) {
	if p.isGone(e.Visitor, at) || !p.seen.add(e.ID) {
		return deed{}, false
	}
	if e.Visitor.Member != "" && e.Visitor.Session != "" {
		p.join(e.Visitor)
	}
	item := p.item(e.Product)
	p.Touched[item]++
	p.events++
	if e.Kind == recommend.Refund {
		return p.refund(keyOf(e.Visitor), e.Basket, item), true
	}
	d, t := deed{item, float64(weightOf(e.Kind)), at}, Trace{Item: item, At: at, Most: weightOf(e.Kind)}
	switch e.Kind {
	case recommend.Purchase:
		switch {
		case e.Basket == "" || p.fill(keyOf(e.Visitor), e.Basket, item, at):
			t.Bought, t.Orders = at, 1
		case p.returned.has(returnKey(e.Basket, e.Product)): // told before the purchase
			d.weight, t.Most = 0, weightOf(recommend.View)
		default: // the basket has it
			d.weight = 0
		}
	case recommend.Hide:
		t.Hidden = true
	case recommend.View, recommend.CartAdd, recommend.Refund: // their weight is all they say
	}
	p.put(keyOf(e.Visitor), t)
	return d, true
}

// add makes one trace of two of the same item.
func (t Trace) add(o Trace) Trace {
	return Trace{
		Item: t.Item, At: max(t.At, o.At), Bought: max(t.Bought, o.Bought), Orders: t.Orders + o.Orders,
		Most: max(t.Most, o.Most), Hidden: t.Hidden || o.Hidden,
	}
}

// mostKept is how many further products of a visitor are known that were bought
// or hidden, and how many items of a basket.
const mostKept = 5000

// put adds a trace by its time. The oldest beyond the cap says nothing of the
// visitor's taste any more; what was bought or hidden stays known.
func (p *past) put(key string, t Trace) {
	list := p.Visitors[key]
	if i := indexOf(list, t.Item); i >= 0 {
		t = t.add(list[i])
		list = slices.Delete(list, i, i+1)
	} else if i := indexOf(p.Kept[key], t.Item); i >= 0 {
		t = t.add(p.Kept[key][i])
		p.Kept[key] = slices.Delete(p.Kept[key], i, i+1)
	}
	i, _ := slices.BinarySearchFunc(list, t, func(a, b Trace) int {
		return cmp.Or(cmp.Compare(a.At, b.At), -1) // behind those of the same time
	})
	list = slices.Insert(list, i, t)
	join(p.whoHas, t.Item, key)
	if len(list) > cf.UserCap {
		delete(p.whoHas[list[0].Item], key)
		p.keep(key, list[0])
		list = slices.Delete(list, 0, 1)
	}
	p.Visitors[key] = list
}

// keep notes what may not be recommended; of too much, what came first goes.
func (p *past) keep(key string, t Trace) {
	if !t.Hidden && t.Bought == 0 {
		return
	}
	kept := append(p.Kept[key], t)
	p.Kept[key] = slices.Delete(kept, 0, max(0, len(kept)-mostKept))
}

// indexOf finds the trace of an item, -1 where there is none.
func indexOf(list []Trace, item int32) int {
	return slices.IndexFunc(list, func(t Trace) bool { return t.Item == item })
}

// traceOf is what somebody had to do with an item, nil where that is not known.
func (p *past) traceOf(key string, item int32) *Trace {
	for _, list := range [][]Trace{p.Visitors[key], p.Kept[key]} {
		if i := indexOf(list, item); i >= 0 {
			return &list[i]
		}
	}
	return nil
}

// fill puts an item into a basket, as long as it has room; false where it lay
// there, or came back before it was told of.
func (p *past) fill(owner, id string, item int32, at int64) bool {
	if p.returned.has(returnKey(id, p.Names[item])) {
		return false
	}
	b := p.Baskets[id]
	if b == nil {
		b = &Basket{Owner: owner}
		p.Baskets[id] = b
		p.owned[owner] = append(p.owned[owner], id)
	}
	b.At = max(b.At, at)
	if slices.Contains(b.Items, item) {
		return false
	}
	if len(b.Items) >= mostKept {
		return true
	}
	b.Items = append(b.Items, item)
	join(p.baskets, item, id)
	return true
}

// join adds a name to the set of an item, which most items have none of.
func join(sets []map[string]struct{}, item int32, name string) {
	if sets[item] == nil {
		sets[item] = map[string]struct{}{}
	}
	sets[item][name] = struct{}{}
}

// returnKey names what came back of a basket.
func returnKey(basket string, id ref.ProductID) string { return basket + "\x00" + string(id) }

// refund takes back one purchase: that of the basket, whoever owns it by now,
// or the newest one. One that is not known of yet says nothing when it comes.
func (p *past) refund(key, id string, item int32) deed {
	at := int64(0)
	if id != "" {
		p.returned.add(returnKey(id, p.Names[item]))
		b := p.Baskets[id]
		if b == nil || !slices.Contains(b.Items, item) {
			return deed{item: item}
		}
		key, at = b.Owner, b.At
		b.Items = slices.DeleteFunc(b.Items, func(i int32) bool { return i == item })
		delete(p.baskets[item], id)
		if len(b.Items) == 0 {
			p.dropBasket(id)
		}
	}
	if t := p.traceOf(key, item); t != nil && t.Orders > 0 {
		at = cmp.Or(at, t.Bought)
		if t.Orders--; t.Orders == 0 {
			t.Bought, t.Most = 0, min(t.Most, weightOf(recommend.View))
		} else if newest := p.lastOf(key, item); newest > 0 {
			t.Bought = newest
		}
	}
	if at == 0 {
		return deed{item: item}
	}
	return deed{item, -float64(weightOf(recommend.Purchase)), at}
}

// lastOf returns when somebody's newest basket with an item was bought, 0 where
// there is none.
func (p *past) lastOf(owner string, item int32) int64 {
	at := int64(0)
	for _, id := range p.owned[owner] {
		if b := p.Baskets[id]; slices.Contains(b.Items, item) {
			at = max(at, b.At)
		}
	}
	return at
}

// weight is what a trace says at a time.
func (t Trace) weight(now int64, halfLife time.Duration) float32 {
	if t.Most <= 0 || t.Hidden {
		return 0
	}
	return t.Most * decay(now-t.At, halfLife)
}

// index computes what is not saved.
func (p *past) index() {
	p.number = make(map[ref.ProductID]int32, len(p.Names))
	p.whoHas, p.baskets = make([]map[string]struct{}, len(p.Names)), make([]map[string]struct{}, len(p.Names))
	p.owned = map[string][]string{}
	for n, id := range p.Names {
		p.number[id] = int32(n)
	}
	for key, list := range p.Visitors {
		for _, t := range list {
			join(p.whoHas, t.Item, key)
		}
	}
	for id, b := range p.Baskets {
		p.owned[b.Owner] = append(p.owned[b.Owner], id)
		for _, item := range b.Items {
			join(p.baskets, item, id)
		}
	}
}

// recent remembers the last texts that it was given.
type recent struct {
	ids  map[string]struct{}
	ring []string
	next int
}

// remembered is how many ids of events are known, and how many refunds.
const remembered = 100_000

func newRecent() recent { return recent{ids: map[string]struct{}{}} }

func (r *recent) has(id string) bool {
	_, known := r.ids[id]
	return known
}

// add reports whether id is new.
func (r *recent) add(id string) bool {
	if r.has(id) {
		return false
	}
	r.ids[id] = struct{}{}
	if len(r.ring) < remembered {
		r.ring = append(r.ring, id)
		return true
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % remembered
	return true
}

// list returns the ids, the oldest first.
func (r *recent) list() []string {
	return append(append([]string(nil), r.ring[r.next:]...), r.ring[:r.next]...)
}
