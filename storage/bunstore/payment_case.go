package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
)

type paymentCaseRow struct {
	bun.BaseModel `bun:"table:payment_cases,alias:k"`

	ID         payment.CaseID     `bun:"id,pk"`
	Reason     payment.CaseReason `bun:"reason"`
	Intent     payment.IntentID   `bun:"intent"`
	Attempt    payment.AttemptID  `bun:"attempt"`
	Refund     payment.RefundID   `bun:"refund"`
	Notice     payment.NoticeID   `bun:"notice"`
	Currency   money.Currency     `bun:"currency"`
	Amount     int64              `bun:"amount_minor"`
	Code       string             `bun:"code"`
	State      payment.CaseState  `bun:"state"`
	Assignee   ref.StaffID        `bun:"assignee"`
	Resolution string             `bun:"resolution"`
	OpenedAt   instant            `bun:"opened_at"`
	UpdatedAt  instant            `bun:"updated_at"`
	ClosedAt   instant            `bun:"closed_at"`
	Version    int64              `bun:"version"`
}

func paymentCaseRowOf(k *payment.Case, version int64) *paymentCaseRow {
	return &paymentCaseRow{
		ID: k.ID, Reason: k.Reason, Intent: k.Intent, Attempt: k.Attempt, Refund: k.Refund, Notice: k.Notice,
		Currency: k.Amount.Currency(), Amount: k.Amount.Minor(), Code: k.Code, State: k.State, Assignee: k.Assignee,
		Resolution: k.Resolution, OpenedAt: at(k.OpenedAt), UpdatedAt: at(k.UpdatedAt), ClosedAt: at(k.ClosedAt),
		Version: version,
	}
}

func (r paymentCaseRow) value() payment.Case {
	return payment.Case{
		ID: r.ID, Reason: r.Reason, Intent: r.Intent, Attempt: r.Attempt, Refund: r.Refund, Notice: r.Notice,
		Amount: money.New(r.Amount, r.Currency), Code: r.Code, State: r.State, Assignee: r.Assignee,
		Resolution: r.Resolution, OpenedAt: r.OpenedAt.Time, UpdatedAt: r.UpdatedAt.Time, ClosedAt: r.ClosedAt.Time,
		Version: r.Version,
	}
}

type paymentCases struct{ db *DB }

var _ payment.CaseStore = paymentCases{}

func (s paymentCases) Insert(ctx context.Context, k *payment.Case) error {
	err := insertRow(ctx, s.db.conn(ctx), "payment_case", paymentCaseRowOf(k, 1))
	if err == nil {
		k.Version = 1
	}
	return err
}

func (s paymentCases) Update(ctx context.Context, k *payment.Case) error {
	err := updateRow(ctx, s.db.conn(ctx), "payment_case", paymentCaseRowOf(k, k.Version+1), k.Version+1)
	if err == nil {
		k.Version++
	}
	return err
}

func (s paymentCases) Get(ctx context.Context, id payment.CaseID) (payment.Case, error) {
	var row paymentCaseRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("id = ?", id))
	if err != nil {
		return payment.Case{}, err
	}
	if !found {
		return payment.Case{}, missing("payment_case")
	}
	return row.value(), nil
}

func (s paymentCases) List(ctx context.Context, q payment.CaseQuery, p page.Request) (page.Page[payment.Case], error) {
	order := keyset{list: "payment_case.oldest", columns: []string{"opened_at", "id"}}
	var rows []paymentCaseRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	narrow(sel, "state", q.State)
	narrow(sel, "intent", q.Intent)
	narrow(sel, "assignee", q.Assignee)
	size, err := order.apply(sel, p, timeThenText)
	if err != nil {
		return page.Page[payment.Case]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[payment.Case]{}, err
	}
	return pageOf(order, rows, size, paymentCaseRow.value, func(r paymentCaseRow) []string {
		return []string{timeKey(r.OpenedAt.Time), string(r.ID)}
	}), nil
}
