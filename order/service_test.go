package order_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/actor"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

var (
	ann   = ref.Member("ann")
	staff = ref.Staff("eve")
)

func TestNewServiceNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := order.NewService(order.Config{})
	for _, field := range []string{"Store", "Personal", "Book", "Units"} {
		require.ErrorContains(t, err, "order.Config."+field+" is required")
	}
	_, err = order.NewBook(order.BookConfig{})
	for _, field := range []string{"Store", "Personal", "Claims", "Events"} {
		require.ErrorContains(t, err, "order.BookConfig."+field+" is required")
	}
}

func TestPlacing(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g := s.place(t, placeInput("g1"))
	require.Equal(t, []string{"order.placed.v1"}, s.log.take())
	require.Regexp(t, `^260314-\w{8}$`, g.Number)
	require.Equal(t, g.Number+"-2", g.Orders[1].Number)
	got, err := s.Get(t.Context(), ann, g.ID)
	require.NoError(t, err)
	require.Equal(t, g, got)
	from, err := s.book.PlacedFrom(t.Context(), "cart-g1", 3)
	require.NoError(t, err)
	require.Equal(t, g.ID, from)
	for _, typed := range []string{g.Number, strings.ToLower(g.Orders[1].Number)} {
		got, err = s.Find(t.Context(), ann, typed)
		require.NoError(t, err)
		require.Equal(t, g.ID, got.ID)
	}
	for _, typed := range []string{"", "261231-AAAAAAAA", "junk"} {
		_, err = s.Find(t.Context(), ann, typed)
		require.ErrorIs(t, err, fault.NotFound)
	}
}

func TestACartsVersionIsOrderedOnce(t *testing.T) {
	t.Parallel()
	s := setup(t)
	first := s.place(t, placeInput("g1"))
	in := placeInput("g2")
	in.Cart, in.CartVersion = first.Cart, first.CartVersion
	again, entries, err := order.New(in, order.Cause{At: noon})
	require.NoError(t, err)
	before := again.Clone()
	err = s.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		return s.book.Place(ctx, &again, entries, order.Personal{})
	})
	require.ErrorIs(t, err, fault.AlreadyExists)
	require.Equal(t, "order.cart_placed", fault.CodeOf(err))
	require.Equal(t, before, again, "on error the argument is unchanged")
}

// stuck always gives the same number.
type stuck struct{ order.DateNumbers }

func (stuck) Group(context.Context, *order.Group, int) (string, error) { return "1", nil }

func TestATakenNumberIsChosenAnew(t *testing.T) {
	t.Parallel()
	s := setup(t)
	book, err := order.NewBook(order.BookConfig{
		Store: s.stores.Orders, Personal: s.stores.OrderPersonals,
		Claims: s.stores.Claims, Events: s.log, Numbers: stuck{},
	})
	require.NoError(t, err)
	_, _, err = s.stores.Claims.Claim(t.Context(), order.ClaimNumber, "1", "another")
	require.NoError(t, err)
	g, entries, err := order.New(placeInput("g1"), order.Cause{At: noon})
	require.NoError(t, err)
	err = s.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		return book.Place(ctx, &g, entries, order.Personal{})
	})
	require.ErrorIs(t, err, fault.Unavailable)
	_, err = s.Get(t.Context(), staff, g.ID)
	require.ErrorIs(t, err, fault.NotFound)
}

func TestPlacingRefusesBadPersonalData(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g, entries, err := order.New(placeInput("g1"), order.Cause{At: noon})
	require.NoError(t, err)
	bad := home()
	bad.Country = "XX"
	err = s.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		return s.book.Place(ctx, &g, entries, order.Personal{ShipTo: bad, Remark: strings.Repeat("x", order.MaxNote+1)})
	})
	require.ErrorIs(t, err, fault.Invalid)
	require.ErrorContains(t, err, "ship_to.country")
	require.ErrorContains(t, err, "remark")
}

