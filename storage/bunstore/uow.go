package bunstore

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/uow"
)

var (
	_ uow.Claims      = claims{}
	_ uow.Idempotency = idempotency{}
	_ uow.CallLister  = idempotency{}
	_ uow.Leases      = leases{}
	_ uow.Inbox       = inbox{}
)

type claimRow struct {
	bun.BaseModel `bun:"table:claims,alias:c"`

	Kind    string `bun:"kind,pk"`
	Key     string `bun:"key,pk"`
	Subject string `bun:"subject"`
}

type claims struct{ db *DB }

func (s claims) Claim(ctx context.Context, kind, key, subject string) (holder string, won bool, err error) {
	err = insertRow(ctx, s.db.conn(ctx), "claim", &claimRow{Kind: kind, Key: key, Subject: subject})
	if errors.Is(err, fault.AlreadyExists) {
		holder, err = s.Holder(ctx, kind, key)
		return holder, err == nil && holder == subject, err
	}
	if err != nil {
		return "", false, err
	}
	return subject, true, nil
}

func (s claims) Holder(ctx context.Context, kind, key string) (string, error) {
	row := claimRow{Kind: kind, Key: key}
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).WherePK())
	if err == nil && !found {
		err = missing("claim")
	}
	return row.Subject, err
}

type callRow struct {
	bun.BaseModel `bun:"table:idempotency,alias:i"`

	Scope     string  `bun:"scope,pk"`
	Key       string  `bun:"key,pk"`
	Hash      string  `bun:"hash"`
	Done      bool    `bun:"done"`
	Resource  string  `bun:"resource"`
	Body      []byte  `bun:"body"`
	ExpiresAt instant `bun:"expires_at"`
}

type idempotency struct{ db *DB }

func (s idempotency) Begin(ctx context.Context, call uow.Call) (*uow.Answer, error) {
	if _, err := s.db.inside(ctx, "idempotency.begin"); err != nil {
		return nil, err
	}
	c := s.db.conn(ctx)
	err := insertRow(ctx, c, "idempotency", &callRow{
		Scope: call.Scope, Key: call.Key, Hash: call.Hash, ExpiresAt: at(call.ExpiresAt),
	})
	if !errors.Is(err, fault.AlreadyExists) {
		return nil, err
	}
	row := callRow{Scope: call.Scope, Key: call.Key}
	found, err := c.scan(ctx, c.query(&row).WherePK())
	switch {
	case err != nil:
		return nil, err
	case !found: // purged in between: the call may come again
		return nil, fault.New(fault.Conflict, "idempotency.running", "the earlier call has just expired")
	case row.Hash != call.Hash:
		return nil, fault.New(fault.Conflict, "idempotency.mismatch", "the key was used for another call")
	case !row.Done:
		return nil, fault.New(fault.Conflict, "idempotency.running", "the call was begun and has no answer yet")
	}
	return &uow.Answer{Resource: row.Resource, Body: row.Body}, nil
}

func (s idempotency) Complete(ctx context.Context, call uow.Call, answer uow.Answer) error {
	n, err := s.db.conn(ctx).fixedExec(ctx,
		`UPDATE idempotency SET done = true, resource = $1, body = $2 WHERE scope = $3 AND key = $4`,
		answer.Resource, answer.Body, call.Scope, call.Key)
	if err == nil && n == 0 {
		err = missing("idempotency")
	}
	return err
}

func (s idempotency) Answered(ctx context.Context, after uow.Call, limit int) ([]uow.Answered, error) {
	var rows []callRow
	c := s.db.readConn(ctx)
	q := c.query(&rows).Where("(scope, key) > (?, ?) AND done", after.Scope, after.Key).Order("scope", "key").Limit(int64(limit))
	if _, err := c.scan(ctx, q); err != nil {
		return nil, err
	}
	out := make([]uow.Answered, len(rows))
	for i, r := range rows {
		out[i] = uow.Answered{
			Call:   uow.Call{Scope: r.Scope, Key: r.Key, Hash: r.Hash, ExpiresAt: r.ExpiresAt.Time},
			Answer: uow.Answer{Resource: r.Resource, Body: r.Body},
		}
	}
	return out, nil
}

func (s idempotency) Purge(ctx context.Context, now time.Time, limit int) (int, error) {
	c := s.db.conn(ctx)
	n, err := c.exec(ctx, c.raw(`DELETE FROM idempotency WHERE (scope, key) IN (
  SELECT scope, key FROM idempotency WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`, at(now), limit))
	return int(n), err
}

