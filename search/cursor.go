package search

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"strconv"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
)

// Position is where a page of results ended: the place within the window of
// the best results, or, beyond it, the sort key of the last one.
type Position struct {
	Generation uint64 // of the index when the first page was read
	Place      int    // results shown so far
	Beyond     bool   // the window is through, and Key counts
	Key        float64
	Last       string
}

const cursorList = "search.results"

// EncodeCursor returns the cursor of a position in the results of a query.
func EncodeCursor(q *Query, p Position) page.Cursor {
	beyond := ""
	if p.Beyond {
		beyond = "b"
	}
	return page.Encode(cursorList, fingerprint(q), strconv.FormatUint(p.Generation, 36), strconv.Itoa(p.Place), beyond,
		strconv.FormatFloat(p.Key, 'x', -1, 64), p.Last)
}

// DecodeCursor reads a cursor back. That of another query, its filters and
// order included, is Invalid. The limit and the facets may differ.
func DecodeCursor(q *Query, c page.Cursor) (Position, error) {
	parts, err := page.Decode(cursorList, c, 6)
	if err != nil || parts == nil {
		return Position{}, err
	}
	bad := fault.New(fault.Invalid, "page.cursor", "the cursor is not one of this query").
		WithField("after", "malformed", nil)
	if parts[0] != fingerprint(q) {
		return Position{}, bad
	}
	p := Position{Beyond: parts[3] == "b", Last: parts[5]}
	var errs [3]error
	p.Generation, errs[0] = strconv.ParseUint(parts[1], 36, 64)
	p.Place, errs[1] = strconv.Atoi(parts[2])
	p.Key, errs[2] = strconv.ParseFloat(parts[4], 64)
	if errors.Join(errs[:]...) != nil || p.Place < 0 {
		return Position{}, bad
	}
	return p, nil
}

// fingerprint identifies what a query asks for and in which order.
func fingerprint(q *Query) string {
	raw, err := json.Marshal(struct {
		Text            string
		Typing, Literal bool
		Filters         []Filter
		Sort            Sort
		Steering        Steering
	}{q.Text, q.Typing, q.Literal, q.Filters, q.Sort, q.Steering})
	if err != nil { // a number that JSON has no form for
		raw = []byte(err.Error())
	}
	h := fnv.New64a()
	_, _ = h.Write(raw) // never fails
	return strconv.FormatUint(h.Sum64(), 36)
}

// Failure returns err as a fault: what an engine reports of itself becomes
// Unavailable, an ended context Canceled.
func Failure(err error) error {
	var f *fault.Fault
	switch {
	case err == nil || errors.As(err, &f):
		return err
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fault.Wrap(err, fault.Canceled, "search.canceled", "the search was given up")
	}
	return fault.Wrap(err, fault.Unavailable, "search.unavailable", "the search index cannot be read")
}
