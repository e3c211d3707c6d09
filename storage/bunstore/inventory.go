package bunstore

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type levelRow struct {
	bun.BaseModel `bun:"table:stock,alias:s"`

	SKU       ref.SKUID      `bun:"sku,pk"`
	Location  ref.LocationID `bun:"location,pk"`
	OnHand    ref.Quantity   `bun:"on_hand"`
	Reserved  ref.Quantity   `bun:"reserved"`
	UpdatedAt instant        `bun:"updated_at"`
}

func (r levelRow) value() inventory.Level {
	return inventory.Level{SKU: r.SKU, Location: r.Location, OnHand: r.OnHand, Reserved: r.Reserved}
}

type reservationRow struct {
	bun.BaseModel `bun:"table:reservations,alias:r"`

	Owner     string          `bun:"owner,pk"`
	SKU       ref.SKUID       `bun:"sku,pk"`
	Location  ref.LocationID  `bun:"location,pk"`
	Quantity  ref.Quantity    `bun:"quantity"`
	State     inventory.State `bun:"state"`
	ExpiresAt instant         `bun:"expires_at"`
	CreatedAt instant         `bun:"created_at"`
	UpdatedAt instant         `bun:"updated_at"`
}

func (r reservationRow) value() inventory.Reservation {
	return inventory.Reservation{
		Owner: r.Owner, SKU: r.SKU, Location: r.Location, Quantity: r.Quantity, State: r.State,
		ExpiresAt: r.ExpiresAt.Time, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}
}

type movementRow struct {
	bun.BaseModel `bun:"table:stock_log,alias:l"`

	Seq      int64          `bun:"seq,pk,autoincrement"`
	SKU      ref.SKUID      `bun:"sku"`
	Location ref.LocationID `bun:"location"`
	Kind     inventory.Kind `bun:"kind"`
	OnHand   ref.Quantity   `bun:"on_hand"`
	Reserved ref.Quantity   `bun:"reserved"`
	Ref      string         `bun:"ref"`
	At       instant        `bun:"at"`
}

func (r movementRow) value() inventory.Movement {
	return inventory.Movement{
		Seq: r.Seq, SKU: r.SKU, Location: r.Location, Kind: r.Kind,
		OnHand: r.OnHand, Reserved: r.Reserved, Ref: r.Ref, At: r.At.Time,
	}
}

// stock is the inventory.Store. What PostgreSQL does in one statement of
// several steps (inventory_postgres.go) SQLite does in a few, alone in its
// immediate transaction (inventory_sqlite.go).
type stock struct{ db *DB }

var (
	_ inventory.Store         = stock{}
	_ inventory.Auditor       = stock{}
	_ inventory.ReturnAuditor = stock{}
)

func (s stock) Levels(ctx context.Context, skus []ref.SKUID) ([]inventory.Level, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	var rows []levelRow
	err := s.db.readConn(ctx).find(ctx, "levels", &rows, func(q *bun.SelectQuery) {
		q.Where(s.db.among("sku", 1)).Order("sku", "location")
	}, list(s.db, skus))
	if err != nil {
		return nil, err
	}
	return values(rows, levelRow.value), nil
}

// delta is what a statement adds to the numbers of one level.
type delta struct {
	SKU      ref.SKUID
	Location ref.LocationID
	OnHand   ref.Quantity
	Reserved ref.Quantity
}

// byLevel sums deltas per level, in the order in which levels are locked.
func byLevel(in []delta) []delta {
	slices.SortStableFunc(in, func(a, b delta) int {
		return cmp.Or(cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Location, b.Location))
	})
	var out []delta
	for _, d := range in {
		if n := len(out); n > 0 && out[n-1].SKU == d.SKU && out[n-1].Location == d.Location {
			out[n-1].OnHand += d.OnHand
			out[n-1].Reserved += d.Reserved
			continue
		}
		out = append(out, d)
	}
	return out
}

func (s stock) Reserve(ctx context.Context, rs []inventory.Reservation, at time.Time) ([]inventory.Shortage, error) {
	if _, err := s.db.inside(ctx, "inventory.reserve"); err != nil || len(rs) == 0 {
		return nil, err
	}
	if s.db.postgres {
		return s.reservePostgres(ctx, rs, at)
	}
	want := make([]delta, len(rs))
	for i, r := range rs {
		want[i] = delta{SKU: r.SKU, Location: r.Location, Reserved: r.Quantity}
	}
	return s.reserveSQLite(ctx, rs, byLevel(want), at)
}

func (s stock) Settle(ctx context.Context, owners []string, to inventory.State, at time.Time) ([]inventory.Reservation, error) {
	if _, err := s.db.inside(ctx, "inventory.settle"); err != nil || len(owners) == 0 {
		return nil, err
	}
	kind, sold := inventory.KindRelease, 0
	if to == inventory.Committed {
		kind, sold = inventory.KindCommit, 1
	}
	var (
		rows []reservationRow
		err  error
	)
	if s.db.postgres {
		rows, err = s.settlePostgres(ctx, owners, to, kind, sold, at)
	} else {
		rows, err = s.settleSQLite(ctx, owners, to, kind, sold, at)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rows, func(a, b reservationRow) int {
		return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.SKU, b.SKU), cmp.Compare(a.Location, b.Location))
	})
	return values(rows, reservationRow.value), nil
}