// Everybody else is told that there is no such group.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g := s.place(t, placeInput("g1"))
	s.pay(t, &g)
	guestInput := placeInput("g2")
	guestInput.Member, guestInput.Guest = "", ref.Guest("token").Guest()
	guests := s.place(t, guestInput)

	strangers := []ref.Scope{{}, ref.Member("bob"), ref.Guest("other"), ref.Guest("token"), ref.Merchant(rival)}
	for _, scope := range strangers {
		_, err := s.Get(t.Context(), scope, g.ID)
		_, none := s.Get(t.Context(), scope, "none")
		missing := fault.CodeOf(none)
		calls := map[string]error{"get": err}
		_, calls["find"] = s.Find(t.Context(), scope, g.Number)
		_, calls["history"] = s.History(t.Context(), scope, g.ID)
		_, calls["personal"] = s.Personal(t.Context(), scope, g.ID)
		_, calls["notes"] = s.Notes(t.Context(), scope, g.ID)
		_, calls["note"] = s.AddNote(t.Context(), scope, order.NoteInput{Group: g.ID, Text: "hi"})
		_, calls["ship"] = s.Ship(t.Context(), scope, order.ShipInput{Target: target(&g, 0)})
		_, calls["complete"] = s.Complete(t.Context(), scope, target(&g, 0))
		_, calls["prolong"] = s.Prolong(t.Context(), scope, order.ProlongInput{Target: target(&g, 0), Until: noon.Add(time.Hour)})
		for name, err := range calls {
			require.ErrorIs(t, err, fault.NotFound, "%s as %s", name, scope)
			require.Contains(t, []string{missing, "order.group_not_found"}, fault.CodeOf(err))
		}
	}
	_, err := s.Get(t.Context(), ref.Guest("token"), guests.ID)
	require.NoError(t, err)

	part, err := s.Get(t.Context(), ref.Merchant(potter), g.ID)
	require.NoError(t, err)
	require.Len(t, part.Orders, 1)
	require.Equal(t, usd(3_240), part.Payable, "what the others sold is not shown")
	require.Empty(t, part.Intent)
	require.Empty(t, part.Cart)
	_, err = s.Ship(t.Context(), ref.Merchant(potter), order.ShipInput{Target: target(&g, 0)})
	require.ErrorIs(t, err, fault.NotFound, "another merchant's order in the group")
	_, err = s.Ship(t.Context(), ann, order.ShipInput{Target: target(&g, 0)})
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = s.Complete(t.Context(), ref.Merchant(teaHouse), target(&g, 0))
	require.ErrorIs(t, err, fault.PermissionDenied)
}

func TestListsAreNarrowedToTheScope(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.place(t, placeInput("g1"))
	other := placeInput("g2")
	other.Member = "bob"
	other.Orders = other.Orders[:1]
	s.place(t, other)
	count := func(scope ref.Scope, q order.Query) int {
		p, err := s.List(t.Context(), scope, q, page.Request{})
		require.NoError(t, err)
		return len(p.Items)
	}
	require.Equal(t, 3, count(staff, order.Query{}))
	require.Equal(t, 1, count(staff, order.Query{Member: "bob"}))
	require.Equal(t, 2, count(ann, order.Query{}))
	require.Equal(t, 1, count(ann, order.Query{Merchant: potter}))
	require.Equal(t, 0, count(ann, order.Query{Member: "bob"}))
	require.Equal(t, 0, count(ann, order.Query{Guest: "x"}))
	require.Equal(t, 2, count(ref.Merchant(teaHouse), order.Query{}))
	require.Equal(t, 0, count(ref.Merchant(teaHouse), order.Query{Merchant: potter}))
	require.Equal(t, 0, count(ref.Guest("token"), order.Query{}))
	require.Equal(t, 0, count(ref.Guest("token"), order.Query{Member: "ann"}))
	_, err := s.List(t.Context(), ref.Scope{}, order.Query{}, page.Request{})
	require.ErrorIs(t, err, fault.PermissionDenied)
	for _, q := range []order.Query{{State: "odd"}, {Payment: "odd"}, {Merchant: "\xff"}, {Channel: "a\x00"}} {
		_, err = s.List(t.Context(), staff, q, page.Request{})
		require.ErrorIs(t, err, fault.Invalid)
	}
	for _, id := range []order.GroupID{"", "\xff", "a\x00"} {
		_, err = s.Get(t.Context(), staff, id)
		require.ErrorIs(t, err, fault.NotFound)
	}
}

