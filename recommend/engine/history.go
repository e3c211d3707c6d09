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
	Bought int64 // the newest purchase, 0 none
	Most   float32
	Hidden bool
}

// past is what visitors did. The engine's lock guards it.
type past struct {
	Names    []ref.ProductID
	Visitors map[string][]Trace // by key, oldest first
	Baskets  map[string]*Basket
	Touched  []int32 // events of each item

	number  map[ref.ProductID]int32
	whoHas  []map[string]struct{} // by item
	baskets []map[string]struct{} // by item
	seen    recent
	events  int // since the last fit
}

// Basket is what was bought at once.
type Basket struct {
	Owner string
	At    int64
	Items []int32
}

func newPast() *past {
	return &past{Visitors: map[string][]Trace{}, Baskets: map[string]*Basket{}, number: map[ref.ProductID]int32{}, seen: newRecent()}
}

func memberKey(m ref.MemberID) string { return "m " + string(m) }

// keyOf is whose history an event belongs to.
func keyOf(v recommend.Visitor) string {
	if v.Member != "" {
		return memberKey(v.Member)
	}
	return "s " + v.Session
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

// record adds an event and returns its item; false where it says nothing new.
func (p *past) record(e recommend.Event, at int64) (int32, bool) {
	if !p.seen.add(e.ID) {
		return 0, false
	}
	key, item := keyOf(e.Visitor), p.item(e.Product)
	list := p.Visitors[key]
	t := Trace{Item: item, At: at}
	if i := slices.IndexFunc(list, func(t Trace) bool { return t.Item == item }); i >= 0 {
		t = list[i]
		t.At = max(t.At, at)
		list = slices.Delete(list, i, i+1)
	}
	switch e.Kind {
	case recommend.Purchase:
		t.Bought = max(t.Bought, at)
	case recommend.Refund:
		t.Bought, t.Most = 0, min(t.Most, weightOf(recommend.View))
		p.refund(key, e.Basket, item)
	case recommend.Hide:
		t.Hidden = true
	case recommend.View, recommend.CartAdd: // their weight is all they say
	}
	t.Most = max(t.Most, weightOf(e.Kind))
	p.Touched[item]++
	p.put(key, list, t)
	if e.Kind == recommend.Purchase && e.Basket != "" {
		p.fill(key, e.Basket, item, at)
	}
	p.events++
	return item, true
}

// put inserts a trace by its time and drops the oldest beyond the cap.
func (p *past) put(key string, list []Trace, t Trace) {
	i, _ := slices.BinarySearchFunc(list, t, func(a, b Trace) int {
		return cmp.Or(cmp.Compare(a.At, b.At), -1) // behind those of the same time
	})
	list = slices.Insert(list, i, t)
	join(p.whoHas, t.Item, key)
	if len(list) > cf.UserCap {
		delete(p.whoHas[list[0].Item], key)
		list = slices.Delete(list, 0, 1)
	}
	p.Visitors[key] = list
}

func (p *past) fill(owner, id string, item int32, at int64) {
	b := p.Baskets[id]
	if b == nil {
		b = &Basket{Owner: owner}
		p.Baskets[id] = b
	}
	b.At = max(b.At, at)
	if !slices.Contains(b.Items, item) && len(b.Items) < cf.UserCap {
		b.Items = append(b.Items, item)
		join(p.baskets, item, id)
	}
}

// join adds a name to the set of an item, which most items have none of.
func join(sets []map[string]struct{}, item int32, name string) {
	if sets[item] == nil {
		sets[item] = map[string]struct{}{}
	}
	sets[item][name] = struct{}{}
}

// refund takes an item out of the basket it was bought in.
func (p *past) refund(owner, id string, item int32) {
	b := p.Baskets[id]
	if b == nil || b.Owner != owner {
		return
	}
	b.Items = slices.DeleteFunc(b.Items, func(i int32) bool { return i == item })
	delete(p.baskets[item], id)
	if len(b.Items) == 0 {
		delete(p.Baskets, id)
	}
}

// forget drops a visitor.
func (p *past) forget(key string) []int32 {
	var items []int32
	for _, t := range p.Visitors[key] {
		items = append(items, t.Item)
		delete(p.whoHas[t.Item], key)
	}
	delete(p.Visitors, key)
	for id, b := range p.Baskets {
		if b.Owner == key {
			for _, item := range b.Items {
				delete(p.baskets[item], id)
			}
			delete(p.Baskets, id)
		}
	}
	return items
}

// expire drops sessions that were silent for long.
func (p *past) expire(before int64) {
	for key, list := range p.Visitors {
		if key[0] == 's' && list[len(list)-1].At < before {
			p.forget(key)
		}
	}
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
	for n, id := range p.Names {
		p.number[id] = int32(n)
	}
	for key, list := range p.Visitors {
		for _, t := range list {
			join(p.whoHas, t.Item, key)
		}
	}
	for id, b := range p.Baskets {
		for _, item := range b.Items {
			join(p.baskets, item, id)
		}
	}
}

// recent remembers the ids of the last events.
type recent struct {
	ids  map[string]struct{}
	ring []string
	next int
}

// remembered is how many event ids are known.
const remembered = 100_000

func newRecent() recent { return recent{ids: map[string]struct{}{}} }

// add reports whether id is new.
func (r *recent) add(id string) bool {
	if _, known := r.ids[id]; known {
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
