package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/tidwall/btree"

	"github.com/soukhq/souk/commerce/fault"
)

// spec says how a table treats its rows.
type spec[K comparable, V any] struct {
	// name is the trade word that codes start with: "order" -> "order.stale".
	name string
	key  func(*V) K
	// clone returns a copy that shares nothing mutable with its argument.
	clone func(V) V
	// version points at the row's version; nil for a table without one.
	version func(*V) *int64
	// unique maps an index name to a row's value in it; "" is not indexed.
	unique map[string]func(*V) string
	// ordered maps an index name to a row's sort key, which must end with
	// the row's id to be unique; "" is not indexed. Build keys with sortKey.
	ordered map[string]func(*V) string
}

// table is a versioned set of rows with unique and ordered indexes.
type table[K cmp.Ordered, V any] struct {
	db      *DB
	spec    spec[K, V]
	rows    map[K]V
	unique  map[string]map[string]K
	ordered map[string]*btree.Map[string, K]
}

func newTable[K cmp.Ordered, V any](db *DB, s spec[K, V]) *table[K, V] {
	t := &table[K, V]{
		db: db, spec: s, rows: map[K]V{},
		unique: map[string]map[string]K{}, ordered: map[string]*btree.Map[string, K]{},
	}
	for name := range s.unique {
		t.unique[name] = map[string]K{}
	}
	for name := range s.ordered {
		t.ordered[name] = &btree.Map[string, K]{}
	}
	return t
}

// tableOverlay is what one unit changed: nil marks a deleted row. Rows are
// replaced, never changed in place.
type tableOverlay[K cmp.Ordered, V any] struct {
	table  *table[K, V]
	rows   map[K]*V
	unique map[string]map[string]K // values taken by the unit's own rows
}

func (t *table[K, V]) overlay(u *unit) *tableOverlay[K, V] {
	if o, ok := u.overlays[t.spec.name].(*tableOverlay[K, V]); ok {
		return o
	}
	o := &tableOverlay[K, V]{table: t, rows: map[K]*V{}, unique: map[string]map[string]K{}}
	for name := range t.spec.unique {
		o.unique[name] = map[string]K{}
	}
	u.overlays[t.spec.name] = o
	u.order = append(u.order, o)
	return o
}

// own returns the unit's overlay, nil where it wrote nothing here.
func (t *table[K, V]) own(u *unit) *tableOverlay[K, V] {
	if u == nil {
		return nil
	}
	o, _ := u.overlays[t.spec.name].(*tableOverlay[K, V])
	return o
}

// apply makes the unit's rows the committed ones; db.mu is held.
func (o *tableOverlay[K, V]) apply() {
	t := o.table
	for k := range o.rows {
		if old, ok := t.rows[k]; ok {
			t.unindex(k, &old)
		}
	}
	for k, v := range o.rows {
		if v == nil {
			delete(t.rows, k)
			continue
		}
		t.rows[k] = *v
		for name, of := range t.spec.unique {
			if value := of(v); value != "" {
				t.unique[name][value] = k
			}
		}
		for name, of := range t.spec.ordered {
			if key := of(v); key != "" {
				t.ordered[name].Set(key, k)
			}
		}
	}
}

func (t *table[K, V]) unindex(k K, v *V) {
	for name, of := range t.spec.unique {
		if value := of(v); value != "" && t.unique[name][value] == k {
			delete(t.unique[name], value)
		}
	}
	for name, of := range t.spec.ordered {
		if key := of(v); key != "" {
			t.ordered[name].Delete(key)
		}
	}
}

// peek returns the row as u sees it, not copied; db.mu is held.
func (t *table[K, V]) peek(o *tableOverlay[K, V], k K) (*V, bool) {
	if o != nil {
		if v, ok := o.rows[k]; ok {
			return v, v != nil
		}
	}
	v, ok := t.rows[k]
	return &v, ok
}

