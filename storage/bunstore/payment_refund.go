package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
)

type paymentRefundRow struct {
	bun.BaseModel `bun:"table:payment_refunds,alias:r"`

	ID        payment.RefundID    `bun:"id,pk"`
	Number    string              `bun:"number"`
	Intent    payment.IntentID    `bun:"intent"`
	Key       string              `bun:"key"`
	Reason    payment.Reason      `bun:"reason"`
	State     payment.RefundState `bun:"state"`
	Currency  money.Currency      `bun:"currency"`
	Amount    int64               `bun:"amount_minor"`
	Legs      []payment.RefundLeg `bun:"legs,type:jsonb"`
	Manual    bool                `bun:"manual"`
	CreatedAt instant             `bun:"created_at"`
	UpdatedAt instant             `bun:"updated_at"`
	NextAt    instant             `bun:"next_at"`
	Version   int64               `bun:"version"`
}

func paymentRefundRowOf(r *payment.Refund, version int64) *paymentRefundRow {
	return &paymentRefundRow{
		ID: r.ID, Number: r.Number, Intent: r.Intent, Key: r.Key, Reason: r.Reason, State: r.State,
		Currency: r.Amount.Currency(), Amount: r.Amount.Minor(), Legs: r.Legs, Manual: r.Manual,
		CreatedAt: at(r.CreatedAt), UpdatedAt: at(r.UpdatedAt), NextAt: at(r.NextAt), Version: version,
	}
}

func (r paymentRefundRow) value() payment.Refund {
	return payment.Refund{
		ID: r.ID, Number: r.Number, Intent: r.Intent, Key: r.Key, Reason: r.Reason, State: r.State,
		Amount: money.New(r.Amount, r.Currency), Legs: r.Legs, Manual: r.Manual, CreatedAt: r.CreatedAt.Time,
		UpdatedAt: r.UpdatedAt.Time, NextAt: r.NextAt.Time, Version: r.Version,
	}
}

type paymentRefunds struct{ db *DB }

var _ payment.RefundStore = paymentRefunds{}

func (s paymentRefunds) Insert(ctx context.Context, r *payment.Refund) error {
	if _, err := s.db.inside(ctx, "payment.refund_insert"); err != nil {
		return err
	}
	c := s.db.conn(ctx)
	row := paymentRefundRowOf(r, 1)
	// The key comes first: a concurrent request with it is waited for.
	if err := insertRow(ctx, c, "payment_refund", row); err != nil {
		return err
	}
	if err := payments(s).holdAll(ctx, c, r.Held()); err != nil {
		if _, derr := c.exec(ctx, c.delete(row).WherePK()); derr != nil {
			return derr
		}
		return err
	}
	r.Version = 1
	return nil
}

func (s paymentRefunds) Update(ctx context.Context, r *payment.Refund) error {
	if _, err := s.db.inside(ctx, "payment.refund_update"); err != nil {
		return err
	}
	c := s.db.conn(ctx)
	was, err := s.Get(ctx, r.ID)
	if err != nil {
		return err
	}
	if err := updateRow(ctx, c, "payment_refund", paymentRefundRowOf(r, r.Version+1), r.Version+1); err != nil {
		return err
	}
	// The version held, so was is what r has replaced.
	change, now := was.Held(), r.Held()
	for id, held := range change {
		if change[id] = now[id] - held; change[id] == 0 {
			delete(change, id)
		}
	}
	if err := payments(s).holdAll(ctx, c, change); err != nil {
		return err
	}
	r.Version++
	return nil
}

func (s paymentRefunds) one(ctx context.Context, where string, args ...any) (payment.Refund, error) {
	var row paymentRefundRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where(where, args...))
	if err != nil {
		return payment.Refund{}, err
	}
	if !found {
		return payment.Refund{}, missing("payment_refund")
	}
	return row.value(), nil
}

func (s paymentRefunds) Get(ctx context.Context, id payment.RefundID) (payment.Refund, error) {
	return s.one(ctx, "id = ?", id)
}

func (s paymentRefunds) ByKey(ctx context.Context, intent payment.IntentID, key string) (payment.Refund, error) {
	return s.one(ctx, "intent = ? AND key = ?", intent, key)
}

func (s paymentRefunds) ByNumber(ctx context.Context, number string) (payment.Refund, error) {
	return s.one(ctx, "number = ?", number)
}

func (s paymentRefunds) ByIntent(ctx context.Context, ids ...payment.IntentID) ([]payment.Refund, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []paymentRefundRow
	c := s.db.readConn(ctx)
	q := c.query(&rows).Where("intent IN (?)", bun.List(ids)).Order("intent", "created_at", "id")
	if _, err := c.scan(ctx, q); err != nil {
		return nil, err
	}
	out := make([]payment.Refund, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

func (s paymentRefunds) Claim(ctx context.Context, now, until time.Time, limit int) ([]payment.RefundID, error) {
	return claimDue[payment.RefundID](ctx, s.db, "payment_refunds", now, until, limit)
}
