package bunstore

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
)

type impressionRow struct {
	bun.BaseModel `bun:"table:shelf_impressions,alias:si"`

	Request    string            `bun:"request,pk"`
	Strategy   string            `bun:"strategy,pk"`
	Slot       string            `bun:"slot"`
	Member     ref.MemberID      `bun:"member"`
	Session    string            `bun:"session"`
	Segment    recommend.Segment `bun:"segment"`
	Model      int64             `bun:"model"`
	Propensity float64           `bun:"propensity"`
	Products   []ref.ProductID   `bun:"products,type:jsonb"`
	Places     []int             `bun:"places,type:jsonb"`
	At         instant           `bun:"at"`
	Seen       bool              `bun:"seen"`
	Clicked    bool              `bun:"clicked"`
	Carted     bool              `bun:"carted"`
	Ordered    bool              `bun:"ordered"`
	Sales      []shelf.Sale      `bun:"sales,type:jsonb"`
}

func (r impressionRow) value() shelf.Impression {
	return shelf.Impression{
		Request: r.Request, Strategy: r.Strategy, Slot: r.Slot, Member: r.Member, Session: r.Session, Segment: r.Segment,
		Model: r.Model, Propensity: r.Propensity, Products: r.Products, Places: r.Places, At: r.At.Time,
		Seen: r.Seen, Clicked: r.Clicked, Carted: r.Carted, Ordered: r.Ordered, Sales: append([]shelf.Sale(nil), r.Sales...),
	}
}

// impressionMark is what becomes of an impression.
type impressionMark struct {
	Request  string       `bun:"request"`
	Strategy string       `bun:"strategy"`
	Seen     bool         `bun:"seen"`
	Clicked  bool         `bun:"clicked"`
	Carted   bool         `bun:"carted"`
	Ordered  bool         `bun:"ordered"`
	Sales    []shelf.Sale `bun:"sales,type:jsonb"`
}

type impressions struct{ db *DB }

var _ shelf.ImpressionStore = impressions{}

func (s impressions) Insert(ctx context.Context, all []shelf.Impression) error {
	c := s.db.conn(ctx)
	if len(all) == 0 {
		return c.err
	}
	rows := make([]impressionRow, len(all))
	for n, i := range slices.SortedFunc(slices.Values(all), shelf.Impression.Compare) {
		rows[n] = impressionRow{
			Request: i.Request, Strategy: i.Strategy, Slot: i.Slot, Member: i.Member, Session: i.Session, Segment: i.Segment,
			Model: i.Model, Propensity: i.Propensity, At: at(i.At),
			Products: append([]ref.ProductID{}, i.Products...), Places: append([]int{}, i.Places...),
			Seen: i.Seen, Clicked: i.Clicked, Carted: i.Carted, Ordered: i.Ordered, Sales: append([]shelf.Sale{}, i.Sales...),
		}
	}
	_, err := insertNew(ctx, c, &rows)
	return err
}

func (s impressions) Take(ctx context.Context, q shelf.Sought) ([]shelf.Impression, error) {
	if _, err := s.db.inside(ctx, "shelf_impression.take"); err != nil {
		return nil, err
	}
	c := s.db.conn(ctx)
	var rows []impressionRow
	query := c.query(&rows).Order("request", "strategy")
	if s.db.postgres {
		query.For("UPDATE")
	}
	sought := 0
	if len(q.Requests) > 0 {
		sought++
		query.Where("request IN (?)", bun.List(q.Requests))
	}
	if len(q.Products) > 0 {
		shows := c.shows(q)
		if len(q.Members) > 0 {
			sought++
			query.WhereOr("member <> '' AND member IN (?) AND ?", bun.List(q.Members), shows)
		}
		if len(q.Sessions) > 0 {
			sought++
			query.WhereOr("session <> '' AND session IN (?) AND ?", bun.List(q.Sessions), shows)
		}
	}
	if sought == 0 {
		return nil, c.err
	}
	if _, err := c.scan(ctx, query); err != nil {
		return nil, err
	}
	return values(rows, impressionRow.value), nil
}

// shows is the condition that an impression is new enough and shows one of the
// products.
func (c conn) shows(q shelf.Sought) bun.Safe {
	text := "EXISTS (SELECT 1 FROM json_each(products) AS p WHERE p.value IN (?))"
	if c.db.postgres {
		text = "jsonb_exists_any(products, ARRAY[?]::text[])"
	}
	args := []any{bun.List(q.Products)}
	if !q.Since.IsZero() {
		text, args = text+" AND at >= ?", append(args, at(q.Since))
	}
	return bun.Safe(c.db.writer.QueryGen().FormatQuery(text, args...))
}

