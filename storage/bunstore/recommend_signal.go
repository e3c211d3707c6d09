package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

type signalRow struct {
	bun.BaseModel `bun:"table:recommend_signals,alias:rs"`

	Position int64               `bun:"position,pk"`
	ID       string              `bun:"id"`
	Kind     recommend.Kind      `bun:"kind"`
	Product  ref.ProductID       `bun:"product"`
	Member   ref.MemberID        `bun:"member"`
	Session  string              `bun:"session"`
	Segments []recommend.Segment `bun:"segments,type:jsonb"`
	Basket   string              `bun:"basket"`
	At       instant             `bun:"at"`
}

func (r signalRow) value() recommend.Signal {
	e := recommend.Event{
		ID: r.ID, Kind: r.Kind, Product: r.Product, Basket: r.Basket, At: r.At.Time,
		Visitor: recommend.Visitor{Member: r.Member, Session: r.Session},
	}
	if len(r.Segments) > 0 {
		e.Visitor.Segments = r.Segments
	}
	return recommend.Signal{Position: r.Position, Event: e}
}

// signals is the recommend.SignalStore. Whoever appends holds the row with the
// last position until the unit ends, so that the order of positions is that of
// commits.
type signals struct{ db *DB }

var _ recommend.SignalStore = signals{}

func (s signals) Append(ctx context.Context, events []recommend.Event) error {
	if len(events) == 0 {
		return s.db.conn(ctx).err
	}
	return s.db.write(ctx, func(ctx context.Context, c conn) error {
		var last int64
		err := c.fixed(ctx, "UPDATE recommend_signal_last SET position = position + $1 RETURNING position", []any{len(events)}, &last)
		if err != nil {
			return err
		}
		rows := make([]signalRow, len(events))
		for i, e := range events {
			rows[i] = signalRow{
				Position: last - int64(len(events)-1-i), ID: e.ID, Kind: e.Kind, Product: e.Product,
				Member: e.Visitor.Member, Session: e.Visitor.Session,
				Segments: append([]recommend.Segment{}, e.Visitor.Segments...), Basket: e.Basket, At: at(e.At),
			}
		}
		_, err = insertNew(ctx, c, &rows)
		return err
	})
}

func (s signals) Read(ctx context.Context, after int64, limit int) ([]recommend.Signal, error) {
	var rows []signalRow
	err := s.db.readConn(ctx).find(ctx, "signals", &rows, func(q *bun.SelectQuery) {
		q.Where("position > $1").OrderExpr("position LIMIT $2")
	}, after, limit)
	if err != nil {
		return nil, err
	}
	return values(rows, signalRow.value), nil
}

func (s signals) Forget(ctx context.Context, members []ref.MemberID) error {
	c := s.db.conn(ctx)
	if len(members) == 0 {
		return c.err
	}
	all := c.query((*signalRow)(nil)).Column("position").Where("member IN (?)", bun.List(members)).
		WhereOr("member = '' AND session IN (?)", c.query((*signalRow)(nil)).ModelTableExpr("recommend_signals AS own").
			ColumnExpr("own.session").Where("own.member IN (?)", bun.List(members)).Where("own.session <> ''")).
		Order("position")
	if s.db.postgres {
		all.For("UPDATE OF rs")
	}
	_, err := c.exec(ctx, c.delete((*signalRow)(nil)).Where("position IN (?)", all))
	return err
}

func (s signals) Purge(ctx context.Context, kinds []recommend.Kind, before time.Time, limit int) (int, error) {
	c := s.db.conn(ctx)
	if len(kinds) == 0 {
		return 0, c.err
	}
	erased := c.query((*memberRow)(nil)).ColumnExpr("1").Where("m.id = rs.member").Where("m.state = ?", member.Erased)
	old := c.query((*signalRow)(nil)).Column("position").Where("at < ?", at(before)).Where("kind IN (?)", bun.List(kinds)).
		Where("kind <> ? OR member = '' OR EXISTS (?)", recommend.Hide, erased).Order("at", "position").Limit(int64(limit))
	if s.db.postgres {
		old.For("UPDATE SKIP LOCKED")
	}
	n, err := c.exec(ctx, c.delete((*signalRow)(nil)).Where("position IN (?)", old))
	return int(n), err
}
