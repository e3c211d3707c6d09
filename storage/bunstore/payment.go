package bunstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
)

type intentRow struct {
	bun.BaseModel `bun:"table:payment_intents,alias:i"`

	ID          payment.IntentID     `bun:"id,pk"`
	Number      string               `bun:"number"`
	Group       ref.GroupID          `bun:"group_id"`
	Member      ref.MemberID         `bun:"member"`
	Guest       string               `bun:"guest"`
	Quote       string               `bun:"quote"`
	State       payment.IntentState  `bun:"state"`
	Currency    money.Currency       `bun:"currency"`
	Payable     int64                `bun:"payable_minor"`
	Refunded    int64                `bun:"refunded_minor"`
	Tenders     []payment.Tender     `bun:"tenders,type:jsonb"`
	PayBy       instant              `bun:"pay_by"`
	Reason      payment.CancelReason `bun:"reason"`
	CancelingAt instant              `bun:"canceling_at"`
	CreatedAt   instant              `bun:"created_at"`
	UpdatedAt   instant              `bun:"updated_at"`
	NextAt      instant              `bun:"next_at"`
	Version     int64                `bun:"version"`
}

func intentRowOf(in *payment.Intent, version int64) *intentRow {
	return &intentRow{
		ID: in.ID, Number: in.Number, Group: in.Group, Member: in.Member, Guest: in.Guest, Quote: in.Quote,
		State: in.State, Currency: in.Payable.Currency(), Payable: in.Payable.Minor(), Refunded: in.Refunded.Minor(),
		Tenders: in.Tenders, PayBy: at(in.PayBy), Reason: in.Reason, CancelingAt: at(in.CancelingAt),
		CreatedAt: at(in.CreatedAt), UpdatedAt: at(in.UpdatedAt), NextAt: at(in.NextAt), Version: version,
	}
}

func (r intentRow) value() payment.Intent {
	return payment.Intent{
		ID: r.ID, Number: r.Number, Group: r.Group, Member: r.Member, Guest: r.Guest, Quote: r.Quote, State: r.State,
		Payable: money.New(r.Payable, r.Currency), Refunded: money.New(r.Refunded, r.Currency), Tenders: r.Tenders,
		PayBy: r.PayBy.Time, Reason: r.Reason, CancelingAt: r.CancelingAt.Time, CreatedAt: r.CreatedAt.Time,
		UpdatedAt: r.UpdatedAt.Time, NextAt: r.NextAt.Time, Version: r.Version,
	}
}

type attemptRow struct {
	bun.BaseModel `bun:"table:payment_attempts,alias:a"`

	ID          payment.AttemptID    `bun:"id,pk"`
	Intent      payment.IntentID     `bun:"intent"`
	Number      string               `bun:"number"`
	Seq         int                  `bun:"seq"`
	Gateway     string               `bun:"gateway"`
	State       payment.AttemptState `bun:"state"`
	Currency    money.Currency       `bun:"currency"`
	Amount      int64                `bun:"amount_minor"`
	Instruction payment.Instruction  `bun:"instruction,type:jsonb"`
	ExpiresAt   instant              `bun:"expires_at"`
	ProviderRef string               `bun:"provider_ref"`
	Action      payment.Action       `bun:"action,type:jsonb"`
	Code        string               `bun:"code"`
	Advice      payment.Advice       `bun:"advice"`
	Counted     bool                 `bun:"counted"`
	Late        bool                 `bun:"late"`
	Conflict    string               `bun:"conflict"`
	Alerted     bool                 `bun:"alerted"`
	Evidence    string               `bun:"evidence"`
	Refunding   int64                `bun:"refunding_minor"`
	Sends       int                  `bun:"sends"`
	Asks        int                  `bun:"asks"`
	CreatedAt   instant              `bun:"created_at"`
	SentAt      instant              `bun:"sent_at"`
	CallBy      instant              `bun:"call_by"`
	CapturedAt  instant              `bun:"captured_at"`
}

// attemptRowsOf returns the rows of an intent's attempts; what refunds hold
// starts at nothing and is never written after.
func attemptRowsOf(in *payment.Intent) []attemptRow {
	rows := make([]attemptRow, len(in.Attempts))
	for i, a := range in.Attempts {
		rows[i] = attemptRow{
			ID: a.ID, Intent: in.ID, Number: a.Number, Seq: a.Seq, Gateway: a.Gateway, State: a.State,
			Currency: a.Amount.Currency(), Amount: a.Amount.Minor(), Instruction: a.Instruction,
			ExpiresAt: at(a.ExpiresAt), ProviderRef: a.ProviderRef, Action: a.Action, Code: a.Code, Advice: a.Advice,
			Counted: a.Counted, Late: a.Late, Conflict: a.Conflict, Alerted: a.Alerted, Evidence: a.Evidence,
			Sends: a.Sends, Asks: a.Asks, CreatedAt: at(a.CreatedAt), SentAt: at(a.SentAt), CallBy: at(a.CallBy),
			CapturedAt: at(a.CapturedAt),
		}
	}
	return rows
}

