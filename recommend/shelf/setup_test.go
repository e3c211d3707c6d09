package shelf_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

var start = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// fixed is a recommender that answers each kind of shelf with what it was told.
type fixed struct {
	mu    sync.Mutex
	lists map[recommend.Shelf][]ref.ProductID
	err   error
	slow  bool
	bad   bool
}

func (*fixed) Record(context.Context, ...recommend.Event) error     { return nil }
func (*fixed) Describe(context.Context, ...recommend.Product) error { return nil }
func (*fixed) Forget(context.Context, ...ref.MemberID) error        { return nil }

func (f *fixed) Recommend(ctx context.Context, q recommend.Query) (recommend.Answer, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.slow {
		<-ctx.Done()
		return recommend.Answer{}, fault.Wrap(ctx.Err(), fault.Canceled, "test.slow", "it takes too long")
	}
	if f.bad {
		panic("a defect")
	}
	if f.err != nil {
		return recommend.Answer{}, f.err
	}
	a := recommend.Answer{Strategy: "test", Version: 7}
	for _, p := range f.lists[q.Shelf] {
		a.Items = append(a.Items, recommend.Item{Product: p, Reason: recommend.Reason{Because: recommend.HotAll}})
	}
	if len(a.Items) == 0 {
		a.Empty = recommend.NoProducts
	}
	return a, nil
}

// orders are those that a test placed.
type orders map[ref.GroupID]order.Group

func (o orders) GetMany(_ context.Context, ids []ref.GroupID) ([]order.Group, error) {
	var out []order.Group
	for _, id := range ids {
		if g, ok := o[id]; ok {
			out = append(out, g)
		}
	}
	return out, nil
}

// bench is a service over stores, at a time of its own.
type bench struct {
	*testing.T
	*shelf.Service
	cfg    shelf.Config
	stores storage.Stores
	clock  *clock.Manual
	picks  *fixed
	orders orders
}

func setup(t *testing.T) *bench {
	t.Helper()
	return over(t, memory.New().Stores())
}

func over(t *testing.T, stores storage.Stores) *bench {
	t.Helper()
	b := &bench{T: t, stores: stores, clock: clock.NewManual(start), orders: orders{}, picks: &fixed{
		lists: map[recommend.Shelf][]ref.ProductID{
			recommend.ForYou: {"tea", "pot", "cup"}, recommend.Hot: {"saw", "tea"}, recommend.Newest: {"new"},
		},
	}}
	b.cfg = shelf.Config{
		Recommender: b.picks, Signals: stores.Signals, Impressions: stores.Impressions, Stats: stores.ShelfStats,
		Policies: stores.ShelfPolicies, Units: stores.Units, Orders: b.orders, Clock: b.clock,
	}
	b.Service = b.node()
	return b
}

// node is one more service over the same stores.
func (b *bench) node() *shelf.Service {
	b.Helper()
	s, err := shelf.NewService(b.cfg)
	require.NoError(b, err)
	return s
}

func (b *bench) flush() {
	b.Helper()
	require.NoError(b, b.Flush(b.Context()))
}

func (b *bench) report(q shelf.ReportQuery) shelf.Report {
	b.Helper()
	if q.From.IsZero() {
		q.From, q.Until = start.AddDate(0, 0, -30), b.clock.Now()
	}
	r, err := b.Report(b.Context(), ref.Staff("ann"), q)
	require.NoError(b, err)
	return r
}

func (b *bench) policy(slot string, mode shelf.Mode, arms ...string) shelf.Policy {
	b.Helper()
	in := shelf.PolicyInput{Slot: slot, Mode: mode}
	for _, a := range arms {
		in.Arms = append(in.Arms, shelf.Arm{Name: a, Weight: 1})
	}
	p, err := b.SavePolicy(b.Context(), ref.Staff("ann"), in)
	require.NoError(b, err)
	return p
}

func ask(slot string, v recommend.Visitor) shelf.Request {
	return shelf.Request{Slot: slot, Query: recommend.Query{Visitor: v}}
}

func session(n int) recommend.Visitor { return recommend.Visitor{Session: fmt.Sprint("session ", n)} }

func products(a shelf.Answer) []ref.ProductID {
	var out []ref.ProductID
	for _, x := range a.Items {
		out = append(out, x.Product)
	}
	return out
}
