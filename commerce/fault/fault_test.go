package fault_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/commerce/fault"
)

func TestKindsAreClosedAndDistinct(t *testing.T) {
	t.Parallel()
	kinds := fault.Kinds()
	require.Len(t, kinds, 14)
	seen := map[string]bool{}
	for _, k := range kinds {
		require.NotEmpty(t, k.Error())
		require.False(t, seen[k.Error()])
		seen[k.Error()] = true
		err := error(fault.New(k, "x.y", "text"))
		for _, other := range kinds {
			require.Equal(t, k == other, errors.Is(err, other))
		}
		require.Equal(t, k, fault.KindOf(err))
		require.Equal(t, k, fault.KindOf(fmt.Errorf("above: %w", err)))
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, fault.Kind(""), fault.KindOf(nil))
	require.Equal(t, fault.Internal, fault.KindOf(io.EOF))
	require.Equal(t, fault.Conflict, fault.KindOf(fmt.Errorf("bare: %w", fault.Conflict)))
	require.Equal(t, fault.Canceled, fault.KindOf(fmt.Errorf("a: %w", context.Canceled)))
	require.Equal(t, fault.Canceled, fault.KindOf(context.DeadlineExceeded))

	inner := fault.New(fault.NotFound, "sku.not_found", "no such SKU")
	outer := fault.Wrap(inner, fault.FailedPrecondition, "cart.line", "the line cannot be priced")
	require.Equal(t, fault.FailedPrecondition, fault.KindOf(outer), "the outermost answers")
	require.Equal(t, "cart.line", fault.CodeOf(outer))
	require.ErrorIs(t, outer, fault.NotFound, "the chain below stays visible")
}

func TestWrapKeepsWhatMustNotBlur(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{
		context.Canceled, fault.New(fault.Indeterminate, "commit.lost", "the answer was lost"), fault.Indeterminate,
	} {
		wrapped := fault.Wrap(cause, fault.Unavailable, "db.away", "the database is away")
		require.Equal(t, fault.KindOf(cause), wrapped.Kind)
		require.ErrorIs(t, wrapped, cause)
	}
	require.Equal(t, fault.Unavailable, fault.Wrap(io.EOF, fault.Unavailable, "a", "b").Kind)
	require.Equal(t, fault.Unavailable, fault.Wrap(nil, fault.Unavailable, "a", "b").Kind)
	require.NoError(t, errors.Unwrap(fault.Wrap(nil, fault.Unavailable, "a", "b")))
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	require.Empty(t, fault.CodeOf(nil))
	require.Empty(t, fault.CodeOf(io.EOF))
	require.Equal(t, "a.b", fault.CodeOf(fmt.Errorf("x: %w", fault.New(fault.Invalid, "a.b", "c"))))
}

// With and WithField hand out copies: a fault that is kept and extended twice
// must not see the other's additions.
func TestFaultsAreImmutable(t *testing.T) {
	t.Parallel()
	base := fault.New(fault.Invalid, "a.b", "text").With("n", 1).WithField("x", "required", nil)
	left := base.With("n", 2).With("m", 3).WithField("y", "required", nil)
	right := base.WithField("z", "required", nil)
	require.Equal(t, fault.Params{"n": 1}, base.Params)
	require.Equal(t, fault.Params{"n": 2, "m": 3}, left.Params)
	require.Len(t, base.Fields, 1)
	require.Equal(t, "y", left.Fields[1].Path)
	require.Equal(t, "z", right.Fields[1].Path)
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	err := fault.Wrap(io.ErrUnexpectedEOF, fault.Invalid, "order.invalid", "the order is not valid").
		WithField("lines[0].sku", "required", nil).WithField("note", "too_long", fault.Params{"max": 9})
	require.Equal(t,
		"order.invalid: the order is not valid (lines[0].sku: required, note: too_long): unexpected EOF", err.Error())
	require.Equal(t, "a: b", fault.New(fault.Internal, "a", "b").Error())
	for reason, text := range map[any]string{
		"unpriced": "a: b (c: d, unpriced)", "limit_2.x": "a: b (c: d, limit_2.x)",
		"": "a: b (c: d)", 7: "a: b (c: d)", "Not A Code": "a: b (c: d)",
		"unexpected token (1:4)\n | x ==\n | ...^": "a: b (c: d)", "two\nlines": "a: b (c: d)",
		strings.Repeat("x", 65): "a: b (c: d)",
	} {
		err := fault.New(fault.Invalid, "a", "b").WithField("c", "d", fault.Params{"reason": reason})
		require.Equal(t, text, err.Error(), "only a code belongs there, not a text of somebody's")
	}
}

func TestFieldJSON(t *testing.T) {
	t.Parallel()
	data, err := json.Marshal([]fault.Field{{Path: "a", Code: "b"}, {Path: "c", Code: "d", Params: fault.Params{"max": 1}}})
	require.NoError(t, err)
	require.JSONEq(t, `[{"path":"a","code":"b"},{"path":"c","code":"d","params":{"max":1}}]`, string(data))
}

func TestViolations(t *testing.T) {
	t.Parallel()
	var v fault.Violations
	require.NoError(t, v.Err("a", "b"), "none is no error, not a typed nil")

	v.Add("name", "required", nil)
	err := v.Err("merchant.invalid", "the merchant is not valid")
	v.Add("later", "required", nil)
	var f *fault.Fault
	require.True(t, errors.As(err, &f))
	require.Equal(t, []fault.Field{{Path: "name", Code: "required"}}, f.Fields, "a made fault does not grow")
}

func TestMerge(t *testing.T) {
	t.Parallel()
	inner := fault.New(fault.Invalid, "line.invalid", "x").
		WithField("sku", "required", nil).WithField("[2].name", "text", nil)
	var v fault.Violations
	require.True(t, v.Merge("lines[1]", fmt.Errorf("wrapped: %w", inner)))
	require.True(t, v.Merge("", inner))
	for _, err := range []error{
		nil, io.EOF, fault.New(fault.Invalid, "a", "no fields"), fault.New(fault.Conflict, "a", "b").WithField("x", "y", nil),
	} {
		require.False(t, v.Merge("p", err))
	}
	var f *fault.Fault
	require.True(t, errors.As(v.Err("a", "b"), &f))
	var paths []string
	for _, fd := range f.Fields {
		paths = append(paths, fd.Path)
	}
	require.Equal(t, []string{"lines[1].sku", "lines[1][2].name", "sku", "[2].name"}, paths)
}

// Merging level by level gives every field exactly its own path.
func TestMergeKeepsEveryField(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,5}`), 1, 6).Draw(t, "path")
		var v fault.Violations
		v.Add(names[len(names)-1], "code", nil)
		err := v.Err("a", "b")
		want := names[len(names)-1]
		for i := len(names) - 2; i >= 0; i-- {
			var outer fault.Violations
			require.True(t, outer.Merge(names[i], err))
			err, want = outer.Err("a", "b"), names[i]+"."+want
		}
		var f *fault.Fault
		require.True(t, errors.As(err, &f))
		require.Equal(t, want, f.Fields[0].Path)
	})
}