func (r attemptRow) value() payment.Attempt {
	return payment.Attempt{
		ID: r.ID, Number: r.Number, Seq: r.Seq, Gateway: r.Gateway, State: r.State,
		Amount: money.New(r.Amount, r.Currency), Instruction: r.Instruction, ExpiresAt: r.ExpiresAt.Time,
		ProviderRef: r.ProviderRef, Action: r.Action, Code: r.Code, Advice: r.Advice, Counted: r.Counted, Late: r.Late,
		Conflict: r.Conflict, Alerted: r.Alerted, Evidence: r.Evidence, Refunding: r.Refunding, Sends: r.Sends,
		Asks: r.Asks, CreatedAt: r.CreatedAt.Time, SentAt: r.SentAt.Time, CallBy: r.CallBy.Time,
		CapturedAt: r.CapturedAt.Time,
	}
}

type payments struct{ db *DB }

var _ payment.Store = payments{}

func (s payments) Insert(ctx context.Context, in *payment.Intent, history ...payment.Event) error {
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		attempts := attemptRowsOf(in)
		stored, err := insertTree(ctx, c, intentRowOf(in, 1), attempts, paymentEventRowsOf(history))
		switch {
		case err != nil:
			return err
		case stored[0] == 0:
			return existing("payment", "id")
		case stored[1] < int64(len(attempts)):
			return s.withdraw(ctx, c, in)
		case stored[2] < int64(len(history)):
			return existing("payment_event", "id")
		}
		return nil
	})
	if err == nil {
		in.Version = 1
	}
	return err
}

// withdraw takes an insertion back whose number is taken: the unit stays
// usable, and nothing must be left.
func (s payments) withdraw(ctx context.Context, c conn, in *payment.Intent) error {
	for _, table := range []any{(*paymentEventRow)(nil), (*attemptRow)(nil)} {
		if _, err := c.exec(ctx, c.delete(table).Where("intent = ?", in.ID)); err != nil {
			return err
		}
	}
	if _, err := c.exec(ctx, c.delete((*intentRow)(nil)).Where("id = ?", in.ID)); err != nil {
		return err
	}
	return existing("payment", "number")
}

func (s payments) Update(ctx context.Context, in *payment.Intent, history ...payment.Event) error {
	err := s.db.write(ctx, func(ctx context.Context, c conn) error {
		row, attempts, events := intentRowOf(in, in.Version+1), attemptRowsOf(in), paymentEventRowsOf(history)
		if s.db.postgres {
			return s.updatePostgres(ctx, c, row, attempts, events)
		}
		if err := updateRow(ctx, c, "payment", row, row.Version); err != nil {
			return err
		}
		if len(attempts) > 0 {
			if _, err := c.exec(ctx, c.insert(&attempts).On(attemptUpsert())); err != nil {
				return err
			}
		}
		return s.append(ctx, c, events)
	})
	if err == nil {
		in.Version++
	}
	return err
}

// updatePostgres is Update in one statement.
func (s payments) updatePostgres(ctx context.Context, c conn, row *intentRow, attempts []attemptRow, events []paymentEventRow) error {
	args, err := c.encodeAll(ctx, []any{row, attempts, events})
	if err != nil {
		return err
	}
	var moved, told int64
	err = c.fixed(ctx, s.db.text("update payment", func() string {
		return "WITH moved AS (" + versionUpdate(s.db.tableOf(row)) + " RETURNING 1), " +
			"tries AS (" + insertion(s.db.tableOf(attempts), 2) + " WHERE EXISTS (SELECT FROM moved) ON " + attemptUpsert() + "), " +
			"told AS (" + insertion(s.db.tableOf(events), 3) + " WHERE EXISTS (SELECT FROM moved) ON CONFLICT DO NOTHING RETURNING 1) " +
			"SELECT (SELECT count(*) FROM moved), (SELECT count(*) FROM told)"
	}), args, &moved, &told)
	switch {
	case err != nil:
		return err
	case moved == 0:
		return notUpdated(ctx, c, "payment", row)
	case told < int64(len(events)):
		return existing("payment_event", "id")
	}
	return nil
}

