package feed_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/feed"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

var start = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// told remembers what a recommender was told, and is its own state.
type told struct {
	Events   []recommend.Event
	Products map[ref.ProductID]recommend.Product
	Gone     []ref.MemberID
	err      error
}

func (r *told) Record(_ context.Context, events ...recommend.Event) error {
	r.Events = append(r.Events, events...)
	return r.err
}

func (r *told) Describe(_ context.Context, products ...recommend.Product) error {
	for _, p := range products {
		r.Products[p.ID] = p
	}
	return r.err
}

func (r *told) Forget(_ context.Context, members ...ref.MemberID) error {
	r.Gone = append(r.Gone, members...)
	return r.err
}

func (*told) Recommend(context.Context, recommend.Query) (recommend.Answer, error) {
	return recommend.Answer{}, nil
}

func (r *told) Save(w io.Writer, position string) error {
	return json.NewEncoder(w).Encode(map[string]any{"at": position, "state": r.Events})
}

func (r *told) Load(_ context.Context, in io.Reader) (string, error) {
	var s struct {
		At    string            `json:"at"`
		State []recommend.Event `json:"state"`
	}
	if err := json.NewDecoder(in).Decode(&s); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "test.broken", "the snapshot is broken")
	}
	r.Events = s.State
	return s.At, nil
}

// orders are those that a test placed.
type orders struct{ groups []order.Group }

func (o *orders) GetMany(_ context.Context, ids []ref.GroupID) ([]order.Group, error) {
	var out []order.Group
	for _, g := range o.groups {
		for _, id := range ids {
			if g.ID == id {
				out = append(out, g)
			}
		}
	}
	return out, nil
}

func (o *orders) List(_ context.Context, q order.Query, _ page.Request) (page.Page[order.Order], error) {
	var out page.Page[order.Order]
	for _, g := range o.groups {
		for _, x := range g.Orders {
			if q.Matches(&x) {
				out.Items = append(out.Items, x)
			}
		}
	}
	return out, nil
}

type bench struct {
	*testing.T
	*feed.Feed
	cfg    feed.Config
	told   *told
	orders *orders
	stores storage.Stores
	clock  *clock.Manual
}

func setup(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		T: t, told: &told{Products: map[ref.ProductID]recommend.Product{}}, orders: &orders{},
		stores: memory.New().Stores(), clock: clock.NewManual(start),
	}
	b.cfg = feed.Config{
		Recommender: b.told, Signals: b.stores.Signals, Orders: b.orders, Members: b.stores.Members, Listings: b.stores.Listings,
		Products: b.stores.Products, Events: b.stores.Events, Clock: b.clock,
		Channels: []pricing.Channel{{ID: "en", Currency: "USD"}, {ID: "zh", Currency: "CNY"}},
	}
	b.Feed = b.node()
	return b
}

func (b *bench) node() *feed.Feed {
	b.Helper()
	f, err := feed.New(b.cfg)
	require.NoError(b, err)
	return f
}

// place keeps a paid order of two products, the second of two pieces and with a
// gift.
func (b *bench) place(id string, m ref.MemberID, guest string) *order.Order {
	b.orders.groups = append(b.orders.groups, order.Group{ID: ref.GroupID(id), Orders: []order.Order{{
		ID: ref.OrderID(id), Group: ref.GroupID(id), Member: m, Guest: guest, Payment: order.PaymentPaid, PlacedAt: start,
		Lines: []order.Line{
			{Product: "tea", Quantity: 1},
			{Product: "cup", Quantity: 2},
			{Product: "spoon", Quantity: 1, Gift: "week"},
			{Product: "", Quantity: 1},
			{Product: "tea", Quantity: 1},
		},
	}}})
	return &b.orders.groups[len(b.orders.groups)-1].Orders[0]
}

func (b *bench) react(seq int64, topic string, e event.Payload, aggregate string) error {
	b.Helper()
	r, err := event.New("e", topic, aggregate, start, e)
	require.NoError(b, err)
	r.Seq = seq
	return b.React(b.Context(), r)
}

// kinds are what was told, in order.
func (r *told) kinds() []string {
	var out []string
	for _, e := range r.Events {
		out = append(out, string(e.Kind)+" "+string(e.Product))
	}
	r.Events = nil
	return out
}

func TestOrdersAreFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := b.place("o1", "ann", "")
	about := order.Subject{Group: "o1", Order: "o1"}
	require.NoError(t, b.react(1, order.Topic, order.Paid{Subject: about}, "o1"))
	require.Equal(t, recommend.Event{
		ID: "order o1 tea", Kind: recommend.Purchase, Visitor: recommend.Visitor{Member: "ann"}, Product: "tea", Basket: "order o1", At: start,
	}, b.told.Events[0])
	require.Equal(t, []string{"purchase tea", "purchase cup"}, b.told.kinds())

	o.Lines[1].Returned = 1
	require.NoError(t, b.react(2, order.Topic, order.UnitsRefunded{Subject: about}, "o1"))
	require.Equal(t, []string{"purchase tea", "purchase cup"}, b.told.kinds(), "one of two is kept")
	o.Lines[1].Returned = 2
	require.NoError(t, b.react(3, order.Topic, order.UnitsRefunded{Subject: about}, "o1"))
	require.Equal(t, []string{"purchase tea", "refund cup"}, b.told.kinds())
	o.Payment = order.PaymentRefunded
	require.NoError(t, b.react(4, order.Topic, order.Refunded{Subject: about}, "o1"))
	require.Equal(t, []string{"refund tea", "refund cup"}, b.told.kinds())

	b.place("o2", "", "a guest's key")
	require.NoError(t, b.react(5, order.Topic, order.Paid{Subject: order.Subject{Group: "o2", Order: "o2"}}, "o2"))
	require.Equal(t, "a guest's key", b.told.Events[0].Visitor.Session)
	require.NoError(t, b.react(6, order.Topic, order.Paid{Subject: order.Subject{Group: "gone", Order: "x"}}, "gone"))
	require.NoError(t, b.react(7, order.Topic, order.Shipped{Subject: about}, "o1"))
	require.Error(t, b.React(t.Context(), event.Record{Name: order.Paid{}.EventName(), Payload: []byte("no"), Topic: order.Topic}))
}

// A purchase counts where it was sold and where it was sent to, and what came
// back of it is taken from there.
func TestPurchasesHaveSegments(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Personals = b.stores.OrderPersonals
	b.Feed = b.node()
	b.place("o1", "ann", "").Channel = "en"
	require.NoError(t, b.stores.OrderPersonals.Insert(t.Context(), &order.Personal{
		Group: "o1", ShipTo: address.Address{Country: "US", Region: "CA"}, Email: "ann@shop.example",
	}))
	b.place("o2", "", "guest").Channel = "zh"
	for n, id := range []string{"o1", "o2"} {
		require.NoError(t, b.react(int64(n+1), order.Topic, order.Paid{Subject: order.Subject{Group: ref.GroupID(id), Order: ref.OrderID(id)}}, id))
	}
	require.Len(t, b.told.Events, 4)
	require.Equal(t, []recommend.Segment{"shop=en/visitor=member", "country=us/region=ca"}, b.told.Events[0].Visitor.Segments)
	require.Equal(t, []recommend.Segment{"shop=zh/visitor=guest"}, b.told.Events[3].Visitor.Segments)

	b.cfg.Segments = func(o *order.Order, _ address.Address) []recommend.Segment {
		return []recommend.Segment{recommend.Segment("circle=" + string(o.Member))}
	}
	b.Feed, b.told.Events = b.node(), nil
	require.NoError(t, b.Rebuild(t.Context(), order.Topic))
	require.Equal(t, []recommend.Segment{"circle=ann"}, b.told.Events[0].Visitor.Segments)
}

// It is ready when it told all there was, not after the first page.
func TestItIsReadyWhenItKnowsAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ready := func() bool {
		select {
		case <-b.Ready():
			return true
		default:
			return false
		}
	}
	var events []recommend.Event
	for n := range 2001 {
		events = append(events, recommend.Event{ID: strconv.Itoa(n), Kind: recommend.View, Product: "pot", Visitor: recommend.Visitor{Session: "x"}, At: start})
	}
	require.NoError(t, b.stores.Signals.Append(t.Context(), events))
	_, err := b.Resume(t.Context(), order.Topic)
	require.NoError(t, err)
	require.False(t, ready(), "the signals are missing")
	more, err := b.Poll(t.Context())
	require.NoError(t, err)
	require.True(t, more)
	require.False(t, ready())
	b.told.err = errors.New("no answer")
	_, err = b.Poll(t.Context())
	require.Error(t, err)
	require.False(t, ready())
	b.told.err = nil
	for range 2 {
		_, err = b.Poll(t.Context())
		require.NoError(t, err)
		require.True(t, ready())
	}
}

