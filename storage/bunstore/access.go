package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type staffRow struct {
	bun.BaseModel `bun:"table:staff,alias:st"`

	ID           ref.StaffID   `bun:"id,pk"`
	Login        string        `bun:"login"`
	Name         string        `bun:"name"`
	Roles        []access.Role `bun:"roles,type:jsonb"`
	State        access.State  `bun:"state"`
	PasswordHash string        `bun:"password_hash"`
	CredentialAt instant       `bun:"credential_at"`
	CreatedAt    instant       `bun:"created_at"`
	UpdatedAt    instant       `bun:"updated_at"`
	Version      int64         `bun:"version"`
}

func (r staffRow) value() access.Account {
	a := access.Account{
		Staff: access.Staff{
			ID: r.ID, Login: r.Login, Name: r.Name, State: r.State,
			CredentialAt: r.CredentialAt.Time, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
		},
		PasswordHash: r.PasswordHash,
	}
	if len(r.Roles) > 0 {
		a.Roles = r.Roles
	}
	return a
}

func staffRowOf(a *access.Account, version int64) *staffRow {
	r := &staffRow{
		ID: a.ID, Login: a.Login, Name: a.Name, Roles: a.Roles, State: a.State, PasswordHash: a.PasswordHash,
		CredentialAt: at(a.CredentialAt), CreatedAt: at(a.CreatedAt), UpdatedAt: at(a.UpdatedAt), Version: version,
	}
	if r.Roles == nil {
		r.Roles = []access.Role{}
	}
	return r
}

type staff struct{ db *DB }

var _ access.Store = staff{}

func (s staff) Get(ctx context.Context, id ref.StaffID) (access.Account, error) {
	return s.find(ctx, "id = ?", id)
}

func (s staff) FindLogin(ctx context.Context, login string) (access.Account, error) {
	return s.find(ctx, "login = ?", login)
}

func (s staff) find(ctx context.Context, where string, arg any) (access.Account, error) {
	var row staffRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where(where, arg))
	if err != nil {
		return access.Account{}, err
	}
	if !found {
		return access.Account{}, missing("staff")
	}
	return row.value(), nil
}

func (s staff) Insert(ctx context.Context, a *access.Account) error {
	if err := insertRow(ctx, s.db.conn(ctx), "staff", staffRowOf(a, 1)); err != nil {
		return err
	}
	a.Version = 1
	return nil
}

func (s staff) Update(ctx context.Context, a *access.Account) error {
	if err := updateRow(ctx, s.db.conn(ctx), "staff", staffRowOf(a, a.Version+1), a.Version+1); err != nil {
		return err
	}
	a.Version++
	return nil
}

func (s staff) List(ctx context.Context, p page.Request) (page.Page[access.Account], error) {
	order := keyset{list: "staff.id", columns: []string{"id"}}
	var rows []staffRow
	c := s.db.readConn(ctx)
	sel := c.query(&rows)
	size, err := order.apply(sel, p, texts)
	if err != nil {
		return page.Page[access.Account]{}, err
	}
	if _, err := c.scan(ctx, sel); err != nil {
		return page.Page[access.Account]{}, err
	}
	return pageOf(order, rows, size, staffRow.value, func(r staffRow) []string { return []string{string(r.ID)} }), nil
}
