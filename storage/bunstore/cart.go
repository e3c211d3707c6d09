package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
)

type cartRow struct {
	bun.BaseModel `bun:"table:carts,alias:c"`

	ID         cart.ID        `bun:"id,pk"`
	Member     ref.MemberID   `bun:"member"`
	Guest      string         `bun:"guest"`
	Channel    ref.ChannelID  `bun:"channel"`
	Currency   money.Currency `bun:"currency"`
	State      cart.State     `bun:"state"`
	Group      ref.GroupID    `bun:"group_id"`
	MergedInto cart.ID        `bun:"merged_into"`
	Lines      []cart.Line    `bun:"lines,type:jsonb"`
	CreatedAt  instant        `bun:"created_at"`
	UpdatedAt  instant        `bun:"updated_at"`
	ExpiresAt  instant        `bun:"expires_at"`
	Version    int64          `bun:"version"`
}

func cartRowOf(c *cart.Cart, version int64) *cartRow {
	return &cartRow{
		ID: c.ID, Member: c.Member, Guest: c.Guest, Channel: c.Channel, Currency: c.Currency,
		State: c.State, Group: c.Group, MergedInto: c.MergedInto, Lines: c.Lines,
		CreatedAt: at(c.CreatedAt), UpdatedAt: at(c.UpdatedAt), ExpiresAt: at(c.ExpiresAt), Version: version,
	}
}

func (r cartRow) value() cart.Cart {
	return cart.Cart{
		ID: r.ID, Member: r.Member, Guest: r.Guest, Channel: r.Channel, Currency: r.Currency,
		State: r.State, Group: r.Group, MergedInto: r.MergedInto, Lines: r.Lines,
		CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, ExpiresAt: r.ExpiresAt.Time, Version: r.Version,
	}
}

type carts struct{ db *DB }

var _ cart.Store = carts{}

func (s carts) Insert(ctx context.Context, c *cart.Cart) error {
	if err := insertRow(ctx, s.db.conn(ctx), "cart", cartRowOf(c, 1)); err != nil {
		return err
	}
	c.Version = 1
	return nil
}

func (s carts) Update(ctx context.Context, c *cart.Cart) error {
	if err := updateRow(ctx, s.db.conn(ctx), "cart", cartRowOf(c, c.Version+1), c.Version+1); err != nil {
		return err
	}
	c.Version++
	return nil
}

func (s carts) Get(ctx context.Context, id cart.ID) (cart.Cart, error) {
	var rows []cartRow
	err := s.db.readConn(ctx).find(ctx, "cart", &rows, func(q *bun.SelectQuery) { q.Where("id = $1") }, string(id))
	if err != nil {
		return cart.Cart{}, err
	}
	if len(rows) == 0 {
		return cart.Cart{}, missing("cart")
	}
	return rows[0].value(), nil
}

func (s carts) List(ctx context.Context, q cart.Query, p page.Request) (page.Page[cart.Cart], error) {
	byID := keyset{list: "cart.id", columns: []string{"id"}}
	var rows []cartRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	wherever(sel, "member", string(q.Member), "member <> ''")
	wherever(sel, "guest", q.Guest, "guest <> ''")
	wherever(sel, "channel", string(q.Channel), "")
	wherever(sel, "state", string(q.State), "")
	size, err := byID.apply(sel, p, texts)
	if err != nil {
		return page.Page[cart.Cart]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[cart.Cart]{}, err
	}
	return pageOf(byID, rows, size, cartRow.value, func(r cartRow) []string { return []string{string(r.ID)} }), nil
}

func (s carts) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	c := s.db.conn(ctx)
	gone := c.query((*cartRow)(nil)).Column("id").Where("expires_at <= ?", at(before)).
		OrderExpr("expires_at, id").Limit(int64(limit))
	if s.db.postgres {
		gone.For("UPDATE SKIP LOCKED")
	}
	n, err := c.exec(ctx, c.delete((*cartRow)(nil)).With("_gone", gone).Where("id IN (SELECT id FROM _gone)"))
	return int(n), err
}