// attemptUpsert is what happens to an attempt that is stored already.
func attemptUpsert() string {
	var set []string
	for _, col := range []string{
		"state", "provider_ref", "action", "code", "advice", "counted", "late", "conflict", "alerted", "evidence",
		"sends", "asks", "sent_at", "call_by", "captured_at",
	} {
		set = append(set, col+" = EXCLUDED."+col)
	}
	return "CONFLICT (id) DO UPDATE SET " + strings.Join(set, ", ")
}

// paidRow is an intent beside one of its attempts, or none.
type paidRow struct {
	intentRow `bun:",extend"`
	Attempt   attemptRow `bun:"embed:a_"`
}

// load returns the intents that where selects, each whole, in one statement.
func (s payments) load(ctx context.Context, where func(q *bun.SelectQuery)) ([]payment.Intent, error) {
	var rows []paidRow
	c := s.db.readConn(ctx)
	q := c.query(&rows).ColumnExpr("i.*").Join("LEFT JOIN payment_attempts AS a ON a.intent = i.id").OrderExpr("i.id, a.seq")
	for _, col := range attemptColumns() {
		q.ColumnExpr("a.?0 AS ?1", bun.Ident(col), bun.Ident("a_"+col))
	}
	where(q)
	if _, err := c.scan(ctx, q); err != nil {
		return nil, err
	}
	var out []payment.Intent
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].ID != r.ID {
			out = append(out, r.intentRow.value())
		}
		if r.Attempt.ID != "" {
			in := &out[len(out)-1]
			in.Attempts = append(in.Attempts, r.Attempt.value())
		}
	}
	return out, nil
}

func attemptColumns() []string {
	return []string{
		"id", "number", "seq", "gateway", "state", "currency", "amount_minor", "instruction", "expires_at", "provider_ref",
		"action", "code", "advice", "counted", "late", "conflict", "alerted", "evidence", "refunding_minor", "sends", "asks",
		"created_at", "sent_at", "call_by", "captured_at",
	}
}

func (s payments) one(ctx context.Context, where func(q *bun.SelectQuery)) (payment.Intent, error) {
	found, err := s.load(ctx, where)
	if err != nil {
		return payment.Intent{}, err
	}
	if len(found) == 0 {
		return payment.Intent{}, missing("payment")
	}
	return found[0], nil
}

func (s payments) Get(ctx context.Context, id payment.IntentID) (payment.Intent, error) {
	return s.one(ctx, func(q *bun.SelectQuery) { q.Where("i.id = ?", id) })
}

func (s payments) ByAttempt(ctx context.Context, number string) (payment.Intent, error) {
	return s.one(ctx, func(q *bun.SelectQuery) {
		q.Where("i.id = (SELECT intent FROM payment_attempts WHERE number = ?)", number)
	})
}

func (s payments) List(ctx context.Context, q payment.Query, p page.Request) (page.Page[payment.Intent], error) {
	order := keyset{list: "payment.newest", columns: []string{"created_at", "id"}, desc: true}
	sel := s.db.readConn(ctx).query((*intentRow)(nil))
	narrow(sel, "group_id", q.Group)
	if q.Groups != nil {
		if len(q.Groups) == 0 {
			sel.Where("FALSE")
		} else {
			sel.Where("group_id IN (?)", bun.List(q.Groups))
		}
	}
	narrow(sel, "state", q.State)
	size, err := order.apply(sel, p, timeThenText)
	if err != nil {
		return page.Page[payment.Intent]{}, err
	}
	found, err := s.load(ctx, func(q *bun.SelectQuery) { q.ModelTableExpr("(?) AS i", sel) })
	if err != nil {
		return page.Page[payment.Intent]{}, err
	}
	slices.SortFunc(found, func(a, b payment.Intent) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(string(b.ID), string(a.ID)))
	})
	return pageOf(order, found, size, same, func(in payment.Intent) []string {
		return []string{timeKey(in.CreatedAt), string(in.ID)}
	}), nil
}

func (s payments) Claim(ctx context.Context, now, until time.Time, limit int) ([]payment.IntentID, error) {
	return claimDue[payment.IntentID](ctx, s.db, "payment_intents", now, until, limit)
}

