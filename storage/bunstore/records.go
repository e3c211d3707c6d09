package bunstore

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun/schema"

	"github.com/soukhq/souk/commerce/clock"
)

// On PostgreSQL the rows of a table travel as one JSON argument, which
// json_populate_recordset turns into rows with the types of the table: so a
// statement's text never changes, however many rows it carries.

// insertion is an INSERT of the rows in argument n.
func insertion(t *schema.Table, n int) string {
	names, values := columns(t, "")
	return "INSERT INTO " + string(t.SQLName) + " (" + names + ") SELECT " + values + " FROM " + records(t, n)
}

// columns lists a table's columns, and what they are taken from in records.
func columns(t *schema.Table, prefix string) (names, values string) {
	var left, right []string
	for _, f := range t.Fields {
		if f.AutoIncrement {
			continue
		}
		value := prefix + string(f.SQLName)
		if f.IndirectType != reflect.TypeFor[instant]() && strings.EqualFold(f.CreateTableSQLType, "jsonb") {
			// where null is a value of its own
			value = "coalesce(" + value + ", 'null')"
		}
		left, right = append(left, string(f.SQLName)), append(right, value)
	}
	return strings.Join(left, ", "), strings.Join(right, ", ")
}

// insertRows stores a row, or a slice of them. Or says what happens to one
// that meets another.
func (c conn) insertRows(ctx context.Context, rows any, or string) (int64, error) {
	arg, err := c.encode(ctx, rows)
	if err != nil {
		return 0, err
	}
	t := c.db.tableOf(rows)
	return c.fixedExec(ctx, c.db.text("insert "+t.TypeName+or, func() string { return insertion(t, 1) + or }), arg)
}

// updateVersion stores a row over the one with its key and the version before.
func (c conn) updateVersion(ctx context.Context, row any) (int64, error) {
	arg, err := c.encode(ctx, row)
	if err != nil {
		return 0, err
	}
	t := c.db.tableOf(row)
	return c.fixedExec(ctx, c.db.text("update "+t.TypeName, func() string { return versionUpdate(t) }), arg)
}

func versionUpdate(t *schema.Table) string {
	names, values := columns(t, "_new.")
	text := "UPDATE " + string(t.SQLName) + " AS _old SET (" + names + ") = ROW(" + values + ") FROM " + fewRecords(t, 1) +
		" AS _new WHERE _old.version = _new.version - 1"
	for _, f := range t.PKs {
		text += " AND _old." + string(f.SQLName) + " = _new." + string(f.SQLName)
	}
	return text
}

// insertTree stores a row and, unless it met another, the rows that belong to
// it in other tables, in one statement. It returns how many of each it stored.
func (c conn) insertTree(ctx context.Context, root any, rest ...any) ([]int64, error) {
	all := append([]any{root}, rest...)
	args, err := c.encodeAll(ctx, all)
	if err != nil {
		return nil, err
	}
	text := c.db.text("tree "+c.db.tableOf(root).TypeName, func() string {
		var with, counts []string
		for i, rows := range all {
			part := "_" + strconv.Itoa(i)
			guard := " WHERE EXISTS (SELECT FROM _0)"
			if i == 0 {
				guard = ""
			}
			with = append(with, part+" AS ("+insertion(c.db.tableOf(rows), i+1)+guard+" ON CONFLICT DO NOTHING RETURNING 1)")
			counts = append(counts, "(SELECT count(*) FROM "+part+")")
		}
		return "WITH " + strings.Join(with, ", ") + " SELECT " + strings.Join(counts, ", ")
	})
	stored, dest := make([]int64, len(all)), make([]any, len(all))
	for i := range stored {
		dest[i] = &stored[i]
	}
	return stored, c.fixed(ctx, text, args, dest...)
}

// records are the rows in argument n.
func records(t *schema.Table, n int) string {
	return "json_populate_recordset(NULL::" + string(t.SQLName) + ", $" + strconv.Itoa(n) + ")"
}

// fewRecords are records that a statement joins to the table.
func fewRecords(t *schema.Table, n int) string {
	return "(SELECT * FROM " + records(t, n) + " AS r WHERE " + rare(string(t.PKs[0].SQLName)) + ")"
}

// rare is a condition on a text column that always holds, but that PostgreSQL
// takes for one that rarely does. It takes any argument that is a list for a
// hundred rows or more, and would rather read the table it is joined to as a
// whole; this makes it look each row up by its key.
func rare(column string) string { return column + " = " + column + " || ''" }

