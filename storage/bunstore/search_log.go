package bunstore

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

type searchAskedRow struct {
	bun.BaseModel `bun:"table:search_log,alias:sl"`

	ID        string        `bun:"id,pk"`
	Channel   ref.ChannelID `bun:"channel"`
	Visitor   string        `bun:"visitor"`
	Text      string        `bun:"text"`
	At        instant       `bun:"asked_at"`
	Step      search.Step   `bun:"step"`
	Total     int           `bun:"total"`
	Shown     int           `bun:"shown"`
	Corrected bool          `bun:"corrected"`
	Filtered  bool          `bun:"filtered"`
}

type searchClickRow struct {
	bun.BaseModel `bun:"table:search_clicks,alias:sc"`

	Search      string        `bun:"search,pk"`
	Product     ref.ProductID `bun:"product,pk"`
	Visitor     string        `bun:"visitor"`
	Place       int           `bun:"place"`
	At          instant       `bun:"clicked_at"`
	ConvertedAt instant       `bun:"converted_at"`
}

type searchLog struct{ db *DB }

var _ search.LogStore = searchLog{}

func (s searchLog) Record(ctx context.Context, asked []search.Asked, clicks []search.Click) error {
	searches := make([]searchAskedRow, len(asked))
	for i, a := range asked {
		searches[i] = searchAskedRow{
			ID: a.ID, Channel: a.Channel, Visitor: a.Visitor, Text: a.Text, At: at(a.At), Step: a.Step,
			Total: a.Total, Shown: a.Shown, Corrected: a.Corrected, Filtered: a.Filtered,
		}
	}
	slices.SortStableFunc(searches, func(a, b searchAskedRow) int { return cmp.Compare(a.ID, b.ID) })
	opened := make([]searchClickRow, len(clicks))
	for i, c := range clicks {
		opened[i] = searchClickRow{Search: c.Search, Product: c.Product, Visitor: c.Visitor, Place: c.Place, At: at(c.At)}
	}
	slices.SortStableFunc(opened, func(a, b searchClickRow) int {
		return cmp.Or(cmp.Compare(a.Search, b.Search), cmp.Compare(a.Product, b.Product))
	})
	return s.db.write(ctx, func(ctx context.Context, c conn) error {
		if len(searches) > 0 {
			if _, err := insertNew(ctx, c, &searches); err != nil {
				return err
			}
		}
		if len(opened) > 0 {
			if _, err := insertNew(ctx, c, &opened); err != nil {
				return err
			}
		}
		return c.err
	})
}

func (s searchLog) Convert(ctx context.Context, visitor string, products []ref.ProductID, since, now time.Time) error {
	c := s.db.conn(ctx)
	if visitor == "" || len(products) == 0 {
		return c.err
	}
	// The newest click of each product, and of those the ones that led to
	// nothing yet.
	lock := ""
	if s.db.postgres {
		lock = " FOR UPDATE"
	}
	_, err := c.exec(ctx, c.raw(`UPDATE search_clicks SET converted_at = ? WHERE (search, product) IN (
  SELECT search, product FROM search_clicks WHERE converted_at IS NULL AND (search, product) IN (
    SELECT search, product FROM (
      SELECT search, product, row_number() OVER (PARTITION BY product ORDER BY clicked_at DESC, search DESC) AS n
      FROM search_clicks WHERE visitor = ? AND product IN (?) AND clicked_at >= ? AND clicked_at <= ?
    ) AS newest WHERE n = 1
  ) ORDER BY search, product`+lock+`)`, at(now), visitor, bun.List(products), at(since), at(now)))
	return err
}

// searchLineRow is a line of a report; turn sorts the lines.
type searchLineRow struct {
	bun.BaseModel `bun:"table:search_log,alias:l"`

	Text      string `bun:"text"`
	Turn      int64  `bun:"turn"`
	Searches  int64  `bun:"searches"`
	Visitors  int64  `bun:"visitors"`
	Empty     int64  `bun:"empty"`
	Clicked   int64  `bun:"clicked"`
	Converted int64  `bun:"converted"`
}

func (r searchLineRow) value() search.QueryLine {
	return search.QueryLine{
		Text: r.Text, Searches: r.Searches, Visitors: r.Visitors, Empty: r.Empty, Clicked: r.Clicked, Converted: r.Converted,
	}
}

// searchesOf narrows a query over search_log AS a to the searches of a report.
func searchesOf(sel *bun.SelectQuery, q search.ReportQuery) *bun.SelectQuery {
	return sel.Where("a.channel = ?", q.Channel).Where("a.asked_at >= ?", at(q.From)).Where("a.asked_at < ?", at(q.Until))
}