func TestFulfilment(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g := s.place(t, placeInput("g1"))
	s.pay(t, &g)
	require.Equal(t, []string{
		"order.placed.v1", "order.paid.v1", "order.confirmed.v1", "order.paid.v1", "order.confirmed.v1",
	}, s.log.take())

	in := order.ShipInput{Target: target(&g, 0), Parcel: order.Parcel{Carrier: "SF", Tracking: "123"}}
	in.Version = 1
	_, err := s.Ship(t.Context(), ref.Merchant(teaHouse), in)
	require.ErrorIs(t, err, fault.Conflict)
	in.Version = 2
	o, err := s.Ship(t.Context(), ref.Merchant(teaHouse), in)
	require.NoError(t, err)
	require.Equal(t, order.StateShipped, o.State)
	require.Equal(t, noon.AddDate(0, 0, 14), o.Deadline)
	require.EqualValues(t, 3, o.Version)
	_, err = s.Ship(t.Context(), ref.Merchant(teaHouse), order.ShipInput{Target: target(&g, 0)})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = s.Ship(t.Context(), staff, order.ShipInput{Target: target(&g, 1), Parcel: order.Parcel{Carrier: "\xff"}})
	require.ErrorIs(t, err, fault.Invalid)

	o, err = s.Complete(t.Context(), ann, target(&g, 0))
	require.NoError(t, err)
	require.Equal(t, order.StateCompleted, o.State)
	require.Equal(t, []string{"order.shipped.v1", "order.completed.v1"}, s.log.take())

	history, err := s.History(t.Context(), ref.Merchant(teaHouse), g.ID)
	require.NoError(t, err)
	var steps []string
	for _, e := range history {
		steps = append(steps, e.By+" "+string(e.From)+">"+string(e.To))
	}
	require.Equal(t, []string{
		"member:ann >pending", "system pending>confirmed", "merchant:tea-house confirmed>shipped", "member:ann shipped>completed",
	}, steps, "the merchant reads the own order's history only")
}

func TestWhoActsIsNamed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g := s.place(t, placeInput("g1"))
	s.pay(t, &g)
	ctx := actor.With(t.Context(), actor.Actor{Scope: staff})
	_, err := s.Ship(ctx, ref.Merchant(teaHouse), order.ShipInput{Target: target(&g, 0)})
	require.NoError(t, err)
	history, err := s.History(t.Context(), staff, g.ID)
	require.NoError(t, err)
	require.Equal(t, "staff:eve", history[2].By)
}

func TestReceiptCompletesByItself(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g := s.place(t, placeInput("g1"))
	s.pay(t, &g)
	for i := range g.Orders {
		_, err := s.Ship(t.Context(), staff, order.ShipInput{Target: target(&g, i)})
		require.NoError(t, err)
	}
	_, err := s.CompleteDue(t.Context(), ann, 10)
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = s.Prolong(t.Context(), ann, order.ProlongInput{Target: target(&g, 1), Until: noon.AddDate(0, 0, 20)})
	require.NoError(t, err)
	s.log.take()

	done, err := s.CompleteDue(t.Context(), staff, 10)
	require.NoError(t, err)
	require.Zero(t, done)
	s.clock.Set(noon.AddDate(0, 0, 15))
	done, err = s.CompleteDue(t.Context(), staff, 10)
	require.NoError(t, err)
	require.Equal(t, 1, done)
	require.Equal(t, []string{"order.completed.v1"}, s.log.take())
	got, err := s.Get(t.Context(), staff, g.ID)
	require.NoError(t, err)
	require.Equal(t, order.StateCompleted, got.Orders[0].State)
	require.Equal(t, order.StateShipped, got.Orders[1].State)
}

func TestProlonging(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g := s.place(t, placeInput("g1"))
	in := order.ProlongInput{Target: target(&g, 0), Until: noon.Add(time.Hour)}
	for _, scope := range []ref.Scope{ann, ref.Merchant(teaHouse), staff} {
		_, err := s.Prolong(t.Context(), scope, in)
		require.Equal(t, "order.pay_by", fault.CodeOf(err), "the payment would not wait")
	}
	s.pay(t, &g)
	o, err := s.Ship(t.Context(), staff, order.ShipInput{Target: in.Target})
	require.NoError(t, err)
	in.Until = o.Deadline.Add(time.Hour)
	o, err = s.Prolong(t.Context(), ann, in)
	require.NoError(t, err)
	require.Equal(t, in.Until, o.Deadline)
	in.Until = noon.AddDate(1, 0, 0)
	_, err = s.Prolong(t.Context(), staff, in)
	require.ErrorIs(t, err, fault.Invalid)
}