func (t *table[K, V]) readable(ctx context.Context) (*tableOverlay[K, V], error) {
	if err := ctxFault(ctx); err != nil {
		return nil, err
	}
	u := t.db.unit(ctx)
	if u == nil {
		return nil, nil //nolint:nilnil // no overlay outside a unit
	}
	return t.own(u), u.usable()
}

// get returns a copy of a row. NotFound.
func (t *table[K, V]) get(ctx context.Context, k K) (V, error) {
	var zero V
	o, err := t.readable(ctx)
	if err != nil {
		return zero, err
	}
	taken := t.db.rlock(ctx)
	v, ok := t.peek(o, k)
	t.db.runlock(taken)
	if !ok {
		return zero, t.missing(k)
	}
	return t.spec.clone(*v), nil
}

// getMany returns copies of the rows that exist, in the order of keys.
func (t *table[K, V]) getMany(ctx context.Context, keys []K) ([]V, error) {
	o, err := t.readable(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]V, 0, len(keys))
	defer t.db.runlock(t.db.rlock(ctx))
	for _, k := range keys {
		if v, ok := t.peek(o, k); ok {
			out = append(out, t.spec.clone(*v))
		}
	}
	return out, nil
}

// find returns a copy of the row with a value in a unique index. NotFound.
func (t *table[K, V]) find(ctx context.Context, index, value string) (V, error) {
	var zero V
	o, err := t.readable(ctx)
	if err != nil {
		return zero, err
	}
	taken := t.db.rlock(ctx)
	k, ok := t.lookup(o, index, value)
	var v *V
	if ok {
		v, ok = t.peek(o, k)
	}
	t.db.runlock(taken)
	if !ok {
		return zero, t.missing(value)
	}
	return t.spec.clone(*v), nil
}

// lookup finds the key that holds a unique value as the unit sees it; db.mu
// is held.
func (t *table[K, V]) lookup(o *tableOverlay[K, V], index, value string) (K, bool) {
	if o != nil {
		if k, ok := o.unique[index][value]; ok {
			return k, true
		}
	}
	k, ok := t.unique[index][value]
	if ok && o != nil {
		if _, mine := o.rows[k]; mine { // changed or deleted by the unit
			var zero K
			return zero, false
		}
	}
	return k, ok
}

// insert stores a copy of a new row and sets its version to 1.
// AlreadyExists, which leaves the unit usable.
func (t *table[K, V]) insert(ctx context.Context, v *V) error {
	return t.db.write(ctx, func(ctx context.Context, u *unit) error {
		if err := t.insertIn(ctx, u, v); err != nil {
			return err
		}
		if t.spec.version != nil {
			*t.spec.version(v) = 1
		}
		return nil
	})
}

func (t *table[K, V]) insertIn(ctx context.Context, u *unit, v *V) error {
	k := t.spec.key(v)
	row := t.spec.clone(*v)
	if t.spec.version != nil {
		*t.spec.version(&row) = 1
	}
	if err := u.lock(ctx, lockKey{t.spec.name, k}); err != nil {
		return err
	}
	if t.exists(u, k) {
		return t.exist("id")
	}
	return t.put(ctx, u, k, &row)
}

// update stores a copy of v if the stored version is v's, and counts v's
// version up. Conflict, NotFound.
func (t *table[K, V]) update(ctx context.Context, v *V) error {
	return t.db.write(ctx, func(ctx context.Context, u *unit) error {
		next := t.spec.clone(*v)
		err := t.mutateIn(ctx, u, t.spec.key(v), func(cur *V) error {
			if *t.spec.version(cur) != *t.spec.version(v) {
				return fault.New(fault.Conflict, t.spec.name+".stale", "the object changed meanwhile")
			}
			*t.spec.version(&next) = *t.spec.version(cur) + 1
			*cur = next
			return nil
		})
		if err == nil {
			*t.spec.version(v) = *t.spec.version(&next)
		}
		return err
	})
}