func (s searchLog) Queries(ctx context.Context, q search.ReportQuery, p page.Request) (page.Page[search.QueryLine], error) {
	c := s.db.readConn(ctx)
	const empties = "count(DISTINCT a.id) FILTER (WHERE a.total = 0 AND NOT a.filtered)"
	count := "count(DISTINCT a.id)"
	if q.Order == search.MostEmpty {
		count = empties
	}
	sums := searchesOf(c.bun.NewSelect().TableExpr("search_log AS a").
		Join("LEFT JOIN search_clicks AS c ON c.search = a.id").
		ColumnExpr("a.text AS text").ColumnExpr("-"+count+" AS turn").
		ColumnExpr("count(DISTINCT a.id) AS searches").
		ColumnExpr("count(DISTINCT a.visitor) FILTER (WHERE a.visitor <> '') AS visitors").
		ColumnExpr(empties+" AS empty").
		ColumnExpr("count(DISTINCT c.search) AS clicked").
		ColumnExpr("count(DISTINCT c.search) FILTER (WHERE c.converted_at IS NOT NULL) AS converted"), q).
		GroupExpr("a.text").Having(count + " > 0")
	var rows []searchLineRow
	sel := c.query(&rows).ModelTableExpr("(?) AS l", sums)
	order := keyset{list: "search.queries." + string(q.Order), columns: []string{"turn", "text"}}
	size, err := order.apply(sel, p, func(key []string) ([]any, error) {
		n, err := parseInt(key[0])
		return []any{n, key[1]}, err
	})
	if err != nil {
		return page.Page[search.QueryLine]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[search.QueryLine]{}, err
	}
	return pageOf(order, rows, size, searchLineRow.value, func(r searchLineRow) []string {
		return []string{strconv.FormatInt(r.Turn, 10), r.Text}
	}), nil
}

// searchCountRow is how many there are of a number.
type searchCountRow struct {
	N     int   `bun:"n"`
	Count int64 `bun:"count"`
}

func (s searchLog) Places(ctx context.Context, q search.ReportQuery) ([]search.PlaceLine, error) {
	c := s.db.readConn(ctx)
	sum := func(column, table string) (map[int]int64, error) {
		var rows []searchCountRow
		_, err := c.scan(ctx, searchesOf(c.bun.NewSelect().Conn(c.on).TableExpr(table).
			ColumnExpr(column+" AS n").ColumnExpr("count(*) AS count"), q).GroupExpr(column), &rows)
		out := make(map[int]int64, len(rows))
		for _, r := range rows {
			out[r.N] = r.Count
		}
		return out, err
	}
	pages, err := sum("a.shown", "search_log AS a")
	if err != nil {
		return nil, err
	}
	clicks, err := sum("c.place", "search_clicks AS c JOIN search_log AS a ON a.id = c.search")
	if err != nil {
		return nil, err
	}
	return search.PlaceLines(pages, clicks), nil
}

func (s searchLog) Popular(ctx context.Context, q search.PopularQuery) ([]search.QuerySuggestion, error) {
	var rows []struct {
		Text  string `bun:"text"`
		Count int    `bun:"count"`
	}
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.bun.NewSelect().Conn(c.on).TableExpr("search_log").
		ColumnExpr("text").ColumnExpr("count(*) AS count").
		Where("channel = ?", q.Channel).Where("asked_at >= ?", at(q.Since)).
		Where("total > 0 AND NOT corrected AND step IN (?)", bun.List([]search.Step{search.StepAll, search.StepSome})).
		GroupExpr("text").Having("count(DISTINCT visitor) FILTER (WHERE visitor <> '') >= ?", q.Visitors).
		OrderExpr("count(*) DESC, text").Limit(int64(q.Limit)), &rows)
	if err != nil {
		return nil, err
	}
	out := make([]search.QuerySuggestion, len(rows))
	for i, r := range rows {
		out[i] = search.QuerySuggestion{Text: r.Text, Count: r.Count}
	}
	return out, nil
}

func (s searchLog) Forget(ctx context.Context, visitor string) error {
	return s.db.write(ctx, func(ctx context.Context, c conn) error {
		if visitor == "" {
			return c.err
		}
		if _, err := c.exec(ctx, c.delete((*searchAskedRow)(nil)).Where("visitor = ?", visitor)); err != nil {
			return err
		}
		_, err := c.exec(ctx, c.delete((*searchClickRow)(nil)).Where("visitor = ?", visitor))
		return err
	})
}

func (s searchLog) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	var purged int64
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		purged = 0
		old := func(model any, key, time string) error {
			gone := c.query(model).ColumnExpr(key).Where("? < ?", bun.Ident(time), at(before)).
				OrderExpr("?, "+key, bun.Ident(time)).Limit(int64(limit))
			if s.db.postgres {
				gone.For("UPDATE SKIP LOCKED")
			}
			n, err := c.exec(ctx, c.delete(model).With("_gone", gone).Where("("+key+") IN (SELECT "+key+" FROM _gone)"))
			purged += n
			return err
		}
		if err := old((*searchAskedRow)(nil), "id", "asked_at"); err != nil {
			return err
		}
		return old((*searchClickRow)(nil), "search, product", "clicked_at")
	})
	return int(purged), err
}
