package bunstore

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
)

// insertRow stores a new row. Trade is the word that the codes start with.
// AlreadyExists, which leaves the unit usable.
func insertRow(ctx context.Context, c conn, trade string, row any) error {
	n, err := insertNew(ctx, c, row)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.AlreadyExists, trade+".exists", "an object with this value exists")
	}
	return nil
}

// insertNew stores those of the rows that meet no other, in one statement, and
// returns how many they are. Rows is a pointer to a row or to a slice of them.
func insertNew(ctx context.Context, c conn, rows any) (int64, error) {
	if c.db.postgres {
		return c.insertRows(ctx, rows, " ON CONFLICT DO NOTHING")
	}
	return c.exec(ctx, c.insert(rows).On("CONFLICT DO NOTHING"))
}

// insertTree stores a row and, unless it meets another, those rows of other
// tables that belong to it and meet no other. It returns how many of each it
// stored: on PostgreSQL in one statement, on SQLite in one per table. Rest are
// slices.
func insertTree(ctx context.Context, c conn, root any, rest ...any) ([]int64, error) {
	if c.db.postgres {
		return c.insertTree(ctx, root, rest...)
	}
	stored := make([]int64, 1+len(rest))
	var err error
	if stored[0], err = insertNew(ctx, c, root); err != nil || stored[0] == 0 {
		return stored, err
	}
	for i, rows := range rest {
		v := reflect.ValueOf(rows)
		if v.Len() == 0 {
			continue
		}
		all := reflect.New(v.Type()) // bun wants a pointer
		all.Elem().Set(v)
		if stored[i+1], err = insertNew(ctx, c, all.Interface()); err != nil {
			return stored, err
		}
	}
	return stored, nil
}

// insertAll stores rows that meet nothing, in one statement.
func insertAll[R any](ctx context.Context, c conn, rows []R) error {
	if len(rows) == 0 {
		return c.err
	}
	var err error
	if c.db.postgres {
		_, err = c.insertRows(ctx, rows, "")
	} else {
		_, err = c.exec(ctx, c.insert(&rows))
	}
	return err
}

// updateRow stores a row, whose version is already counted up, if the stored
// version is the one before. Conflict, NotFound.
func updateRow(ctx context.Context, c conn, trade string, row any, version int64) error {
	var n int64
	var err error
	if c.db.postgres {
		n, err = c.updateVersion(ctx, row)
	} else {
		n, err = c.exec(ctx, c.update(row).WherePK().Where("version = ?", version-1))
	}
	if err != nil || n > 0 {
		return err
	}
	return notUpdated(ctx, c, trade, row)
}

// notUpdated says why no row was updated: NotFound or Conflict.
func notUpdated(ctx context.Context, c conn, trade string, row any) error {
	exists, err := c.exists(ctx, c.query(row).WherePK())
	if err != nil {
		return err
	}
	if !exists {
		return missing(trade)
	}
	return fault.New(fault.Conflict, trade+".stale", "the object changed meanwhile")
}

func (c conn) exists(ctx context.Context, q *bun.SelectQuery) (bool, error) {
	if c.err != nil {
		return false, c.err
	}
	ok, err := q.Exists(ctx)
	if err != nil {
		return false, c.failed(ctx, err)
	}
	return ok, nil
}

func missing(trade string) error {
	return fault.New(fault.NotFound, trade+".not_found", "no such object")
}

// keyset is one list's order: all columns in one direction, the last unique.
type keyset struct {
	list    string // names the cursor, as in page.Encode
	columns []string
	desc    bool
}

// apply adds the order, the place behind the cursor and the limit, which is
// one row more than the page holds. Parse turns the cursor's texts into
// values, one per column.
func (k keyset) apply(q *bun.SelectQuery, p page.Request, parse func(key []string) ([]any, error)) (int, error) {
	size, err := p.Size()
	if err != nil {
		return 0, err
	}
	key, err := page.Decode(k.list, p.After, len(k.columns))
	if err != nil {
		return 0, err
	}
	direction, compare := " ASC", " > "
	if k.desc {
		direction, compare = " DESC", " < "
	}
	if key != nil {
		if slices.ContainsFunc(key, func(part string) bool { return !keepable(part) }) {
			return 0, badCursor(nil)
		}
		values, err := parse(key)
		if err != nil {
			return 0, err
		}
		left, right := "(", "("
		for i, col := range k.columns {
			if i > 0 {
				left, right = left+", ", right+", "
			}
			left, right = left+col, right+"?"
		}
		q.Where(left+")"+compare+right+")", values...)
	}
	for _, col := range k.columns {
		q.OrderExpr(col + direction)
	}
	q.Limit(int64(size) + 1)
	return size, nil
}

