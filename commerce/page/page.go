package page

import (
	"encoding/base64"
	"encoding/binary"
	"hash/crc32"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
)

// The bounds of a page. A limit of 0 means DefaultLimit; one above MaxLimit
// is Invalid.
const (
	DefaultLimit = 50
	MaxLimit     = 500
)

// maxCursor bounds a cursor that comes back, in bytes. It leaves room for the
// longest sort key that PostgreSQL keeps in an index.
const maxCursor = 4096

// Cursor names a place in a list. The empty cursor is its beginning.
type Cursor string

// Request asks for at most Limit rows after a cursor.
type Request struct {
	After Cursor
	Limit int
}

// Size returns the number of rows asked for, 1 to [MaxLimit].
func (r Request) Size() (int, error) {
	switch {
	case r.Limit == 0:
		return DefaultLimit, nil
	case r.Limit < 0 || r.Limit > MaxLimit:
		return 0, fault.New(fault.Invalid, "page.limit", "page size out of range").
			WithField("limit", "out_of_range", fault.Params{"min": 1, "max": MaxLimit})
	}
	return r.Limit, nil
}

// Page is one page of a list. Next is empty on the last page.
type Page[T any] struct {
	Items []T
	Next  Cursor
}

// Map returns the page with every item converted by fn.
func Map[T, U any](p Page[T], fn func(T) U) Page[U] {
	out := Page[U]{Items: make([]U, len(p.Items)), Next: p.Next}
	for i, it := range p.Items {
		out.Items[i] = fn(it)
	}
	return out
}

// Encode returns the cursor of a row with the given sort key. List names the
// list and its order ("order.newest"), so that a cursor of one list is
// refused by another. The parts together are shorter than 3,000 bytes, as the
// keys of an index are.
func Encode(list string, key ...string) Cursor {
	var raw []byte
	for _, part := range key {
		raw = binary.AppendUvarint(raw, uint64(len(part)))
		raw = append(raw, part...)
	}
	sum := strconv.FormatUint(uint64(checksum(list, raw)), 36)
	return Cursor(sum + "." + base64.RawURLEncoding.EncodeToString(raw))
}

// Decode returns the n parts of the sort key in c, nil for the empty cursor.
// A cursor is not signed: whoever made it up may have put any bytes into the
// parts, so a store checks them as it checks other input. Kinds: Invalid.
func Decode(list string, c Cursor, n int) ([]string, error) {
	if c == "" {
		return nil, nil
	}
	bad := fault.New(fault.Invalid, "page.cursor", "the cursor is not one of this list").
		WithField("after", "malformed", nil)
	if len(c) > maxCursor {
		return nil, bad
	}
	sum, body, ok := strings.Cut(string(c), ".")
	if !ok {
		return nil, bad
	}
	raw, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || strconv.FormatUint(uint64(checksum(list, raw)), 36) != sum {
		return nil, bad
	}
	key := make([]string, 0, n)
	for len(raw) > 0 {
		size, used := binary.Uvarint(raw)
		if used <= 0 || size > uint64(len(raw)-used) { //nolint:gosec // used is at most len(raw)
			return nil, bad
		}
		key = append(key, string(raw[used:used+int(size)])) //nolint:gosec // at most len(raw)
		raw = raw[used+int(size):]                          //nolint:gosec // at most len(raw)
	}
	if len(key) != n {
		return nil, bad
	}
	return key, nil
}

func checksum(list string, raw []byte) uint32 {
	return crc32.Update(crc32.ChecksumIEEE([]byte(list)), crc32.IEEETable, raw)
}
