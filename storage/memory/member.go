package memory

import (
	"context"
	"slices"

	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
)

type members struct {
	rows *table[member.ID, member.Account]
}

var _ member.Store = members{}

func newMembers(db *DB) members {
	return members{newTable(db, spec[member.ID, member.Account]{
		name:    "member",
		key:     func(a *member.Account) member.ID { return a.ID },
		clone:   func(a member.Account) member.Account { return a },
		version: func(a *member.Account) *int64 { return &a.Version },
		unique: map[string]func(*member.Account) string{
			"email": func(a *member.Account) string { return a.EmailKey },
		},
		ordered: map[string]func(*member.Account) string{
			"id": func(a *member.Account) string { return sortKey(string(a.ID)) },
		},
	})}
}

func (s members) Get(ctx context.Context, id member.ID) (member.Account, error) {
	return s.rows.get(ctx, id)
}

func (s members) GetMany(ctx context.Context, ids []member.ID) ([]member.Account, error) {
	return s.rows.getMany(ctx, ids)
}

func (s members) FindEmail(ctx context.Context, key string) (member.Account, error) {
	return s.rows.find(ctx, "email", key)
}

func (s members) Insert(ctx context.Context, a *member.Account) error {
	return s.rows.insert(ctx, a)
}

func (s members) Update(ctx context.Context, a *member.Account) error {
	return s.rows.update(ctx, a)
}

func (s members) List(ctx context.Context, q member.Query, p page.Request) (page.Page[member.Account], error) {
	return s.rows.page(ctx, "member.id", p, scan[member.Account]{
		index: "id",
		match: func(a *member.Account) bool {
			return (q.State == "" || a.State == q.State) && (len(q.Emails) == 0 || slices.Contains(q.Emails, a.EmailKey))
		},
	})
}
