package memory

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/payment"
)

type paymentNotices struct {
	rows *table[payment.NoticeID, payment.Notice]
}

var _ payment.NoticeStore = paymentNotices{}

func newPaymentNotices(db *DB) paymentNotices {
	return paymentNotices{newTable(db, spec[payment.NoticeID, payment.Notice]{
		name:    "payment_notice",
		key:     func(n *payment.Notice) payment.NoticeID { return n.ID },
		clone:   payment.Notice.Clone,
		version: func(n *payment.Notice) *int64 { return &n.Version },
		ordered: map[string]func(*payment.Notice) string{
			"newest": func(n *payment.Notice) string { return sortKey(n.CreatedAt, string(n.ID)) },
			"due":    func(n *payment.Notice) string { return dueKey(n.NextAt, string(n.ID)) },
		},
	})}
}

func (s paymentNotices) Insert(ctx context.Context, n *payment.Notice) error {
	return s.rows.insert(ctx, n)
}

func (s paymentNotices) Update(ctx context.Context, n *payment.Notice) error {
	return s.rows.update(ctx, n)
}

func (s paymentNotices) Get(ctx context.Context, id payment.NoticeID) (payment.Notice, error) {
	return s.rows.get(ctx, id)
}

func (s paymentNotices) List(
	ctx context.Context, q payment.NoticeQuery, p page.Request,
) (page.Page[payment.Notice], error) {
	out, err := s.rows.page(ctx, "payment_notice.newest", p, scan[payment.Notice]{
		index: "newest", desc: true,
		match: func(n *payment.Notice) bool {
			return (q.Gateway == "" || n.Gateway == q.Gateway) && (q.Number == "" || n.Number == q.Number) &&
				(q.State == "" || n.State == q.State)
		},
	})
	for i := range out.Items {
		out.Items[i].Raw = nil
	}
	return out, err
}

func (s paymentNotices) Claim(ctx context.Context, now, until time.Time, limit int) ([]payment.NoticeID, error) {
	return claimDue(ctx, s.rows, now, until, limit, func(n *payment.Notice) *time.Time { return &n.NextAt })
}
