package bunstore

import (
	"bufio"
	"compress/gzip"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// take is one thing that a binary asked of a database.
type take struct {
	Conn int    `json:"conn"` // which of its connections
	Do   string `json:"do"`   // begin, commit, rollback, exec or query
	SQL  string `json:"sql,omitempty"`
	Args []arg  `json:"args,omitempty"`
	// Rows is how many it got or changed; -1 where it was refused.
	Rows int64 `json:"rows"`
}

// arg is an argument with its type.
type arg struct {
	Int   *int64     `json:"int,omitempty"`
	Text  *string    `json:"text,omitempty"`
	Texts *[]string  `json:"texts,omitempty"`
	Bytes *[]byte    `json:"bytes,omitempty"`
	Bool  *bool      `json:"bool,omitempty"`
	Time  *time.Time `json:"time,omitempty"`
}

func argOf(value any) (arg, error) {
	switch v := value.(type) {
	case nil:
		return arg{}, nil
	case time.Time:
		return arg{Time: &v}, nil
	case []byte:
		return arg{Bytes: &v}, nil
	}
	v := reflect.ValueOf(value)
	switch {
	case v.Kind() == reflect.String:
		text := v.String()
		return arg{Text: &text}, nil
	case v.Kind() == reflect.Bool:
		is := v.Bool()
		return arg{Bool: &is}, nil
	case v.CanInt():
		n := v.Int()
		return arg{Int: &n}, nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.String:
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = v.Index(i).String()
		}
		return arg{Texts: &texts}, nil
	}
	return arg{}, fmt.Errorf("a tape takes no %T", value)
}

func (a arg) value() any {
	switch {
	case a.Int != nil:
		return *a.Int
	case a.Text != nil:
		return *a.Text
	case a.Texts != nil:
		return *a.Texts
	case a.Bytes != nil:
		return *a.Bytes
	case a.Bool != nil:
		return *a.Bool
	case a.Time != nil:
		return *a.Time
	}
	return nil
}

// tape records what pools ask of a database.
type tape struct {
	mu    sync.Mutex
	takes []take
	conns atomic.Int64
}

// pool returns a pool whose statements the tape records.
func (t *tape) pool(from driver.Connector) *sql.DB { return sql.OpenDB(tapeConnector{from, t}) }

