package bunstore

import (
	"context"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type listedRow struct {
	bun.BaseModel `bun:"table:listing_products,alias:lp"`

	Product ref.ProductID `bun:"product,pk"`
	Stamp   int64         `bun:"stamp"`
	Written int64         `bun:"written"`
	Sold    int64         `bun:"sold"`
	DueAt   instant       `bun:"due_at,type:timestamptz"`
}

type listingRow struct {
	bun.BaseModel `bun:"table:listing_rows,alias:lr"`

	Channel    ref.ChannelID    `bun:"channel,pk"`
	Currency   money.Currency   `bun:"currency,pk"`
	Product    ref.ProductID    `bun:"product,pk"`
	Merchant   ref.MerchantID   `bun:"merchant"`
	SKU        ref.SKUID        `bun:"sku"`
	Slug       string           `bun:"slug"`
	Title      string           `bun:"title"`
	Brand      ref.BrandID      `bun:"brand"`
	BrandName  string           `bun:"brand_name"`
	Categories []ref.CategoryID `bun:"categories,type:jsonb"`
	Picture    string           `bun:"picture"`
	Lowest     int64            `bun:"lowest"`
	Highest    int64            `bun:"highest"`
	Compare    *int64           `bun:"compare"`
	Strikes    []listing.Strike `bun:"strikes,type:jsonb"`
	Struck     *int64           `bun:"struck"`
	InStock    bool             `bun:"in_stock"`
	Sold       int64            `bun:"sold"`
	Rating     int64            `bun:"rating"`
	Ratings    int64            `bun:"ratings"`
	From       instant          `bun:"shown_from"`
	Until      instant          `bun:"shown_until"`
	Newest     instant          `bun:"newest"`
	Version    int64            `bun:"version"`
}

func (r listingRow) value() listing.Row {
	out := listing.Row{
		Channel: r.Channel, Currency: r.Currency, Product: r.Product, Merchant: r.Merchant, SKU: r.SKU,
		Slug: r.Slug, Title: r.Title, Brand: r.Brand, BrandName: r.BrandName, Categories: r.Categories, Picture: r.Picture,
		Lowest: money.New(r.Lowest, r.Currency), Highest: money.New(r.Highest, r.Currency),
		InStock: r.InStock, Sold: r.Sold, Rating: r.Rating, Ratings: r.Ratings,
		From: r.From.Time, Until: r.Until.Time, Newest: r.Newest.Time, Version: r.Version,
		Strikes: r.Strikes,
	}
	if r.Compare != nil {
		out.Compare = money.New(*r.Compare, r.Currency)
	}
	if r.Struck != nil {
		out.Struck = money.New(*r.Struck, r.Currency)
	}
	return out
}

func listingRowOf(r listing.Row) listingRow {
	out := listingRow{
		Channel: r.Channel, Currency: r.Currency, Product: r.Product, Merchant: r.Merchant, SKU: r.SKU,
		Slug: r.Slug, Title: r.Title, Brand: r.Brand, BrandName: r.BrandName, Categories: r.Categories, Picture: r.Picture,
		Lowest: r.Lowest.Minor(), Highest: r.Highest.Minor(),
		InStock: r.InStock, Sold: r.Sold, Rating: r.Rating, Ratings: r.Ratings,
		From: at(r.From), Until: at(r.Until), Newest: at(r.Newest), Version: r.Version,
		Strikes: r.Strikes,
	}
	if r.Compare != (money.Money{}) {
		minor := r.Compare.Minor()
		out.Compare = &minor
	}
	if r.Struck != (money.Money{}) {
		minor := r.Struck.Minor()
		out.Struck = &minor
	}
	return out
}

type shelfRow struct {
	bun.BaseModel `bun:"table:listing_shelves,alias:sh"`

	Channel  ref.ChannelID  `bun:"channel,pk"`
	Currency money.Currency `bun:"currency,pk"`
	Shelf    listing.Shelf  `bun:"shelf,pk"`
	Product  ref.ProductID  `bun:"product,pk"`
	Newest   instant        `bun:"newest"`
	Lowest   int64          `bun:"lowest"`
	Sold     int64          `bun:"sold"`
	TitleKey string         `bun:"title_key"`
	InStock  bool           `bun:"in_stock"`
	From     instant        `bun:"shown_from"`
	Until    instant        `bun:"shown_until"`
}

func shelfRowsOf(r listing.Row) []shelfRow {
	var out []shelfRow
	title, price := r.TitleKey(), r.SortPrice().Minor()
	for _, shelf := range r.Shelves() {
		out = append(out, shelfRow{
			Channel: r.Channel, Currency: r.Currency, Shelf: shelf, Product: r.Product,
			Newest: at(r.Newest), Lowest: price, Sold: r.Sold, TitleKey: title,
			InStock: r.InStock, From: at(r.From), Until: at(r.Until),
		})
	}
	return out
}

type listings struct{ db *DB }

var _ listing.Store = listings{}

func (s listings) GetMany(ctx context.Context, channel ref.ChannelID, currency money.Currency, products []ref.ProductID) ([]listing.Row, error) {
	if len(products) == 0 {
		return nil, nil
	}
	var rows []listingRow
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query(&rows).
		Where("channel = ? AND currency = ? AND product IN (?)", channel, currency, bun.List(products)))
	if err != nil {
		return nil, err
	}
	return inOrder(products, rows, func(r listingRow) ref.ProductID { return r.Product }, listingRow.value), nil
}