// texts is the parse of a keyset whose columns are all text.
func texts(key []string) ([]any, error) {
	out := make([]any, len(key))
	for i, k := range key {
		out[i] = k
	}
	return out, nil
}

// timeThenText is the parse of a keyset (time, id).
func timeThenText(key []string) ([]any, error) {
	t, err := parseTime(key[0])
	if err != nil {
		return nil, err
	}
	return []any{at(t), key[1]}, nil
}

// timeKey is a time as a cursor's text; parseTime reads it back.
func timeKey(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

func parseTime(s string) (time.Time, error) {
	n, err := parseInt(s)
	if err != nil {
		return time.Time{}, err
	}
	t := clock.Normalize(time.UnixMicro(n))
	if t.Year() < 1 || t.Year() > 9999 { // PostgreSQL would refuse the statement
		return time.Time{}, badCursor(nil)
	}
	return t, nil
}

func parseInt(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, badCursor(err)
	}
	return n, nil
}

// keepable reports whether a part of a cursor, which anybody may have made
// up, can stand in a statement: PostgreSQL takes neither broken UTF-8 nor NUL.
func keepable(part string) bool { return utf8.ValidString(part) && !strings.Contains(part, "\x00") }

func badCursor(cause error) error {
	return fault.Wrap(cause, fault.Invalid, "page.cursor", "the cursor is not one of this list").
		WithField("after", "malformed", nil)
}

// pageOf cuts the surplus row off and makes the cursor of the last row shown.
func pageOf[R, V any](k keyset, rows []R, size int, value func(R) V, key func(R) []string) page.Page[V] {
	var next page.Cursor
	if len(rows) > size {
		rows = rows[:size]
		next = page.Encode(k.list, key(rows[size-1])...)
	}
	items := make([]V, len(rows))
	for i, r := range rows {
		items[i] = value(r)
	}
	return page.Page[V]{Items: items, Next: next}
}

// same is the value of rows that are values already.
func same[V any](v V) V { return v }

// inOrder returns the values of rows in the order of ids, leaving out what
// lacks.
func inOrder[K comparable, R, V any](ids []K, rows []R, id func(R) K, value func(R) V) []V {
	byID := make(map[K]R, len(rows))
	for _, r := range rows {
		byID[id(r)] = r
	}
	out := make([]V, 0, len(ids))
	for _, k := range ids {
		if r, ok := byID[k]; ok {
			out = append(out, value(r))
		}
	}
	return out
}

// integers is the parse of a keyset whose columns are all integers.
func integers(key []string) ([]any, error) {
	out := make([]any, len(key))
	for i, k := range key {
		n, err := parseInt(k)
		if err != nil {
			return nil, err
		}
		out[i] = n
	}
	return out, nil
}

// values converts rows.
func values[R, V any](rows []R, value func(R) V) []V {
	out := make([]V, len(rows))
	for i, r := range rows {
		out[i] = value(r)
	}
	return out
}

// valuesList is a list of rows as a subquery with named columns, in the words
// of either dialect: bigint where the first row has an int64, text elsewhere.
func (db *DB) valuesList(columns []string, rows [][]any) bun.Safe {
	gen := db.writer.QueryGen()
	b := []byte("SELECT ")
	for i, name := range columns {
		if i > 0 {
			b = append(b, ", "...)
		}
		kind := "text"
		if _, ok := rows[0][i].(int64); ok {
			kind = "bigint"
		}
		b = fmt.Appendf(b, "CAST(column%d AS %s) AS %s", i+1, kind, name)
	}
	b = append(b, " FROM (VALUES "...)
	for i, row := range rows {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, '(')
		for j, v := range row {
			if j > 0 {
				b = append(b, ", "...)
			}
			b = gen.Append(b, v)
		}
		b = append(b, ')')
	}
	return bun.Safe(append(b, ") AS v"...))
}