// record notes a take and returns err, or why it could not be noted.
func (t *tape) record(conn int, do, text string, args []driver.NamedValue, rows int64, err error) error {
	k := take{Conn: conn, Do: do, SQL: text, Rows: rows}
	if err != nil {
		k.Rows = -1
	}
	for _, v := range args {
		if _, mode := v.Value.(pgx.QueryExecMode); mode {
			continue // how the driver sends it, which no schema sees
		}
		a, err := argOf(v.Value)
		if err != nil {
			return err
		}
		k.Args = append(k.Args, a)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.takes = append(t.takes, k)
	return err
}

type tapeConnector struct {
	driver.Connector
	tape *tape
}

func (c tapeConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return &tapeConn{Conn: conn, id: int(c.tape.conns.Add(1)), tape: c.tape}, nil
}

// fullConn is what both drivers have.
type fullConn interface {
	driver.ExecerContext
	driver.QueryerContext
	driver.ConnBeginTx
}

type tapeConn struct {
	driver.Conn
	id   int
	tape *tape
}

func (c *tapeConn) full() fullConn { return c.Conn.(fullConn) } //nolint:errcheck // a driver without it is a bug of the test

// CheckNamedValue lets PostgreSQL's driver take what it alone knows.
func (c *tapeConn) CheckNamedValue(v *driver.NamedValue) error {
	if own, ok := c.Conn.(driver.NamedValueChecker); ok {
		return own.CheckNamedValue(v)
	}
	return driver.ErrSkip
}

func (c *tapeConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	res, err := c.full().ExecContext(ctx, text, args)
	var n int64
	if err == nil {
		n, err = res.RowsAffected()
	}
	return res, c.tape.record(c.id, "exec", text, args, n, err)
}

func (c *tapeConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	rows, err := c.full().QueryContext(ctx, text, args)
	if err != nil {
		return nil, c.tape.record(c.id, "query", text, args, 0, err)
	}
	all, err := readAll(rows)
	return all, c.tape.record(c.id, "query", text, args, int64(len(all.rows)), err)
}

func (c *tapeConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.full().BeginTx(ctx, opts)
	return tapeTx{tx, c}, c.tape.record(c.id, "begin", "", nil, 0, err)
}

type tapeTx struct {
	driver.Tx
	conn *tapeConn
}

func (t tapeTx) Commit() error {
	return t.conn.tape.record(t.conn.id, "commit", "", nil, 0, t.Tx.Commit())
}

func (t tapeTx) Rollback() error {
	return t.conn.tape.record(t.conn.id, "rollback", "", nil, 0, t.Tx.Rollback())
}

// tapeRows are rows that were read to the end, so that they could be counted.
type tapeRows struct {
	columns []string
	rows    [][]driver.Value
}

func readAll(rows driver.Rows) (*tapeRows, error) {
	all := &tapeRows{columns: rows.Columns()}
	for {
		row := make([]driver.Value, len(all.columns))
		switch err := rows.Next(row); {
		case errors.Is(err, io.EOF):
			return all, rows.Close()
		case err != nil:
			return all, errors.Join(err, rows.Close())
		}
		for i, v := range row {
			if b, ok := v.([]byte); ok {
				row[i] = append([]byte(nil), b...)
			}
		}
		all.rows = append(all.rows, row)
	}
}

func (r *tapeRows) Columns() []string { return r.columns }
func (r *tapeRows) Close() error      { return nil }

func (r *tapeRows) Next(dest []driver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(dest, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

// play does what is on a tape once more, in its order, and requires that the
// database gives every statement the answer it gave then.
func play(t *testing.T, db *sql.DB, takes []take) {
	t.Helper()
	conns, txs := map[int]*sql.Conn{}, map[int]*sql.Tx{}
	defer func() {
		for _, tx := range txs {
			_ = tx.Rollback() // of a take that failed
		}
		for _, c := range conns {
			_ = c.Close()
		}
	}()
	for i, k := range takes {
		if conns[k.Conn] == nil {
			c, err := db.Conn(t.Context())
			require.NoError(t, err)
			conns[k.Conn] = c
		}
		rows, err := again(t.Context(), conns[k.Conn], txs, k)
		if err != nil {
			rows = -1
		}
		require.Equal(t, k.Rows, rows, "take %d: %s %s: %v", i, k.Do, k.SQL, err)
	}
}

func again(ctx context.Context, conn *sql.Conn, txs map[int]*sql.Tx, k take) (int64, error) {
	args := make([]any, len(k.Args))
	for i, a := range k.Args {
		args[i] = a.value()
	}
	switch k.Do {
	case "begin":
		tx, err := conn.BeginTx(ctx, nil)
		txs[k.Conn] = tx
		return 0, err
	case "commit":
		return 0, txs[k.Conn].Commit()
	case "rollback":
		return 0, txs[k.Conn].Rollback()
	case "exec":
		res, err := conn.ExecContext(ctx, k.SQL, args...)
		if err != nil {
			return 0, err
		}
		return res.RowsAffected()
	case "query":
		rows, err := conn.QueryContext(ctx, k.SQL, args...)
		if err != nil {
			return 0, err
		}
		defer func() { _ = rows.Close() }()
		var n int64
		for rows.Next() {
			n++
		}
		return n, rows.Err()
	}
	return 0, fmt.Errorf("a tape does no %q", k.Do)
}

func writeTape(t *testing.T, file string, takes []take) {
	t.Helper()
	f, err := os.Create(file)
	require.NoError(t, err)
	zip := gzip.NewWriter(f)
	enc := json.NewEncoder(zip)
	enc.SetEscapeHTML(false)
	for _, k := range takes {
		require.NoError(t, enc.Encode(k))
	}
	require.NoError(t, zip.Close())
	require.NoError(t, f.Close())
}

func readTape(t *testing.T, file string) []take {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	zip, err := gzip.NewReader(bufio.NewReader(f))
	require.NoError(t, err)
	var out []take
	for dec := json.NewDecoder(zip); ; {
		var k take
		if err := dec.Decode(&k); errors.Is(err, io.EOF) {
			return out
		} else {
			require.NoError(t, err)
		}
		out = append(out, k)
	}
}
