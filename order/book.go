package order

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
)

// The kinds of claims that placing makes.
const (
	// ClaimNumber ties a group's number to its id.
	ClaimNumber = "order_number"
	// ClaimCart ties a version of a cart to the one group made of it.
	ClaimCart = "cart"
)

// maxNumberTries is how often a number that is taken is chosen anew.
const maxNumberTries = 5

// BookConfig is what a [Book] is made of.
type BookConfig struct {
	// Store keeps the orders. Required.
	Store Store
	// Personal keeps addresses, mail addresses and notes. Required.
	Personal PersonalStore
	// Claims settles who owns a number and a cart's version. Required.
	Claims uow.Claims
	// Events is the log of the same backend. Required.
	Events event.Appender
	// Numbers names groups and orders. Defaults to DateNumbers{}.
	Numbers Numberer
}

// Book is the one place where orders are entered and changed: rows, history
// and events in one go, in the unit of work of the caller, who has decided
// that it may be done. [Service] and the checkout write through it.
type Book struct{ cfg BookConfig }

// NewBook returns a book, or an error that names every missing field.
func NewBook(cfg BookConfig) (*Book, error) {
	var missing []error
	need := func(ok bool, field string) {
		if !ok {
			missing = append(missing, errors.New("order.BookConfig."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(cfg.Personal != nil, "Personal")
	need(cfg.Claims != nil, "Claims")
	need(cfg.Events != nil, "Events")
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if cfg.Numbers == nil {
		cfg.Numbers = DateNumbers{}
	}
	return &Book{cfg: cfg}, nil
}

// Get returns a whole group. NotFound.
func (b *Book) Get(ctx context.Context, id GroupID) (Group, error) {
	if !storable(string(id)) {
		return Group{}, missingGroup(id)
	}
	return b.cfg.Store.Get(ctx, id)
}

// GetMany returns the groups that exist, in the order of ids.
func (b *Book) GetMany(ctx context.Context, ids []GroupID) ([]Group, error) {
	return b.cfg.Store.GetMany(ctx, slices.DeleteFunc(slices.Clone(ids), func(id GroupID) bool { return !storable(string(id)) }))
}

// History returns the entries of a group; see [Store.History].
func (b *Book) History(ctx context.Context, id GroupID) ([]Entry, error) {
	return b.cfg.Store.History(ctx, id)
}

// ClaimDue returns orders whose deadline has come and keeps them from other
// workers; see [Store.ClaimDue].
func (b *Book) ClaimDue(ctx context.Context, q DueQuery) ([]Due, error) {
	return b.cfg.Store.ClaimDue(ctx, q)
}

// PlacedFrom returns the group that was made of a cart's version. NotFound.
func (b *Book) PlacedFrom(ctx context.Context, cart ref.CartID, version int64) (GroupID, error) {
	id, err := b.cfg.Claims.Holder(ctx, ClaimCart, cartKey(cart, version))
	return GroupID(id), err
}

// Place claims the cart's version, numbers the group and its orders, and
// stores all of it with its events. On error g is unchanged. Kinds:
// AlreadyExists, code "order.cart_placed" with the parameter "group", where
// another group was made of that version of the cart, and "order.exists";
// Invalid; Unavailable, code "order.number_taken", where no free number was
// found.
func (b *Book) Place(ctx context.Context, g *Group, entries []Entry, p Personal) error {
	p.Group = g.ID
	if err := g.Validate(); err != nil {
		return err
	}
	if err := p.Validate(); err != nil {
		return err
	}
	if g.Cart != "" {
		holder, won, err := b.cfg.Claims.Claim(ctx, ClaimCart, cartKey(g.Cart, g.CartVersion), string(g.ID))
		if err != nil {
			return err
		}
		if !won {
			return fault.New(fault.AlreadyExists, "order.cart_placed", "the cart was ordered already").With("group", holder)
		}
	}
	next := g.Clone()
	if err := b.number(ctx, &next); err != nil {
		return err
	}
	if err := b.cfg.Store.Insert(ctx, &next, entries); err != nil {
		return err
	}
	if err := b.cfg.Personal.Insert(ctx, &p); err != nil {
		return err
	}
	placed, err := placedEvent(&next)
	if err != nil {
		return err
	}
	if err := b.append(ctx, []event.Record{placed}, &next, entries); err != nil {
		return err
	}
	*g = next
	return nil
}

// Record stores orders of one group that were changed by their methods, adds
// the entries that those returned and announces them. Kinds as by
// [Store.Update].
func (b *Book) Record(ctx context.Context, g *Group, orders []*Order, entries []Entry) error {
	if len(orders) == 0 {
		return nil
	}
	if err := b.cfg.Store.Update(ctx, orders, entries); err != nil {
		return err
	}
	return b.append(ctx, nil, g, entries)
}

// Adopt makes a member the owner of those of the groups that are a guest's,
// and announces it. It returns their ids; kinds as by [Store.Adopt].
func (b *Book) Adopt(ctx context.Context, ids []GroupID, guest string, member ref.MemberID, at time.Time) ([]GroupID, error) {
	if len(ids) == 0 || guest == "" {
		return nil, nil
	}
	adopted, err := b.cfg.Store.Adopt(ctx, ids, guest, member)
	if err != nil {
		return nil, err
	}
	records := make([]event.Record, len(adopted))
	for i, id := range adopted {
		records[i], err = event.New(string(id)+"/adopted", Topic, string(id), at, Adopted{Group: id, Member: member, At: at})
		if err != nil {
			return nil, err
		}
	}
	return adopted, b.cfg.Events.Append(ctx, records...)
}

// OfGuest returns the ids of a guest's newest groups, at most so many as fit
// on a page.
func (b *Book) OfGuest(ctx context.Context, guest string) ([]GroupID, error) {
	p, err := b.cfg.Store.List(ctx, Query{Guest: guest}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return nil, err
	}
	var ids []GroupID
	for i := range p.Items {
		ids = append(ids, p.Items[i].Group)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func (b *Book) append(ctx context.Context, records []event.Record, g *Group, entries []Entry) error {
	for i := range entries {
		o, err := g.Order(entries[i].Order)
		if err != nil {
			return err
		}
		more, err := entryEvents(o, &entries[i])
		if err != nil {
			return err
		}
		records = append(records, more...)
	}
	return b.cfg.Events.Append(ctx, records...)
}

func (b *Book) number(ctx context.Context, g *Group) error {
	for try := range maxNumberTries {
		number, err := b.cfg.Numbers.Group(ctx, g, try)
		if err != nil {
			return err
		}
		if err := checkNumber(number); err != nil {
			return err
		}
		_, won, err := b.cfg.Claims.Claim(ctx, ClaimNumber, number, string(g.ID))
		if err != nil {
			return err
		}
		if !won {
			continue
		}
		g.Number = number
		for i := range g.Orders {
			g.Orders[i].Number = b.cfg.Numbers.Order(number, i)
			if err := checkNumber(g.Orders[i].Number); err != nil {
				return err
			}
		}
		return nil
	}
	return fault.New(fault.Unavailable, "order.number_taken", "no free order number was found")
}

// find returns the group that a number names. NotFound.
func (b *Book) find(ctx context.Context, typed string) (GroupID, error) {
	missing := fault.New(fault.NotFound, "order.group_not_found", "no order has this number")
	number, ok := b.cfg.Numbers.Split(typed)
	if !ok {
		return "", missing
	}
	id, err := b.cfg.Claims.Holder(ctx, ClaimNumber, number)
	if errors.Is(err, fault.NotFound) {
		return "", missing
	}
	return GroupID(id), err
}

func cartKey(cart ref.CartID, version int64) string {
	return string(cart) + "@" + strconv.FormatInt(version, 10)
}