// claimDue moves next_at of at most limit rows that are due, and that no
// other unit holds, to until, and returns their ids.
func claimDue[K ~string](ctx context.Context, db *DB, table string, now, until time.Time, limit int) ([]K, error) {
	c := db.conn(ctx)
	query := `UPDATE ?0 SET next_at = ?1 WHERE id IN (
		SELECT id FROM ?0 WHERE next_at <= ?2 ORDER BY next_at, id LIMIT ?3) RETURNING id`
	if db.postgres {
		query = `WITH due AS MATERIALIZED (
			SELECT id FROM ?0 WHERE next_at <= ?2 ORDER BY next_at, id LIMIT ?3 FOR UPDATE SKIP LOCKED)
		UPDATE ?0 AS t SET next_at = ?1 FROM due WHERE t.id = due.id RETURNING t.id`
	}
	var ids []K
	_, err := c.scan(ctx, c.raw(query, bun.Ident(table), at(until), at(now), limit), &ids)
	return ids, err
}

type paymentEventRow struct {
	bun.BaseModel `bun:"table:payment_events,alias:e"`

	ID          payment.EventID   `bun:"id,pk"`
	Intent      payment.IntentID  `bun:"intent"`
	Of          string            `bun:"about"`
	Object      string            `bun:"object"`
	Version     int64             `bun:"version"`
	Kind        payment.EventKind `bun:"kind"`
	From        string            `bun:"was"`
	To          string            `bun:"becomes"`
	Source      payment.Source    `bun:"source"`
	Evidence    string            `bun:"evidence"`
	ProviderRef string            `bun:"provider_ref"`
	Currency    money.Currency    `bun:"currency"`
	Amount      int64             `bun:"amount_minor"`
	Code        string            `bun:"code"`
	At          instant           `bun:"at"`
}

func paymentEventRowsOf(events []payment.Event) []paymentEventRow {
	rows := make([]paymentEventRow, len(events))
	for i, e := range events {
		rows[i] = paymentEventRow{
			ID: e.ID, Intent: e.Intent, Of: e.Of, Object: e.Object, Version: e.Version, Kind: e.Kind, From: e.From, To: e.To,
			Source: e.Source, Evidence: e.Evidence, ProviderRef: e.ProviderRef, Currency: e.Amount.Currency(),
			Amount: e.Amount.Minor(), Code: e.Code, At: at(e.At),
		}
	}
	return rows
}

func (s payments) Append(ctx context.Context, events ...payment.Event) error {
	return s.db.write(ctx, func(ctx context.Context, c conn) error { return s.append(ctx, c, paymentEventRowsOf(events)) })
}

func (s payments) append(ctx context.Context, c conn, rows []paymentEventRow) error {
	if len(rows) == 0 {
		return nil
	}
	n, err := insertNew(ctx, c, &rows)
	if err == nil && n < int64(len(rows)) {
		err = existing("payment_event", "id")
	}
	return err
}

func (s payments) History(ctx context.Context, ids ...payment.IntentID) ([]payment.Event, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []paymentEventRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("intent IN (?)", bun.List(ids)).Order("intent", "at", "id")); err != nil {
		return nil, err
	}
	out := make([]payment.Event, len(rows))
	for i, r := range rows {
		out[i] = payment.Event{
			ID: r.ID, Intent: r.Intent, Of: r.Of, Object: r.Object, Version: r.Version, Kind: r.Kind, From: r.From, To: r.To,
			Source: r.Source, Evidence: r.Evidence, ProviderRef: r.ProviderRef, Amount: money.New(r.Amount, r.Currency),
			Code: r.Code, At: r.At.Time,
		}
	}
	return out, nil
}

// hold adds to what refunds hold of one capture, if the capture covers it.
func (s payments) hold(ctx context.Context, c conn, id payment.AttemptID, minor int64) (bool, error) {
	n, err := c.exec(ctx, c.update((*attemptRow)(nil)).
		Set("refunding_minor = refunding_minor + ?", minor).
		Where("id = ?", id).
		Where("refunding_minor + ? <= CASE WHEN state = ? THEN amount_minor ELSE 0 END", minor, payment.AttemptCaptured))
	return n == 1, err
}

// holdAll is hold for each attempt, in the order of ids; where one capture
// does not cover it, nothing is held. Exhausted.
func (s payments) holdAll(ctx context.Context, c conn, by map[payment.AttemptID]int64) error {
	ids := slices.Sorted(maps.Keys(by))
	for i, id := range ids {
		ok, err := s.hold(ctx, c, id, by[id])
		if err != nil {
			return err
		}
		if ok {
			continue
		}
		for _, held := range ids[:i] {
			if _, err := s.hold(ctx, c, held, -by[held]); err != nil {
				return err
			}
		}
		return fault.New(fault.Exhausted, "payment.refund_exceeds", "more than what is left of the capture")
	}
	return nil
}