func (s stock) Extend(ctx context.Context, owners []string, until, now time.Time) (int, error) {
	if len(owners) == 0 {
		return 0, nil
	}
	c := s.db.conn(ctx)
	q := c.update((*reservationRow)(nil)).
		Set("expires_at = ?", at(until)).Set("updated_at = ?", at(now)).
		Where("owner IN (?)", bun.List(owners)).Where("state = ?", inventory.Held)
	if s.db.postgres { // locks in the order of settlePostgres
		q.With("_locked", c.query((*reservationRow)(nil)).Column("owner", "sku", "location").
			Where("owner IN (?)", bun.List(owners)).Where("state = ?", inventory.Held).
			Order("sku", "location", "owner").For("UPDATE")).
			Where("(owner, sku, location) IN (SELECT owner, sku, location FROM _locked)")
	}
	n, err := c.exec(ctx, q)
	return int(n), err
}

func (s stock) Apply(ctx context.Context, changes []inventory.Change, at time.Time) error {
	if _, err := s.db.inside(ctx, "inventory.apply"); err != nil || len(changes) == 0 {
		return err
	}
	want := make([]delta, len(changes))
	log := make([]movementRow, len(changes))
	for i, ch := range changes {
		want[i] = delta{SKU: ch.SKU, Location: ch.Location, OnHand: ch.Delta}
		log[i] = movementRow{SKU: ch.SKU, Location: ch.Location, Kind: ch.Kind, OnHand: ch.Delta, Ref: ch.Ref, At: instant{at}}
	}
	short, err := s.add(ctx, byLevel(want), at)
	if err != nil {
		return err
	}
	if len(short) > 0 {
		return inventory.ErrShort(short)
	}
	c := s.db.conn(ctx)
	_, err = c.exec(ctx, c.insert(&log).ExcludeColumn("seq"))
	return err
}

// add creates the levels that lack and adds to all of them, unless one of
// them would have fewer pieces than are promised.
func (s stock) add(ctx context.Context, want []delta, now time.Time) ([]inventory.Shortage, error) {
	c := s.db.conn(ctx)
	fresh := make([]levelRow, len(want))
	for i, d := range want {
		fresh[i] = levelRow{SKU: d.SKU, Location: d.Location, UpdatedAt: at(now)}
	}
	if _, err := c.exec(ctx, c.insert(&fresh).On("CONFLICT DO NOTHING")); err != nil {
		return nil, err
	}
	var have []levelRow
	q := c.query(&have).Where("(sku, location) IN (SELECT sku, location FROM (?) AS w)", s.deltas(want)).Order("sku", "location")
	if s.db.postgres {
		q.For("UPDATE")
	}
	if _, err := c.scan(ctx, q); err != nil {
		return nil, err
	}
	var short []inventory.Shortage
	for i, l := range have { // one per delta, in the same order
		if l.OnHand+want[i].OnHand < l.Reserved {
			short = append(short, inventory.Shortage{SKU: l.SKU, Want: -want[i].OnHand, Have: l.value().Available()})
		}
		have[i].OnHand += want[i].OnHand
	}
	if len(short) > 0 {
		return short, nil
	}
	_, err := c.exec(ctx, c.raw(`UPDATE stock SET on_hand = stock.on_hand + w.on_hand, updated_at = ?
FROM (?) AS w WHERE stock.sku = w.sku AND stock.location = w.location`, at(now), s.deltas(want)))
	return nil, err
}

func (s stock) Expired(ctx context.Context, before time.Time, limit int) ([]string, error) {
	c := s.db.readConn(ctx)
	var owners []string
	query := `SELECT owner FROM reservations WHERE state = 'held' AND expires_at <= ? ORDER BY expires_at, owner LIMIT ?`
	if s.db.postgres && c.unit != nil {
		query += ` FOR UPDATE SKIP LOCKED`
	}
	if _, err := c.scan(ctx, c.raw(query, at(before), limit), &owners); err != nil {
		return nil, err
	}
	return unique(owners), nil
}

func unique(in []string) []string {
	out := in[:0]
	for _, s := range in {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (s stock) Reservations(ctx context.Context, owners []string) ([]inventory.Reservation, error) {
	if len(owners) == 0 {
		return nil, nil
	}
	var rows []reservationRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("owner IN (?)", bun.List(owners)).Order("owner", "sku", "location")); err != nil {
		return nil, err
	}
	return values(rows, reservationRow.value), nil
}

func (s stock) Ledger(ctx context.Context, q inventory.LedgerQuery, p page.Request) (page.Page[inventory.Movement], error) {
	order := keyset{list: "inventory.ledger", columns: []string{"seq"}}
	var rows []movementRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	if q.SKU != "" {
		sel.Where("sku = ?", q.SKU)
	}
	if q.Kind != "" {
		sel.Where("kind = ?", q.Kind)
	}
	size, err := order.apply(sel, p, integers)
	if err != nil {
		return page.Page[inventory.Movement]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[inventory.Movement]{}, err
	}
	return pageOf(order, rows, size, movementRow.value, func(r movementRow) []string {
		return []string{strconv.FormatInt(r.Seq, 10)}
	}), nil
}
