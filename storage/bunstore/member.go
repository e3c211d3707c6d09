package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type memberRow struct {
	bun.BaseModel `bun:"table:members,alias:m"`

	ID           member.ID    `bun:"id,pk"`
	State        member.State `bun:"state"`
	Email        string       `bun:"email,nullzero"`
	EmailKey     string       `bun:"email_key,nullzero"`
	Name         string       `bun:"name,nullzero"`
	Phone        string       `bun:"phone,nullzero"`
	Locale       ref.Locale   `bun:"locale,nullzero"`
	PasswordHash string       `bun:"password_hash,nullzero"`
	CredentialAt instant      `bun:"credential_at"`
	CreatedAt    instant      `bun:"created_at"`
	UpdatedAt    instant      `bun:"updated_at"`
	Version      int64        `bun:"version"`
}

func (r memberRow) value() member.Account {
	return member.Account{
		Member: member.Member{
			ID: r.ID, State: r.State, Email: r.Email, Name: r.Name, Phone: r.Phone, Locale: r.Locale,
			CredentialAt: r.CredentialAt.Time, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
		},
		EmailKey: r.EmailKey, PasswordHash: r.PasswordHash,
	}
}

func memberRowOf(a *member.Account, version int64) *memberRow {
	return &memberRow{
		ID: a.ID, State: a.State, Email: a.Email, EmailKey: a.EmailKey, Name: a.Name, Phone: a.Phone, Locale: a.Locale,
		PasswordHash: a.PasswordHash, CredentialAt: at(a.CredentialAt), CreatedAt: at(a.CreatedAt), UpdatedAt: at(a.UpdatedAt),
		Version: version,
	}
}

type members struct{ db *DB }

var _ member.Store = members{}

func (s members) Get(ctx context.Context, id member.ID) (member.Account, error) {
	return s.find(ctx, "id = ?", id)
}

func (s members) FindEmail(ctx context.Context, key string) (member.Account, error) {
	return s.find(ctx, "email_key = ?", key)
}

func (s members) find(ctx context.Context, where string, arg any) (member.Account, error) {
	var row memberRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where(where, arg))
	if err != nil {
		return member.Account{}, err
	}
	if !found {
		return member.Account{}, missing("member")
	}
	return row.value(), nil
}

func (s members) GetMany(ctx context.Context, ids []member.ID) ([]member.Account, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []memberRow
	c := s.db.readConn(ctx)
	if _, err := c.scan(ctx, c.query(&rows).Where("id IN (?)", bun.List(ids))); err != nil {
		return nil, err
	}
	return inOrder(ids, rows, func(r memberRow) member.ID { return r.ID }, memberRow.value), nil
}

func (s members) Insert(ctx context.Context, a *member.Account) error {
	if err := insertRow(ctx, s.db.conn(ctx), "member", memberRowOf(a, 1)); err != nil {
		return err
	}
	a.Version = 1
	return nil
}

func (s members) Update(ctx context.Context, a *member.Account) error {
	if err := updateRow(ctx, s.db.conn(ctx), "member", memberRowOf(a, a.Version+1), a.Version+1); err != nil {
		return err
	}
	a.Version++
	return nil
}

func (s members) List(ctx context.Context, q member.Query, p page.Request) (page.Page[member.Account], error) {
	order := keyset{list: "member.id", columns: []string{"id"}}
	var rows []memberRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	if q.State != "" {
		sel.Where("state = ?", q.State)
	}
	if len(q.Emails) > 0 {
		sel.Where("email_key IN (?)", bun.List(q.Emails))
	}
	size, err := order.apply(sel, p, texts)
	if err != nil {
		return page.Page[member.Account]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[member.Account]{}, err
	}
	return pageOf(order, rows, size, memberRow.value, func(r memberRow) []string { return []string{string(r.ID)} }), nil
}