func (s listings) Due(ctx context.Context, now time.Time, limit int) ([]ref.ProductID, error) {
	var out []ref.ProductID
	c := s.db.readConn(ctx)
	_, err := c.scan(ctx, c.query((*listedRow)(nil)).Column("product").
		Where("due_at <= ?", at(now)).Order("due_at", "product").Limit(int64(limit)), &out)
	return out, err
}

// shelfOrder is the keyset of a list, how its cursor is read, and what of a
// row it is made of.
type shelfOrder struct {
	keyset
	parse func([]string) ([]any, error)
	key   func(listingRow) string
}

func orderOf(sort listing.Sort) shelfOrder {
	o := shelfOrder{
		keyset: keyset{list: "listing." + string(sort), desc: sort.Descending()},
		parse:  intThenText,
	}
	switch sort {
	case listing.Cheapest, listing.Dearest:
		o.columns = []string{"lowest", "product"}
		o.key = func(r listingRow) string {
			v := r.value()
			return strconv.FormatInt(v.SortPrice().Minor(), 10)
		}
	case listing.BestSelling:
		o.columns = []string{"sold", "product"}
		o.key = func(r listingRow) string { return strconv.FormatInt(r.Sold, 10) }
	case listing.ByTitle:
		o.columns, o.parse = []string{"title_key", "product"}, texts
		o.key = func(r listingRow) string { return r.value().TitleKey() }
	case listing.Newest:
		fallthrough
	default:
		o.columns, o.parse = []string{"newest", "product"}, timeThenText
		o.key = func(r listingRow) string { return timeKey(r.Newest.Time) }
	}
	return o
}

// intThenText is the parse of a keyset (number, id).
func intThenText(key []string) ([]any, error) {
	n, err := parseInt(key[0])
	if err != nil {
		return nil, err
	}
	return []any{n, key[1]}, nil
}

// List walks along the index of one shelf and joins the rows of the page only.
func (s listings) List(ctx context.Context, q listing.Query, p page.Request) (page.Page[listing.Row], error) {
	order := orderOf(q.Sort)
	c := s.db.readConn(ctx)
	walk := c.query((*shelfRow)(nil)).Column(order.columns...)
	shelves := q.Shelves()
	onShelf(walk, "sh", q, shelves[0])
	for _, shelf := range shelves[1:] {
		other := c.query((*shelfRow)(nil)).ModelTableExpr("listing_shelves AS x").ColumnExpr("1").Where("x.product = sh.product")
		onShelf(other, "x", q, shelf)
		walk.Where("EXISTS (?)", other)
	}
	now := at(q.Now)
	walk.Where("(sh.shown_from IS NULL OR sh.shown_from <= ?) AND (sh.shown_until IS NULL OR sh.shown_until > ?)", now, now)
	if q.InStock {
		walk.Where("sh.in_stock")
	}
	price := "sh.lowest"
	if order.columns[0] != "lowest" {
		price = "+sh.lowest" // SQLite would walk along the prices and sort
	}
	from, hasFrom, to, hasTo := q.Bounds()
	if hasFrom {
		walk.Where(price+" >= ?", from)
	}
	if hasTo {
		walk.Where(price+" <= ?", to)
	}
	size, err := order.apply(walk, p, order.parse)
	if err != nil {
		return page.Page[listing.Row]{}, err
	}
	var rows []listingRow
	sel := c.query(&rows).Join("JOIN (?) AS walk ON walk.product = lr.product", walk).
		Where("lr.channel = ? AND lr.currency = ?", q.Channel, q.Currency)
	for _, col := range order.columns {
		direction := " ASC"
		if order.desc {
			direction = " DESC"
		}
		sel.OrderExpr("walk." + col + direction)
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[listing.Row]{}, err
	}
	return pageOf(order.keyset, rows, size, listingRow.value, func(r listingRow) []string {
		return []string{order.key(r), string(r.Product)}
	}), nil
}

func onShelf(sel *bun.SelectQuery, alias string, q listing.Query, shelf listing.Shelf) {
	sel.Where("?0.channel = ?1 AND ?0.currency = ?2 AND ?0.shelf = ?3", bun.Ident(alias), q.Channel, q.Currency, shelf)
}