func TestNotes(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g := s.place(t, placeInput("g1"))
	add := func(scope ref.Scope, in order.NoteInput) {
		in.Group = g.ID
		_, err := s.AddNote(t.Context(), scope, in)
		require.NoError(t, err)
	}
	add(ann, order.NoteInput{Text: "from the buyer"})
	add(staff, order.NoteInput{Text: "staff only"})
	add(staff, order.NoteInput{Text: "staff to all", Public: true})
	add(ref.Merchant(teaHouse), order.NoteInput{Text: "tea house only"})
	add(ref.Merchant(potter), order.NoteInput{Text: "potter to the buyer", Public: true})
	for scope, want := range map[ref.Scope][]string{
		ann:                    {"from the buyer", "staff to all", "potter to the buyer"},
		staff:                  {"from the buyer", "staff only", "staff to all", "tea house only", "potter to the buyer"},
		ref.Merchant(teaHouse): {"from the buyer", "staff to all", "tea house only"},
		ref.Merchant(potter):   {"from the buyer", "staff to all", "potter to the buyer"},
	} {
		notes, err := s.Notes(t.Context(), scope, g.ID)
		require.NoError(t, err)
		var got []string
		for _, n := range notes {
			got = append(got, n.Text)
		}
		require.Equal(t, want, got, "%s", scope)
	}
	for _, text := range []string{"", "\xff", strings.Repeat("x", order.MaxNote+1)} {
		_, err := s.AddNote(t.Context(), ann, order.NoteInput{Group: g.ID, Text: text})
		require.ErrorIs(t, err, fault.Invalid)
	}
	_, err := s.AddNote(t.Context(), ref.Merchant(potter), order.NoteInput{Group: g.ID, Order: g.Orders[0].ID, Text: "x"})
	require.ErrorIs(t, err, fault.NotFound)
}

func TestPersonalDataAreShownByNeedAndErased(t *testing.T) {
	t.Parallel()
	s := setup(t)
	g := s.place(t, placeInput("g1"))
	p, err := s.Personal(t.Context(), ann, g.ID)
	require.NoError(t, err)
	require.Equal(t, "ann@example.com", p.Email)
	p, err = s.Personal(t.Context(), ref.Merchant(potter), g.ID)
	require.NoError(t, err)
	require.Equal(t, home(), p.ShipTo)
	require.Empty(t, p.Email)
	require.True(t, p.BillTo.IsZero())

	_, err = s.Erase(t.Context(), ann, g.ID)
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = s.Erase(t.Context(), staff, g.ID)
	require.ErrorIs(t, err, fault.FailedPrecondition, "it has still to be delivered")
	_, err = s.Erase(t.Context(), staff, "none")
	require.ErrorIs(t, err, fault.NotFound)

	require.NoError(t, s.stores.Units.Do(t.Context(), func(ctx context.Context) error {
		orders, err := g.Select()
		require.NoError(t, err)
		var entries []order.Entry
		for _, o := range orders {
			e, err := o.Cancel(order.Cause{At: noon, By: "system"})
			require.NoError(t, err)
			entries = append(entries, e)
		}
		return s.book.Record(ctx, &g, orders, entries)
	}))
	n, err := s.Erase(t.Context(), staff, g.ID)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	p, err = s.Personal(t.Context(), ann, g.ID)
	require.NoError(t, err)
	require.True(t, p.Erased())
	require.True(t, p.ShipTo.IsZero())
	_, err = s.AddNote(t.Context(), ann, order.NoteInput{Group: g.ID, Text: "my name is ..."})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	got, err := s.Get(t.Context(), ann, g.ID)
	require.NoError(t, err)
	require.Equal(t, g.Payable, got.Payable, "the order stays")
}

func TestPeopleStayOutOfLogs(t *testing.T) {
	t.Parallel()
	p := order.Personal{Group: "g1", ShipTo: home(), Email: "ann@example.com", Remark: "ring twice"}
	n := order.Note{ID: "n1", Group: "g1", Text: "call Ann"}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "personal", p, "note", n)
	for _, text := range []string{
		fmt.Sprint(p, n), fmt.Sprintf("%v %+v %#v %s", p, p, p, p), fmt.Sprintf("%v %+v %#v %s", n, n, n, n), log.String(),
	} {
		for _, secret := range []string{"Ann", "ann@", "Main", "ring", "call", "2125550123"} {
			require.NotContains(t, text, secret)
		}
		require.Contains(t, text, "g1")
	}
}

func TestSelect(t *testing.T) {
	t.Parallel()
	g := newGroup(t)
	all, err := g.Select()
	require.NoError(t, err)
	require.Len(t, all, 2)
	one, err := g.Select(g.Orders[1].ID, g.Orders[1].ID)
	require.NoError(t, err)
	require.Equal(t, []*order.Order{&g.Orders[1]}, one)
	_, err = g.Select("none")
	require.ErrorIs(t, err, fault.NotFound)
}
