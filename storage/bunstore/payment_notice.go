package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/payment"
)

type paymentNoticeRow struct {
	bun.BaseModel `bun:"table:payment_notices,alias:n"`

	ID          payment.NoticeID    `bun:"id,pk"`
	Gateway     string              `bun:"gateway"`
	Key         string              `bun:"key"`
	Kind        payment.MessageKind `bun:"kind"`
	Number      string              `bun:"number"`
	Says        string              `bun:"says"`
	ProviderRef string              `bun:"provider_ref"`
	Currency    money.Currency      `bun:"currency"`
	Amount      int64               `bun:"amount_minor"`
	Code        string              `bun:"code"`
	Advice      payment.Advice      `bun:"advice"`
	Raw         []byte              `bun:"raw"`
	State       payment.NoticeState `bun:"state"`
	CreatedAt   instant             `bun:"created_at"`
	UpdatedAt   instant             `bun:"updated_at"`
	NextAt      instant             `bun:"next_at"`
	Version     int64               `bun:"version"`
}

func paymentNoticeRowOf(n *payment.Notice, version int64) *paymentNoticeRow {
	return &paymentNoticeRow{
		ID: n.ID, Gateway: n.Gateway, Key: n.Key, Kind: n.Kind, Number: n.Number, Says: n.Says,
		ProviderRef: n.ProviderRef, Currency: n.Amount.Currency(), Amount: n.Amount.Minor(), Code: n.Code,
		Advice: n.Advice, Raw: n.Raw, State: n.State, CreatedAt: at(n.CreatedAt), UpdatedAt: at(n.UpdatedAt),
		NextAt: at(n.NextAt), Version: version,
	}
}

func (r paymentNoticeRow) value() payment.Notice {
	return payment.Notice{
		ID: r.ID, Gateway: r.Gateway, Key: r.Key, Kind: r.Kind, Number: r.Number, Says: r.Says,
		ProviderRef: r.ProviderRef, Amount: money.New(r.Amount, r.Currency), Code: r.Code, Advice: r.Advice, Raw: r.Raw,
		State: r.State, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, NextAt: r.NextAt.Time,
		Version: r.Version,
	}
}

type paymentNotices struct{ db *DB }

var _ payment.NoticeStore = paymentNotices{}

func (s paymentNotices) Insert(ctx context.Context, n *payment.Notice) error {
	err := insertRow(ctx, s.db.conn(ctx), "payment_notice", paymentNoticeRowOf(n, 1))
	if err == nil {
		n.Version = 1
	}
	return err
}

func (s paymentNotices) Update(ctx context.Context, n *payment.Notice) error {
	err := updateRow(ctx, s.db.conn(ctx), "payment_notice", paymentNoticeRowOf(n, n.Version+1), n.Version+1)
	if err == nil {
		n.Version++
	}
	return err
}

func (s paymentNotices) Get(ctx context.Context, id payment.NoticeID) (payment.Notice, error) {
	var row paymentNoticeRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("id = ?", id))
	if err != nil {
		return payment.Notice{}, err
	}
	if !found {
		return payment.Notice{}, missing("payment_notice")
	}
	return row.value(), nil
}

func (s paymentNotices) List(
	ctx context.Context, q payment.NoticeQuery, p page.Request,
) (page.Page[payment.Notice], error) {
	order := keyset{list: "payment_notice.newest", columns: []string{"created_at", "id"}, desc: true}
	var rows []paymentNoticeRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows).ExcludeColumn("raw")
	narrow(sel, "gateway", q.Gateway)
	narrow(sel, "number", q.Number)
	narrow(sel, "state", q.State)
	size, err := order.apply(sel, p, timeThenText)
	if err != nil {
		return page.Page[payment.Notice]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[payment.Notice]{}, err
	}
	return pageOf(order, rows, size, paymentNoticeRow.value, func(r paymentNoticeRow) []string {
		return []string{timeKey(r.CreatedAt.Time), string(r.ID)}
	}), nil
}

func (s paymentNotices) Claim(ctx context.Context, now, until time.Time, limit int) ([]payment.NoticeID, error) {
	return claimDue[payment.NoticeID](ctx, s.db, "payment_notices", now, until, limit)
}

// narrow adds a condition on a column; the zero value does not narrow.
func narrow[S ~string](q *bun.SelectQuery, column string, value S) {
	if value != "" {
		q.Where("? = ?", bun.Ident(column), value)
	}
}
