package engine

import (
	"cmp"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"github.com/soukhq/souk/recommend"
)

// linked is how many sessions of a member are known.
const linked = 16

// join takes over what a session did before its member signed in.
func (p *past) join(v recommend.Visitor) {
	member, session := memberKey(v.Member), sessionKey(v.Session)
	if known := p.Sessions[member]; !slices.Contains(known, session) {
		p.Sessions[member] = append(slices.Clone(known[max(0, len(known)-linked+1):]), session)
	}
	if p.Visitors[session] == nil && p.owned[session] == nil {
		return
	}
	list := slices.Concat(p.Kept[session], p.Visitors[session])
	p.drop(session)
	for _, t := range list {
		p.put(member, t)
	}
	for _, id := range p.owned[session] {
		p.Baskets[id].Owner = member
	}
	p.owned[member] = append(p.owned[member], p.owned[session]...)
	delete(p.owned, session)
}

// forgetMember drops a member with the sessions that are known to be theirs, for
// good, and returns what they had to do with.
func (p *past) forgetMember(key string, now int64) []int32 {
	var items []int32
	for _, k := range append([]string{key}, p.Sessions[key]...) {
		items = append(items, p.forget(k)...)
		p.Gone[hashOf(k)] = now
	}
	delete(p.Sessions, key)
	return items
}

// isGone reports whether somebody was forgotten: a member for good, a session
// with what it did until then.
func (p *past) isGone(v recommend.Visitor, at int64) bool {
	since, gone := p.Gone[hashOf(keyOf(v))]
	return gone && (v.Member != "" || at <= since)
}

// hashOf stands for a key that must not be kept.
func hashOf(key string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(key)) // a hash never fails
	return h.Sum64()
}

// forget drops a history with its baskets.
func (p *past) forget(key string) []int32 {
	var items []int32
	for _, t := range slices.Concat(p.Visitors[key], p.Kept[key]) {
		items = append(items, t.Item)
	}
	p.drop(key)
	for _, id := range slices.Clone(p.owned[key]) {
		p.dropBasket(id)
	}
	return items
}

// drop drops a history. What was bought at once stays known.
func (p *past) drop(key string) {
	for _, t := range p.Visitors[key] {
		delete(p.whoHas[t.Item], key)
	}
	delete(p.Visitors, key)
	delete(p.Kept, key)
}

func (p *past) dropBasket(id string) {
	b := p.Baskets[id]
	for _, item := range b.Items {
		delete(p.baskets[item], id)
	}
	delete(p.Baskets, id)
	mine := slices.DeleteFunc(p.owned[b.Owner], func(other string) bool { return other == id })
	if p.owned[b.Owner] = mine; len(mine) == 0 {
		delete(p.owned, b.Owner)
	}
}

// aged is a name with the time by which it goes.
type aged struct {
	name string
	at   int64
}

// oldest returns those that are older than before, and of the others the oldest
// beyond the most that may be there.
func oldest(all []aged, before int64, most int) []aged {
	var old, young []aged
	for _, x := range all {
		if x.at < before {
			old = append(old, x)
		} else {
			young = append(young, x)
		}
	}
	if over := len(young) - most; over > 0 {
		slices.SortFunc(young, func(a, b aged) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.name, b.name)) })
		old = append(old, young[:over]...)
	}
	return old
}

// expire drops what is too old or too much, a little at a time: sessions that
// were silent for long and visitors beyond the bound, purchases that bar nothing
// any more, old baskets and those beyond their bound, and the marks of the forgotten of whom nothing can come any
// more.
func (e *Engine) expire(now int64) {
	ago := func(d time.Duration) int64 { return now - int64(d/time.Second) }
	var sessions, known, baskets []aged
	var kept, lost []string
	var gone []uint64
	p, _ := e.past()
	walk(e, p.Visitors, func(key string, list []Trace) {
		x := aged{key, list[len(list)-1].At}
		if key[0] == 's' && x.at < ago(e.c.SessionLife) {
			sessions = append(sessions, x)
		} else {
			known = append(known, x)
		}
	})
	walk(e, p.Baskets, func(id string, b *Basket) { baskets = append(baskets, aged{id, b.At}) })
	walk(e, p.Kept, func(key string, _ []Trace) { kept = append(kept, key) })
	walk(e, p.Sessions, func(key string, _ []string) {
		if p.Visitors[key] == nil {
			lost = append(lost, key)
		}
	})
	walk(e, p.Gone, func(hash uint64, at int64) {
		if at < ago(max(e.c.BasketLife, e.c.SessionLife)) {
			gone = append(gone, hash)
		}
	})
	visitors := append(sessions, oldest(known, math.MinInt64, e.c.MaxVisitors)...)
	baskets = oldest(baskets, ago(e.c.BasketLife), e.c.MaxBaskets)
	e.inTurn(len(visitors), func(i int) {
		x := visitors[i]
		if list := p.Visitors[x.name]; len(list) > 0 && list[len(list)-1].At == x.at { // not come back meanwhile
			p.drop(x.name)
			delete(p.Sessions, x.name)
		}
	})
	e.inTurn(len(kept), func(i int) {
		key := kept[i]
		p.Kept[key] = slices.DeleteFunc(p.Kept[key], func(t Trace) bool { return !e.bars(t, now) })
		if len(p.Kept[key]) == 0 {
			delete(p.Kept, key)
		}
	})
	e.inTurn(len(baskets), func(i int) {
		if b := p.Baskets[baskets[i].name]; b != nil && b.At == baskets[i].at {
			p.dropBasket(baskets[i].name)
		}
	})
	e.inTurn(len(lost), func(i int) {
		if p.Visitors[lost[i]] == nil {
			delete(p.Sessions, lost[i])
		}
	})
	e.inTurn(len(gone), func(i int) { delete(p.Gone, gone[i]) })
}

// past returns what visitors did, for whoever takes the lock for each part of it,
// and how many items it knows by now.
func (e *Engine) past() (p *past, items int) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.mem.past, len(e.mem.past.Names)
}

// walk visits all of a map of the memory under the lock, which others get in
// between. What comes or goes meanwhile is visited or not.
func walk[K comparable, V any](e *Engine, all map[K]V, visit func(K, V)) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	n := 0
	for key, value := range all {
		visit(key, value)
		if n++; n%batch == 0 {
			e.mu.RUnlock()
			e.mu.RLock()
		}
	}
}

// inTurn does something n times under the lock, which others get in between.
func (e *Engine) inTurn(n int, do func(i int)) {
	for from := 0; from < n; from += batch {
		e.mu.Lock()
		for i := from; i < min(n, from+batch); i++ {
			do(i)
		}
		e.mu.Unlock()
	}
}
