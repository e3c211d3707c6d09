package faultpoint_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/internal/faultpoint"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

func bank(t *testing.T) faultpoint.Full {
	t.Helper()
	full, ok := fakepay.New().Gateway().(faultpoint.Full)
	require.True(t, ok)
	return full
}

// TestEveryCallHasItsPoints calls every method of every port and requires that
// both of its points were passed: a new method without points fails here.
func TestEveryCallHasItsPoints(t *testing.T) {
	t.Parallel()
	points := faultpoint.Points()
	require.GreaterOrEqual(t, len(points), 60)
	passed := map[string]bool{}
	try := func(port any, name string) {
		v := reflect.ValueOf(port)
		for m := range v.Type().Methods() {
			if m.Name == "Unwrap" || m.Name == "Caps" {
				continue
			}
			point := name + "." + m.Name
			if name == "Units" {
				point = "commit"
			}
			for _, side := range []string{"/before", "/after"} {
				set := faultpoint.New()
				require.NoError(t, set.Arm(point+side, 1, faultpoint.Error), "no point %s", point+side)
				called := false
				err := invoke(set, name, m.Name, &called)
				require.Error(t, err, point+side)
				require.Equal(t, []string{point + side}, set.Fired())
				require.Equal(t, side == "/after", called, "%s: the call was made", point+side)
				passed[point+side] = true
			}
		}
	}
	stores := reflect.ValueOf(storage.Intercept(memory.New().Stores(), nil))
	for i := range stores.NumField() {
		try(stores.Field(i).Interface(), stores.Type().Field(i).Name)
	}
	try(faultpoint.New().Start().Gateway(bank(t)), "gateway")
	for _, side := range []string{"/before", "/after"} {
		set := faultpoint.New()
		require.NoError(t, set.Arm("event/react"+side, 1, faultpoint.Error))
		require.Error(t, set.Start().Reaction(func(context.Context, event.Record) error { return nil })(t.Context(), event.Record{}))
		passed["event/react"+side] = true
	}
	for _, p := range points {
		require.True(t, passed[p], "nothing passes %s", p)
	}
	t.Logf("%d fault points", len(points))
}

// invoke calls one method with zero arguments on stores and gateways that do
// nothing but note the call.
func invoke(set *faultpoint.Set, port, method string, called *bool) error {
	var target reflect.Value
	if port == "gateway" {
		target = reflect.ValueOf(set.Start().Gateway(noted{called}))
	} else {
		nothing := storage.Intercept(memory.New().Stores(), func(ctx context.Context, c storage.Call, next func(context.Context) error) error {
			if c.Port == "Units" {
				err := next(ctx)
				*called = err == nil // it was committed
				return err
			}
			*called = true
			return nil
		})
		target = reflect.ValueOf(set.Start().Stores(nothing)).FieldByName(port)
	}
	m := target.MethodByName(method)
	args := []reflect.Value{reflect.ValueOf(context.Background())}
	for i := 1; i < m.Type().NumIn(); i++ {
		if !m.Type().IsVariadic() || i < m.Type().NumIn()-1 {
			args = append(args, reflect.Zero(m.Type().In(i)))
		}
	}
	if port == "Units" {
		args[1] = reflect.ValueOf(func(context.Context) error { return nil })
	}
	out := m.Call(args)
	err, _ := out[len(out)-1].Interface().(error)
	return err
}

func TestACrashIsTheEnd(t *testing.T) {
	t.Parallel()
	base := memory.New().Stores()
	for i, c := range []struct {
		point     string
		committed bool
	}{
		{"Merchants.Insert/before", false}, {"Merchants.Insert/after", false}, {"commit/before", false}, {"commit/after", true},
	} {
		set := faultpoint.New()
		require.NoError(t, set.Arm(c.point, 1, faultpoint.Crash))
		process := set.Start()
		stores := process.Stores(base)
		m := merchant.Merchant{ID: merchant.ID(fmt.Sprint("m", i)), Name: "x", State: merchant.Active}
		err := stores.Units.Do(t.Context(), func(ctx context.Context) error {
			_ = stores.Merchants.Insert(ctx, &m) // whoever hides the error commits nothing all the same
			return nil
		})
		require.ErrorIs(t, err, faultpoint.ErrCrashed)
		require.True(t, process.Crashed())
		_, err = stores.Merchants.Get(t.Context(), m.ID)
		require.ErrorIs(t, err, faultpoint.ErrCrashed)
		_, err = base.Merchants.Get(t.Context(), m.ID)
		if c.committed {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, fault.NotFound)
		}
	}
	require.Error(t, faultpoint.New().Arm("nonsense", 1, faultpoint.Error))
}

func TestADelayGoesOn(t *testing.T) {
	t.Parallel()
	set, delays := faultpoint.New(), 0
	set.OnDelay = func() { delays++ }
	require.NoError(t, set.Arm("Merchants.GetMany/before", 2, faultpoint.Delay))
	stores := set.Start().Stores(memory.New().Stores())
	for range 3 {
		_, err := stores.Merchants.GetMany(t.Context(), nil)
		require.NoError(t, err)
	}
	require.Equal(t, 1, delays)
	require.Equal(t, 3, set.Hits()["Merchants.GetMany/after"])
}
