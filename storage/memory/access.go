package memory

import (
	"context"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

type staff struct {
	rows *table[ref.StaffID, access.Account]
}

var _ access.Store = staff{}

func newStaff(db *DB) staff {
	return staff{newTable(db, spec[ref.StaffID, access.Account]{
		name:    "staff",
		key:     func(a *access.Account) ref.StaffID { return a.ID },
		clone:   access.Account.Clone,
		version: func(a *access.Account) *int64 { return &a.Version },
		unique: map[string]func(*access.Account) string{
			"login": func(a *access.Account) string { return a.Login },
		},
		ordered: map[string]func(*access.Account) string{
			"id": func(a *access.Account) string { return sortKey(string(a.ID)) },
		},
	})}
}

func (s staff) Get(ctx context.Context, id ref.StaffID) (access.Account, error) {
	return s.rows.get(ctx, id)
}

func (s staff) FindLogin(ctx context.Context, login string) (access.Account, error) {
	return s.rows.find(ctx, "login", login)
}

func (s staff) Insert(ctx context.Context, a *access.Account) error {
	return s.rows.insert(ctx, a)
}

func (s staff) Update(ctx context.Context, a *access.Account) error {
	return s.rows.update(ctx, a)
}

func (s staff) List(ctx context.Context, p page.Request) (page.Page[access.Account], error) {
	return s.rows.page(ctx, "staff.id", p, scan[access.Account]{index: "id"})
}
