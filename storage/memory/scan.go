package memory

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/btree"

	"github.com/soukhq/souk/commerce/page"
)

// sortKey joins parts into a string that sorts as the parts do, one after the
// other: times and int64 by value, strings by bytes (as COLLATE "C" does).
func sortKey(parts ...any) string {
	var b strings.Builder
	for _, p := range parts {
		switch p := p.(type) {
		case time.Time:
			writeInt(&b, p.UnixMicro())
		case int64:
			writeInt(&b, p)
		case string:
			// 0x00 ends a part; inside one it is escaped, so that "a" < "a\x00".
			b.WriteString(strings.ReplaceAll(p, "\x00", "\x00\x01"))
			b.WriteString("\x00\x00")
		default:
			panic("memory: sort key of an unknown type") // a defect of a store here
		}
	}
	return b.String()
}

func writeInt(b *strings.Builder, n int64) {
	var raw [8]byte
	binary.BigEndian.PutUint64(raw[:], uint64(n)^1<<63) //nolint:gosec // order-preserving
	b.Write(raw[:])
}

// scan walks an ordered index within a prefix of sort keys.
type scan[V any] struct {
	index  string
	prefix string // sortKey of the leading parts; "" walks all
	after  string // sort key of the last row seen; "" starts at the edge
	desc   bool
	match  func(*V) bool // nil takes all
	limit  int           // 0 is none
}

// scan returns copies of the rows that match, in the order of the index, as
// the unit sees them.
func (t *table[K, V]) scan(ctx context.Context, s scan[V]) ([]V, error) {
	o, err := t.readable(ctx)
	if err != nil {
		return nil, err
	}
	defer t.db.runlock(t.db.rlock(ctx))
	var out []V
	take := func(v *V) bool {
		if s.match == nil || s.match(v) {
			out = append(out, t.spec.clone(*v))
		}
		return s.limit == 0 || len(out) < s.limit
	}
	mine := t.ownEntries(o, s)
	walk(t.ordered[s.index], s.prefix, s.after, s.desc, func(key string, k K) bool {
		for len(mine) > 0 && before(mine[0].key, key, s.desc) {
			if !take(mine[0].row) {
				return false
			}
			mine = mine[1:]
		}
		if o != nil {
			if _, changed := o.rows[k]; changed {
				return true
			}
		}
		v := t.rows[k]
		return take(&v)
	})
	for len(mine) > 0 && (s.limit == 0 || len(out) < s.limit) {
		take(mine[0].row)
		mine = mine[1:]
	}
	return out, nil
}

// page is scan for a List: it asks for one row more than the page holds and
// makes the next cursor of the last row shown.
func (t *table[K, V]) page(ctx context.Context, list string, p page.Request, s scan[V]) (page.Page[V], error) {
	size, err := p.Size()
	if err != nil {
		return page.Page[V]{}, err
	}
	key, err := page.Decode(list, p.After, 1)
	if err != nil {
		return page.Page[V]{}, err
	}
	if key != nil {
		s.after = key[0]
	}
	s.limit = size + 1
	rows, err := t.scan(ctx, s)
	if err != nil {
		return page.Page[V]{}, err
	}
	out := page.Page[V]{Items: rows}
	if len(rows) > size {
		out.Items = rows[:size]
		out.Next = page.Encode(list, t.spec.ordered[s.index](&rows[size-1]))
	}
	return out, nil
}

type entry[V any] struct {
	key string
	row *V
}

func (t *table[K, V]) ownEntries(o *tableOverlay[K, V], s scan[V]) []entry[V] {
	if o == nil {
		return nil
	}
	var mine []entry[V]
	for _, v := range o.rows {
		if v == nil {
			continue
		}
		key := t.spec.ordered[s.index](v)
		if key == "" || !strings.HasPrefix(key, s.prefix) {
			continue
		}
		if s.after == "" || before(s.after, key, s.desc) {
			mine = append(mine, entry[V]{key, v})
		}
	}
	slices.SortFunc(mine, func(a, b entry[V]) int {
		if s.desc {
			a, b = b, a
		}
		return cmp.Compare(a.key, b.key)
	})
	return mine
}

func before(a, b string, desc bool) bool {
	if desc {
		return a > b
	}
	return a < b
}

// walk visits the entries of a prefix behind a key, in order, until fn says no.
func walk[K any](m *btree.Map[string, K], prefix, after string, desc bool, fn func(string, K) bool) {
	visit := func(key string, k K) bool {
		if key == after {
			return true
		}
		if !strings.HasPrefix(key, prefix) {
			// Descending starts behind the prefix; whatever is beyond it ends.
			return desc && key > prefix
		}
		return fn(key, k)
	}
	switch {
	case !desc:
		m.Ascend(max(prefix, after), visit)
	case after != "":
		m.Descend(after, visit)
	default:
		m.Descend(prefix+"\xff\xff\xff\xff\xff\xff\xff\xff\xff", visit)
	}
}