type leaseRow struct {
	bun.BaseModel `bun:"table:leases,alias:l"`

	Name      string  `bun:"name,pk"`
	Owner     string  `bun:"owner"`
	Fence     int64   `bun:"fence"`
	ExpiresAt instant `bun:"expires_at"`
}

func (r leaseRow) value() uow.Lease {
	return uow.Lease{Name: r.Name, Owner: r.Owner, Fence: r.Fence, ExpiresAt: r.ExpiresAt.Time}
}

type leases struct{ db *DB }

func (s leases) Acquire(ctx context.Context, owner string, now time.Time, ttl time.Duration, names ...string) ([]uow.Lease, error) {
	if len(names) == 0 {
		return nil, nil
	}
	var values strings.Builder
	var args []any
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) { // rows are locked in this order
		if values.Len() > 0 {
			values.WriteString(", ")
		}
		values.WriteString("(?, ?, ?, ?)")
		args = append(args, name, owner, now.UnixMicro(), at(now.Add(ttl)))
	}
	args = append(args, at(now))
	var rows []leaseRow
	c := s.db.conn(ctx)
	if _, err := c.scan(ctx, c.raw(`INSERT INTO leases AS l (name, owner, fence, expires_at) VALUES `+values.String()+`
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires_at = excluded.expires_at, fence = CASE
  WHEN l.owner = excluded.owner THEN l.fence
  WHEN l.fence >= excluded.fence THEN l.fence + 1
  ELSE excluded.fence END
WHERE l.owner = excluded.owner OR l.owner = '' OR l.expires_at <= ?
RETURNING name, owner, fence, expires_at`, args...), &rows); err != nil {
		return nil, err
	}
	return inOrder(names, rows, func(r leaseRow) string { return r.Name }, leaseRow.value), nil
}

func (s leases) Release(ctx context.Context, leases ...uow.Lease) error {
	if len(leases) == 0 {
		return nil
	}
	var mine []string
	var args []any
	for _, l := range leases {
		mine = append(mine, "(?, ?, ?)")
		args = append(args, l.Name, l.Owner, l.Fence)
	}
	c := s.db.conn(ctx)
	_, err := c.exec(ctx, c.raw(`UPDATE leases SET owner = '' WHERE (name, owner, fence) IN (VALUES `+strings.Join(mine, ", ")+`)`, args...))
	return err
}

func (s leases) List(ctx context.Context, prefix string, now time.Time) ([]uow.Lease, error) {
	var rows []leaseRow
	c := s.db.readConn(ctx)
	q := c.query(&rows).Where("name >= ? AND owner <> '' AND expires_at > ?", prefix, at(now)).Order("name")
	if end := after(prefix); end != "" {
		q.Where("name < ?", end)
	}
	if _, err := c.scan(ctx, q); err != nil {
		return nil, err
	}
	out := make([]uow.Lease, len(rows))
	for i, r := range rows {
		out[i] = r.value()
	}
	return out, nil
}

// after returns the first text in byte order behind all that begin with an
// ASCII prefix, "" where there is none.
func after(prefix string) string {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0x7f {
			return prefix[:i] + string(rune(prefix[i]+1))
		}
	}
	return ""
}

func (s leases) Sweep(ctx context.Context, before time.Time, limit int) (int, error) {
	c := s.db.conn(ctx)
	n, err := c.exec(ctx, c.raw(`DELETE FROM leases WHERE name IN (
  SELECT name FROM leases WHERE expires_at < ? ORDER BY name LIMIT ?) AND expires_at < ?`, at(before), limit, at(before)))
	return int(n), err
}

type noteRow struct {
	bun.BaseModel `bun:"table:inbox,alias:i"`

	Consumer string  `bun:"consumer,pk"`
	Message  string  `bun:"message,pk"`
	At       instant `bun:"at"`
}

type inbox struct{ db *DB }

func (s inbox) Accept(ctx context.Context, consumer, message string, now time.Time) (bool, error) {
	if _, err := s.db.inside(ctx, "inbox.accept"); err != nil {
		return false, err
	}
	err := insertRow(ctx, s.db.conn(ctx), "inbox", &noteRow{Consumer: consumer, Message: message, At: at(now)})
	if errors.Is(err, fault.AlreadyExists) {
		return false, nil
	}
	return err == nil, err
}

func (s inbox) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	c := s.db.conn(ctx)
	n, err := c.exec(ctx, c.raw(`DELETE FROM inbox WHERE (consumer, message) IN (
  SELECT consumer, message FROM inbox WHERE at < ? ORDER BY at LIMIT ?)`, at(before), limit))
	return int(n), err
}
