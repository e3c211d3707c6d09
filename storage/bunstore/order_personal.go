package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

type orderPersonalRow struct {
	bun.BaseModel `bun:"table:order_personal,alias:p"`

	Group    order.GroupID   `bun:"group_id,pk"`
	ShipTo   address.Address `bun:"ship_to,type:jsonb"`
	BillTo   address.Address `bun:"bill_to,type:jsonb"`
	Email    string          `bun:"email"`
	Remark   string          `bun:"remark"`
	ErasedAt instant         `bun:"erased_at"`
}

func orderPersonalRowOf(p *order.Personal) *orderPersonalRow {
	return &orderPersonalRow{
		Group: p.Group, ShipTo: p.ShipTo, BillTo: p.BillTo,
		Email: p.Email, Remark: p.Remark, ErasedAt: at(p.ErasedAt),
	}
}

func (r orderPersonalRow) value() order.Personal {
	return order.Personal{
		Group: r.Group, ShipTo: r.ShipTo, BillTo: r.BillTo,
		Email: r.Email, Remark: r.Remark, ErasedAt: r.ErasedAt.Time,
	}
}

type orderNoteRow struct {
	bun.BaseModel `bun:"table:order_notes,alias:n"`

	Group    order.GroupID  `bun:"group_id,pk"`
	ID       string         `bun:"id,pk"`
	Order    order.ID       `bun:"order_id"`
	At       instant        `bun:"at"`
	By       string         `bun:"by_whom"`
	Merchant ref.MerchantID `bun:"merchant"`
	Public   bool           `bun:"public"`
	Text     string         `bun:"text"`
}

func orderNoteRowOf(n *order.Note) *orderNoteRow {
	return &orderNoteRow{
		Group: n.Group, ID: n.ID, Order: n.Order, At: at(n.At), By: n.By,
		Merchant: n.Merchant, Public: n.Public, Text: n.Text,
	}
}

func (r orderNoteRow) value() order.Note {
	return order.Note{
		Group: r.Group, ID: r.ID, Order: r.Order, At: r.At.Time, By: r.By,
		Merchant: r.Merchant, Public: r.Public, Text: r.Text,
	}
}

type personals struct{ db *DB }

var _ order.PersonalStore = personals{}

func (s personals) Insert(ctx context.Context, p *order.Personal) error {
	return insertRow(ctx, s.db.conn(ctx), "order_personal", orderPersonalRowOf(p))
}

func (s personals) Get(ctx context.Context, id order.GroupID) (order.Personal, error) {
	found, err := s.GetMany(ctx, []order.GroupID{id})
	if err != nil {
		return order.Personal{}, err
	}
	if len(found) == 0 {
		return order.Personal{}, missing("order_personal")
	}
	return found[0], nil
}

func (s personals) GetMany(ctx context.Context, ids []order.GroupID) ([]order.Personal, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []orderPersonalRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("group_id IN (?)", bun.List(ids))); err != nil {
		return nil, err
	}
	return inOrder(ids, rows, func(r orderPersonalRow) order.GroupID { return r.Group }, orderPersonalRow.value), nil
}

func (s personals) AddNote(ctx context.Context, n *order.Note) error {
	return s.db.write(ctx, func(ctx context.Context, c conn) error {
		// The lock makes erasing wait for this note, or this note for it.
		var row orderPersonalRow
		sel := c.query(&row).Column("group_id", "erased_at").Where("group_id = ?", n.Group)
		if s.db.postgres {
			sel.For("SHARE")
		}
		if _, err := c.scan(ctx, sel); err != nil {
			return err
		}
		if !row.ErasedAt.IsZero() {
			return order.ErrErased(n.Group)
		}
		return insertRow(ctx, c, "order_note", orderNoteRowOf(n))
	})
}

func (s personals) Notes(ctx context.Context, id order.GroupID) ([]order.Note, error) {
	var rows []orderNoteRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("group_id = ?", id).OrderExpr("at, id")); err != nil {
		return nil, err
	}
	out := make([]order.Note, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

func (s personals) Erase(ctx context.Context, ids []order.GroupID, when time.Time) (int, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	var erased int64
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		held := c.query((*orderPersonalRow)(nil)).Column("group_id").
			Where("group_id IN (?)", bun.List(ids)).Where("erased_at IS NULL").OrderExpr("group_id")
		if s.db.postgres {
			held.For("UPDATE")
		}
		var err error
		erased, err = c.exec(ctx, c.update((*orderPersonalRow)(nil)).With("_held", held).
			Set("ship_to = '{}', bill_to = '{}', email = '', remark = ''").Set("erased_at = ?", at(when)).
			Where("group_id IN (SELECT group_id FROM _held)"))
		if err != nil {
			return err
		}
		_, err = c.exec(ctx, c.delete((*orderNoteRow)(nil)).Where("group_id IN (?)", bun.List(ids)))
		return err
	})
	return int(erased), err
}
