package cf

import (
	"cmp"
	"math"
	"slices"

	"github.com/soukhq/souk/commerce/fault"
)

// Interaction says that a user had to do with an item. Users and items are
// numbered from 0.
type Interaction struct {
	User, Item int32
	// Weight is how much it says, such as 1 for a view and 5 for a purchase.
	Weight float32
	// At orders the interactions; its unit is the caller's.
	At int64
}

// Matrix holds the interactions of users with items, by user and by item. It
// is never changed once built, and safe for concurrent use.
type Matrix struct {
	users, items int
	byUser       lists   // oldest first
	byItem       lists   // oldest first
	place        []int32 // of byItem's entries in byUser's lists
	last         []int64
}

// lists are many lists in three slices: list n is from[n] to from[n+1].
type lists struct {
	from   []int32
	ids    []int32
	weight []float32 // nil: every weight is 1
}

func (l *lists) at(n int32) ([]int32, []float32) {
	a, b := l.from[n], l.from[n+1]
	if l.weight == nil {
		return l.ids[a:b], nil
	}
	return l.ids[a:b], l.weight[a:b]
}

func (l *lists) size(n int32) int { return int(l.from[n+1] - l.from[n]) }

// MaxInteractions is the most that a matrix holds.
const MaxInteractions = math.MaxInt32

// NewMatrix builds a matrix. Interactions of one user with one item become
// one, with their weights added and the newest time. Those of the same time
// are put into an arbitrary order that is always the same, so that the order
// of the argument does not matter. The argument is sorted in place. Invalid
// where a number is out of range or a weight is not positive and finite.
func NewMatrix(users, items int, in []Interaction) (*Matrix, error) {
	var v fault.Violations
	if users < 0 || users >= math.MaxInt32 {
		v.Add("users", "out_of_range", nil)
	}
	if items < 0 || items >= math.MaxInt32 {
		v.Add("items", "out_of_range", nil)
	}
	if len(in) > MaxInteractions {
		v.Add("interactions", "too_many", fault.Params{"max": MaxInteractions})
	}
	for i, x := range in {
		bad := x.User < 0 || int(x.User) >= users || x.Item < 0 || int(x.Item) >= items
		if bad || !(x.Weight > 0) || math.IsInf(float64(x.Weight), 0) {
			v.Add("interactions", "out_of_range", fault.Params{"index": i})
			break
		}
	}
	if err := v.Err("cf.matrix", "the interactions make no matrix"); err != nil {
		return nil, err
	}
	in = merge(in)
	m := &Matrix{users: users, items: items, last: make([]int64, users)}
	for i := range m.last {
		m.last[i] = math.MinInt64
	}
	slices.SortFunc(in, func(a, b Interaction) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(shuffle(a), shuffle(b)),
			cmp.Compare(a.User, b.User), cmp.Compare(a.Item, b.Item))
	})
	for _, x := range in {
		m.last[x.User] = max(m.last[x.User], x.At)
	}
	m.arrange(in)
	return m, nil
}

// arrange lists interactions, oldest first, by both of their numbers.
func (m *Matrix) arrange(in []Interaction) {
	m.byUser = group(m.users, in, func(x Interaction) (int32, int32) { return x.User, x.Item })
	m.byItem = group(m.items, in, func(x Interaction) (int32, int32) { return x.Item, x.User })
	m.place = make([]int32, len(in))
	ofItem, ofUser := slices.Clone(m.byItem.from), make([]int32, m.users)
	for _, x := range in {
		m.place[ofItem[x.Item]] = ofUser[x.User]
		ofItem[x.Item]++
		ofUser[x.User]++
	}
}

// shuffle is what interactions of the same time are sorted by: anything but
// their numbers, which often follow the time, too.
func shuffle(x Interaction) uint64 {
	h := uint64(uint32(x.User))<<32 | uint64(uint32(x.Item))
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// merge makes one of all interactions of a user with an item.
func merge(in []Interaction) []Interaction {
	slices.SortFunc(in, func(a, b Interaction) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Item, b.Item),
			cmp.Compare(a.At, b.At), cmp.Compare(a.Weight, b.Weight))
	})
	n := 0
	for i, x := range in {
		if i > 0 && x.User == in[n-1].User && x.Item == in[n-1].Item {
			in[n-1].Weight += x.Weight
			in[n-1].At = x.At
			continue
		}
		in[n] = x
		n++
	}
	return in[:n]
}

// group lists interactions by one of their two numbers, in their order.
func group(n int, in []Interaction, key func(Interaction) (of, id int32)) lists {
	l := lists{from: make([]int32, n+1), ids: make([]int32, len(in))}
	plain := true
	for _, x := range in {
		of, _ := key(x)
		l.from[of+1]++
		plain = plain && x.Weight == 1
	}
	for i := range n {
		l.from[i+1] += l.from[i]
	}
	if !plain {
		l.weight = make([]float32, len(in))
	}
	next := slices.Clone(l.from)
	for _, x := range in {
		of, id := key(x)
		l.ids[next[of]] = id
		if !plain {
			l.weight[next[of]] = x.Weight
		}
		next[of]++
	}
	return l
}

// Users returns the number of users.
func (m *Matrix) Users() int { return m.users }

// Items returns the number of items.
func (m *Matrix) Items() int { return m.items }

// Interactions returns the number of different pairs.
func (m *Matrix) Interactions() int { return len(m.byUser.ids) }

// Profile returns what a user had to do with, newest first.
func (m *Matrix) Profile(user int32) Profile {
	if user < 0 || int(user) >= m.users {
		return nil
	}
	ids, weights := m.byUser.at(user)
	p := make(Profile, len(ids))
	for i, item := range ids {
		e := Entry{Item: item, Weight: 1}
		if weights != nil {
			e.Weight = weights[i]
		}
		p[len(ids)-1-i] = e
	}
	return p
}

// Entry is an item of a profile or of an answer.
type Entry struct {
	Item   int32
	Weight float32
}

// Profile is what is known of a shopper, newest first. An item stands in it
// once.
type Profile []Entry

// Has reports whether an item stands in the profile.
func (p Profile) Has(item int32) bool {
	for _, e := range p {
		if e.Item == item {
			return true
		}
	}
	return false
}

// Degrees returns, of each item, the sum of the squared weights of its users:
// see [Part].
func (m *Matrix) Degrees() []float32 {
	all := make([]float32, m.items)
	for i := range all {
		all[i] = float32(m.degree(int32(i)))
	}
	return all
}
