package memory

import (
	"context"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/payment"
)

type paymentCases struct {
	rows *table[payment.CaseID, payment.Case]
}

var _ payment.CaseStore = paymentCases{}

func newPaymentCases(db *DB) paymentCases {
	return paymentCases{newTable(db, spec[payment.CaseID, payment.Case]{
		name:    "payment_case",
		key:     func(c *payment.Case) payment.CaseID { return c.ID },
		clone:   func(c payment.Case) payment.Case { return c },
		version: func(c *payment.Case) *int64 { return &c.Version },
		ordered: map[string]func(*payment.Case) string{
			"oldest": func(c *payment.Case) string { return sortKey(c.OpenedAt, string(c.ID)) },
		},
	})}
}

func (s paymentCases) Insert(ctx context.Context, c *payment.Case) error {
	return s.rows.insert(ctx, c)
}

func (s paymentCases) Update(ctx context.Context, c *payment.Case) error {
	return s.rows.update(ctx, c)
}

func (s paymentCases) Get(ctx context.Context, id payment.CaseID) (payment.Case, error) {
	return s.rows.get(ctx, id)
}

func (s paymentCases) List(
	ctx context.Context, q payment.CaseQuery, p page.Request,
) (page.Page[payment.Case], error) {
	return s.rows.page(ctx, "payment_case.oldest", p, scan[payment.Case]{
		index: "oldest",
		match: func(c *payment.Case) bool {
			return (q.State == "" || c.State == q.State) && (q.Intent == "" || c.Intent == q.Intent) &&
				(q.Assignee == "" || c.Assignee == q.Assignee)
		},
	})
}