func TestProductsAreDescribed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	write := func(version int64, rows ...listing.Row) {
		stamps, err := b.stores.Listings.Stamp(t.Context(), []ref.ProductID{"tea"})
		require.NoError(t, err)
		for i := range rows {
			rows[i].Product, rows[i].Merchant, rows[i].Version = "tea", "tea-house", stamps["tea"].Version
			rows[i].Lowest, rows[i].Highest = money.New(5, rows[i].Currency), money.New(5, rows[i].Currency)
		}
		_, err = b.stores.Listings.Write(t.Context(), []listing.Entry{{Product: "tea", Version: stamps["tea"].Version, Rows: rows}})
		require.NoError(t, err)
		require.NoError(t, b.react(version, listing.Topic, listing.Refreshed{
			Products: []listing.RefreshedProduct{{Product: "tea", Version: version}, {Product: "gone", Version: 1}},
		}, "tea"))
	}
	write(1,
		listing.Row{Channel: "en", Currency: "USD", Categories: []ref.CategoryID{"food", "teas"}, Newest: start.Add(time.Hour)},
		listing.Row{Channel: "zh", Currency: "CNY", Categories: []ref.CategoryID{"food", "teas"}, InStock: true, Newest: start})
	require.Equal(t, recommend.Product{
		ID: "tea", Category: "teas", Above: []ref.CategoryID{"food"}, Merchant: "tea-house", Channels: []ref.ChannelID{"zh"}, Listed: start, Sellable: true,
	}, b.told.Products["tea"])
	require.Equal(t, recommend.Product{ID: "gone"}, b.told.Products["gone"])
	write(2, listing.Row{Channel: "en", Currency: "USD", InStock: true, Newest: start, From: start.Add(time.Hour)})
	require.False(t, b.told.Products["tea"].Sellable, "no channel shows it yet")
	write(3)
	require.Equal(t, recommend.Product{ID: "tea"}, b.told.Products["tea"], "it left the lists")
}

func TestANodeReadsWhatThereIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	erase(b, "cy")
	b.place("o1", "ann", "")
	b.place("o2", "cy", "")
	b.place("o3", "bo", "").Payment = order.PaymentUnpaid
	b.place("o4", "bo", "").PlacedAt = start.AddDate(-1, 0, -1)
	b.place("o6", "bo", "").PlacedAt = start.AddDate(0, -11, 0)
	partly := b.place("o5", "bo", "")
	partly.Payment, partly.Lines[1].Returned = order.PaymentPartiallyRefunded, 2
	require.NoError(t, b.stores.Signals.Append(t.Context(), []recommend.Event{
		{ID: "s1", Kind: recommend.View, Product: "pot", Visitor: recommend.Visitor{Session: "x"}, At: start},
		{ID: "s2", Kind: "view", Product: "", Visitor: recommend.Visitor{Session: "x"}, At: start},
	}))
	more, err := b.Poll(t.Context())
	require.NoError(t, err)
	require.False(t, more)
	require.Equal(t, []string{"purchase tea", "purchase cup", "purchase tea", "purchase cup", "purchase tea", "view pot"}, b.told.kinds())
	require.Equal(t, []ref.MemberID{"cy"}, b.told.Gone)
	at, err := b.Resume(t.Context(), order.Topic)
	require.NoError(t, err)
	require.Empty(t, at, "the log is empty")
	_, err = b.Poll(t.Context())
	require.NoError(t, err)
	require.Empty(t, b.told.kinds(), "once")

	require.NoError(t, b.react(1, order.Topic, order.Paid{Subject: order.Subject{Group: "o2", Order: "o2"}}, "o2"))
	require.Empty(t, b.told.kinds(), "what is played again brings nobody back")
	require.NoError(t, b.react(2, member.Topic, member.Forgotten{Member: "ann"}, "ann"))
	require.Equal(t, []ref.MemberID{"cy", "ann"}, b.told.Gone)
	require.ErrorIs(t, b.Rebuild(t.Context(), "stock"), fault.Invalid)
}