// mutate locks a row and replaces it by what fn makes of the newest one: a
// conditional update. NotFound, and whatever fn returns. fn must not keep
// its argument.
func (t *table[K, V]) mutate(ctx context.Context, k K, fn func(*V) error) error {
	return t.db.write(ctx, func(ctx context.Context, u *unit) error { return t.mutateIn(ctx, u, k, fn) })
}

func (t *table[K, V]) mutateIn(ctx context.Context, u *unit, k K, fn func(*V) error) error {
	if err := u.lock(ctx, lockKey{t.spec.name, k}); err != nil {
		return err
	}
	t.db.mu.RLock()
	cur, ok := t.peek(t.own(u), k)
	t.db.mu.RUnlock()
	if !ok {
		return t.missing(k)
	}
	row := t.spec.clone(*cur)
	if err := fn(&row); err != nil {
		return err
	}
	return t.put(ctx, u, k, &row)
}

// upsert replaces or inserts a row by what fn makes of the newest one; exists
// is false for a zero row.
func (t *table[K, V]) upsert(ctx context.Context, k K, fn func(row *V, exists bool) error) error {
	return t.db.write(ctx, func(ctx context.Context, u *unit) error {
		if err := u.lock(ctx, lockKey{t.spec.name, k}); err != nil {
			return err
		}
		t.db.mu.RLock()
		cur, ok := t.peek(t.own(u), k)
		t.db.mu.RUnlock()
		var row V
		if ok {
			row = t.spec.clone(*cur)
		}
		if err := fn(&row, ok); err != nil {
			return err
		}
		return t.put(ctx, u, k, &row)
	})
}

// remove deletes a row and reports whether it was there.
func (t *table[K, V]) remove(ctx context.Context, k K) (bool, error) {
	var was bool
	err := t.db.write(ctx, func(ctx context.Context, u *unit) error {
		if err := u.lock(ctx, lockKey{t.spec.name, k}); err != nil {
			return err
		}
		if was = t.exists(u, k); was {
			o := t.overlay(u)
			o.vacate(k)
			o.rows[k] = nil
		}
		return nil
	})
	return was, err
}

func (t *table[K, V]) exists(u *unit, k K) bool {
	t.db.mu.RLock()
	defer t.db.mu.RUnlock()
	_, ok := t.peek(t.own(u), k)
	return ok
}

// put writes a row to the unit's overlay after it took the row's unique
// values; the row lock is held. AlreadyExists where another row has one.
func (t *table[K, V]) put(ctx context.Context, u *unit, k K, row *V) error {
	names := make([]string, 0, len(t.spec.unique))
	for name, of := range t.spec.unique {
		if of(row) != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		value := t.spec.unique[name](row)
		if err := u.lock(ctx, lockKey{t.spec.name + "/" + name, value}); err != nil {
			return err
		}
		t.db.mu.RLock()
		holder, taken := t.lookup(t.own(u), name, value)
		t.db.mu.RUnlock()
		if taken && holder != k {
			return t.exist(name)
		}
	}
	o := t.overlay(u)
	o.vacate(k)
	o.rows[k] = row
	for _, name := range names {
		o.unique[name][t.spec.unique[name](row)] = k
	}
	return nil
}

// vacate frees the unique values of the unit's own earlier row.
func (o *tableOverlay[K, V]) vacate(k K) {
	v := o.rows[k]
	if v == nil {
		return
	}
	for name, of := range o.table.spec.unique {
		if value := of(v); value != "" && o.unique[name][value] == k {
			delete(o.unique[name], value)
		}
	}
}

func (t *table[K, V]) missing(key any) error {
	return fault.New(fault.NotFound, t.spec.name+".not_found", "no such object").With("id", key)
}

func (t *table[K, V]) exist(index string) error {
	return fault.New(fault.AlreadyExists, t.spec.name+".exists", "an object with this value exists").With("by", index)
}