func (s impressions) Mark(ctx context.Context, all []shelf.Impression) error {
	c := s.db.conn(ctx)
	if len(all) == 0 {
		return c.err
	}
	marks := make([]impressionMark, len(all))
	for n, i := range slices.SortedFunc(slices.Values(all), shelf.Impression.Compare) {
		marks[n] = impressionMark{i.Request, i.Strategy, i.Seen, i.Clicked, i.Carted, i.Ordered, append([]shelf.Sale{}, i.Sales...)}
	}
	q := c.update((*impressionRow)(nil)).With("_new", c.bun.NewValues(&marks)).TableExpr("_new").
		Where("?TableAlias.request = _new.request AND ?TableAlias.strategy = _new.strategy")
	for _, col := range []string{"seen", "clicked", "carted", "ordered", "sales"} {
		q.Set("?0 = _new.?0", bun.Ident(col))
	}
	_, err := c.exec(ctx, q)
	return err
}

// impressionOwner is a member with a session and the times of it.
type impressionOwner struct {
	Session string       `bun:"session"`
	Member  ref.MemberID `bun:"member"`
	After   instant      `bun:"later_than,type:timestamptz"`
	Until   instant      `bun:"until,type:timestamptz"`
}

func (s impressions) Adopt(ctx context.Context, owners []shelf.Owner) error {
	c := s.db.conn(ctx)
	if len(owners) == 0 {
		return c.err
	}
	rows := make([]impressionOwner, len(owners))
	for n, o := range owners {
		rows[n] = impressionOwner{o.Session, o.Member, at(o.After), at(o.Until)}
	}
	theirs := c.query((*impressionRow)(nil)).ColumnExpr("si.request, si.strategy, _new.member AS owner").
		Join("JOIN _new ON si.session = _new.session").Where("si.session <> '' AND si.member = ''").
		Where("si.at > _new.later_than AND si.at <= _new.until").
		Order("si.request", "si.strategy")
	if s.db.postgres {
		theirs.For("UPDATE OF si")
	}
	q := c.update((*impressionRow)(nil)).With("_new", c.bun.NewValues(&rows)).With("_theirs", theirs).TableExpr("_theirs").
		Where("?TableAlias.request = _theirs.request AND ?TableAlias.strategy = _theirs.strategy").
		Set("member = _theirs.owner")
	_, err := c.exec(ctx, q)
	return err
}

func (s impressions) Reach(ctx context.Context, q shelf.ReachQuery) ([]shelf.Reach, error) {
	c := s.db.readConn(ctx)
	each := "json_each(si.products) AS p"
	if s.db.postgres {
		each = "jsonb_array_elements_text(si.products) AS p (value)"
	}
	shown := c.query((*impressionRow)(nil)).Column("si.slot", "si.strategy", "si.segment").
		ColumnExpr("p.value AS product, CAST(count(*) AS bigint) AS shown").TableExpr(each).
		Where("si.seen AND si.at >= ? AND si.at < ?", at(q.From), at(q.Before)).
		Group("si.slot", "si.strategy", "si.segment", "p.value")
	if q.Slot != "" {
		shown.Where("si.slot = ?", q.Slot)
	}
	return c.reach(ctx, shown)
}

func (s impressions) Forget(ctx context.Context, members []ref.MemberID) error {
	c := s.db.conn(ctx)
	if len(members) == 0 {
		return c.err
	}
	sessions := c.query((*impressionRow)(nil)).ModelTableExpr("shelf_impressions AS own").ColumnExpr("own.session").
		Where("own.member <> '' AND own.member IN (?)", bun.List(members)).Where("own.session <> ''")
	mine := c.query((*impressionRow)(nil)).Column("request", "strategy").Where("member <> '' AND member IN (?)", bun.List(members)).
		WhereOr("member = '' AND session <> '' AND session IN (?)", sessions).Order("request", "strategy")
	if s.db.postgres {
		mine.For("UPDATE OF si")
	}
	_, err := c.exec(ctx, c.delete((*impressionRow)(nil)).Where("(request, strategy) IN (?)", mine))
	return err
}

func (s impressions) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	c := s.db.conn(ctx)
	old := c.query((*impressionRow)(nil)).Column("request", "strategy").Where("at < ?", at(before)).
		Order("at", "request", "strategy").Limit(int64(limit))
	if s.db.postgres {
		old.For("UPDATE SKIP LOCKED")
	}
	n, err := c.exec(ctx, c.delete((*impressionRow)(nil)).Where("(request, strategy) IN (?)", old))
	return int(n), err
}