func erase(b *bench, id member.ID) {
	b.Helper()
	a := member.Account{Member: member.Member{ID: id, State: member.Active, CreatedAt: start, UpdatedAt: start}}
	require.NoError(b, b.stores.Members.Insert(b.Context(), &a))
	a.State = member.Erased
	require.NoError(b, b.stores.Members.Update(b.Context(), &a))
}

// A snapshot carries the place up to which everything was told: not that of a
// record that failed and is tried again.
func TestASnapshotCarriesItsPlace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	path := filepath.Join(t.TempDir(), "snapshot")
	b.cfg.Snapshots, b.cfg.State, b.cfg.Leases = feed.File{Path: path}, b.told, b.stores.Leases
	b.Feed = b.node()
	require.NoError(t, b.Save(t.Context()), "nothing was told yet")
	b.place("o1", "ann", "")
	about := order.Subject{Group: "o1", Order: "o1"}
	_, err := b.Resume(t.Context(), order.Topic)
	require.NoError(t, err)
	require.NoError(t, b.react(7, order.Topic, order.Paid{Subject: about}, "o1"))
	b.told.err = errors.New("no answer")
	require.Error(t, b.react(8, order.Topic, order.Paid{Subject: about}, "o1"))
	b.told.err = nil
	require.NoError(t, b.react(9, order.Topic, order.Shipped{Subject: about}, "o1"))
	require.NoError(t, b.stores.Signals.Append(t.Context(), []recommend.Event{
		{ID: "s1", Kind: recommend.View, Product: "pot", Visitor: recommend.Visitor{Session: "x"}, At: start},
	}))
	_, err = b.Poll(t.Context())
	require.NoError(t, err)
	other := b.node()
	_, err = other.Resume(t.Context(), order.Topic)
	require.NoError(t, err)
	b.clock.Advance(time.Hour)
	require.NoError(t, b.Save(t.Context()))
	first, err := os.Stat(path)
	require.NoError(t, err)
	require.NoError(t, other.Save(t.Context()), "one node is enough")
	second, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(first, second))

	b.told.Events, b.told.Gone = nil, nil
	third := b.node()
	at, err := third.Resume(t.Context(), order.Topic)
	require.NoError(t, err)
	require.Equal(t, map[int]int64{event.Shard("o1"): 7}, at, "eight is still to be told")
	require.NotEmpty(t, b.told.Events)
	b.told.Events = nil
	_, err = third.Poll(t.Context())
	require.NoError(t, err)
	require.Empty(t, b.told.Events, "the signal was in the snapshot")

	require.NoError(t, os.WriteFile(path, []byte("broken"), 0o600))
	b.told.Events = nil
	_, err = b.node().Resume(t.Context(), order.Topic)
	require.NoError(t, err)
	require.Equal(t, []string{"purchase tea", "purchase cup"}, b.told.kinds(), "everything is read instead")
}

func TestFiles(t *testing.T) {
	t.Parallel()
	f := feed.File{Path: filepath.Join(t.TempDir(), "snapshot")}
	_, err := f.Get(t.Context())
	require.ErrorIs(t, err, fault.NotFound)
	put := func(text string, fail error) error {
		return f.Put(t.Context(), func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return errors.Join(err, fail)
		})
	}
	require.NoError(t, put("first", nil))
	down := errors.New("down")
	require.ErrorIs(t, put("half", down), down)
	r, err := f.Get(t.Context())
	require.NoError(t, err)
	var b bytes.Buffer
	_, err = b.ReadFrom(r)
	require.NoError(t, errors.Join(err, r.Close()))
	require.Equal(t, "first", b.String())
	files, err := os.ReadDir(filepath.Dir(f.Path))
	require.NoError(t, err)
	require.Len(t, files, 1, "nothing is left behind")
	require.ErrorIs(t, feed.File{Path: filepath.Join(f.Path, "no", "x")}.Put(t.Context(), nil), fault.Unavailable)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, f.Put(ctx, nil), fault.Canceled)
}

func TestAFeedSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	_, err := feed.New(feed.Config{Every: -1, Snapshots: feed.File{}})
	for _, field := range []string{
		"Recommender", "Signals", "Orders", "Members", "Listings", "Products", "Events", "Channels", "State", "Leases", "negative",
	} {
		require.ErrorContains(t, err, field)
	}
	require.Equal(t, []string{order.Topic, listing.Topic, member.Topic}, feed.Topics())
}
