package memory

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/payment"
)

type paymentRefunds struct {
	rows     *table[payment.RefundID, payment.Refund]
	payments payments
}

var _ payment.RefundStore = paymentRefunds{}

func newPaymentRefunds(db *DB, p payments) paymentRefunds {
	return paymentRefunds{payments: p, rows: newTable(db, spec[payment.RefundID, payment.Refund]{
		name:    "payment_refund",
		key:     func(r *payment.Refund) payment.RefundID { return r.ID },
		clone:   payment.Refund.Clone,
		version: func(r *payment.Refund) *int64 { return &r.Version },
		unique: map[string]func(*payment.Refund) string{
			"key":    func(r *payment.Refund) string { return sortKey(string(r.Intent), r.Key) },
			"number": func(r *payment.Refund) string { return r.Number },
		},
		ordered: map[string]func(*payment.Refund) string{
			"intent": func(r *payment.Refund) string { return sortKey(string(r.Intent), r.CreatedAt, string(r.ID)) },
			"due":    func(r *payment.Refund) string { return dueKey(r.NextAt, string(r.ID)) },
		},
	})}
}

func (s paymentRefunds) Insert(ctx context.Context, r *payment.Refund) error {
	u, err := s.rows.db.inside(ctx, "payment.refund_insert")
	if err != nil {
		return err
	}
	// The key's lock comes first: a concurrent request with it is waited for.
	if err := u.lock(ctx, lockKey{s.rows.spec.name + "/key", s.rows.spec.unique["key"](r)}); err != nil {
		return err
	}
	if _, err := s.ByKey(ctx, r.Intent, r.Key); !errors.Is(err, fault.NotFound) {
		if err == nil {
			err = s.rows.exist("key")
		}
		return err
	}
	if err := s.payments.raise(ctx, u, r.Held()); err != nil {
		return err
	}
	return s.rows.insert(ctx, r)
}

func (s paymentRefunds) Update(ctx context.Context, r *payment.Refund) error {
	u, err := s.rows.db.inside(ctx, "payment.refund_update")
	if err != nil {
		return err
	}
	was, err := s.rows.get(ctx, r.ID)
	if err != nil {
		return err
	}
	if err := s.rows.update(ctx, r); err != nil {
		return err
	}
	release, now := was.Held(), r.Held() // the version held: was is what r replaced
	for id, held := range release {
		if release[id] = now[id] - held; release[id] == 0 {
			delete(release, id)
		}
	}
	return s.payments.raise(ctx, u, release)
}

func (s paymentRefunds) Get(ctx context.Context, id payment.RefundID) (payment.Refund, error) {
	return s.rows.get(ctx, id)
}

func (s paymentRefunds) ByKey(ctx context.Context, intent payment.IntentID, key string) (payment.Refund, error) {
	return s.rows.find(ctx, "key", sortKey(string(intent), key))
}

func (s paymentRefunds) ByNumber(ctx context.Context, number string) (payment.Refund, error) {
	return s.rows.find(ctx, "number", number)
}

func (s paymentRefunds) ByIntent(ctx context.Context, ids ...payment.IntentID) ([]payment.Refund, error) {
	return scanEach(ctx, s.rows, "intent", ids)
}

func (s paymentRefunds) Claim(ctx context.Context, now, until time.Time, limit int) ([]payment.RefundID, error) {
	return claimDue(ctx, s.rows, now, until, limit, func(r *payment.Refund) *time.Time { return &r.NextAt })
}