func (db *DB) tableOf(row any) *schema.Table {
	t := reflect.TypeOf(row)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	return db.writer.Table(t)
}

// encodeAll is encode for several arguments.
func (c conn) encodeAll(ctx context.Context, all []any) ([]any, error) {
	args := make([]any, len(all))
	for i, rows := range all {
		var err error
		if args[i], err = c.encode(ctx, rows); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// encode writes rows, a slice of them or a pointer to one, as an argument.
func (c conn) encode(ctx context.Context, rows any) (string, error) {
	text, err := encodeRecords(c.db.tableOf(rows), reflect.Indirect(reflect.ValueOf(rows)))
	if err != nil {
		return "", c.failed(ctx, err)
	}
	return text, nil
}

func encodeRecords(t *schema.Table, v reflect.Value) (string, error) {
	n := 1
	if v.Kind() == reflect.Slice {
		n = v.Len()
	}
	b := append(make([]byte, 0, 64+32*n*len(t.Fields)), '[')
	var err error
	if v.Kind() == reflect.Struct {
		b, err = appendRecord(b, t, v)
		return string(append(b, ']')), err
	}
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		if b, err = appendRecord(b, t, v.Index(i)); err != nil {
			return "", err
		}
	}
	return string(append(b, ']')), nil
}

func appendRecord(b []byte, t *schema.Table, v reflect.Value) ([]byte, error) {
	b = append(b, '{')
	for i, f := range t.Fields {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), f.Name...), '"', ':')
		value := f.Value(v)
		if f.NullZero && value.IsZero() {
			b = append(b, "null"...)
			continue
		}
		var err error
		if b, err = appendField(b, value); err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

func appendField(b []byte, v reflect.Value) ([]byte, error) {
	switch v.Kind() {
	case reflect.String:
		return appendText(b, v.String())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10), nil
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool()), nil
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "null"...), nil
		}
		return appendField(b, v.Elem())
	}
	switch x := v.Interface().(type) {
	case instant:
		if x.IsZero() {
			return append(b, "null"...), nil
		}
		return clock.Normalize(x.Time).AppendFormat(b, `"2006-01-02T15:04:05.999999Z"`), nil
	case []byte:
		if x == nil {
			return append(b, "null"...), nil
		}
		return append(hex.AppendEncode(append(b, `"\\x`...), x), '"'), nil
	default:
		text, err := json.Marshal(x)
		return append(b, text...), err
	}
}

// errText is what PostgreSQL would answer to a broken text.
var errText = errors.New("bunstore: a text is not UTF-8")

func appendText(b []byte, s string) ([]byte, error) {
	plain := true
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		return append(append(append(b, '"'), s...), '"'), nil
	}
	if !utf8.ValidString(s) {
		return nil, errText
	}
	text, err := json.Marshal(s)
	return append(b, text...), err
}

// gathered is a query's column that holds the rows of a table, by its alias,
// which where selects: what decodeRecords reads, NULL for no rows.
func gathered(t *schema.Table, alias, where, order string) string {
	cols := make([]string, len(t.Fields))
	for i, f := range t.Fields {
		cols[i] = alias + "." + string(f.SQLName)
	}
	return "(SELECT json_agg(json_build_array(" + strings.Join(cols, ", ") + ") ORDER BY " + order +
		") FROM " + string(t.SQLName) + " AS " + alias + " WHERE " + where + ")"
}

// decodeRecords returns what gathered found of a table without times and bytes.
func decodeRecords[R any](db *DB, text string) ([]R, error) {
	if text == "" { // of no rows
		return nil, nil
	}
	var records [][]json.RawMessage
	if err := json.Unmarshal([]byte(text), &records); err != nil {
		return nil, err
	}
	rows := make([]R, len(records))
	t := db.tableOf(rows)
	for i, r := range records {
		v := reflect.ValueOf(&rows[i]).Elem()
		for j, f := range t.Fields {
			src, err := decodeField(r[j])
			if err != nil {
				return nil, err
			}
			if err := f.ScanValue(v, src); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// decodeField returns a value as a driver would.
func decodeField(text json.RawMessage) (any, error) {
	switch c := text[0]; c {
	case 'n':
		return nil, nil //nolint:nilnil // a driver's NULL
	case 't', 'f':
		return c == 't', nil
	case '"':
		if bytes.IndexByte(text, '\\') < 0 {
			return string(text[1 : len(text)-1]), nil
		}
		var s string
		err := json.Unmarshal(text, &s)
		return s, err
	case '[', '{':
		return []byte(text), nil
	}
	return strconv.ParseInt(string(text), 10, 64)
}
