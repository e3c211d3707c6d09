package memory

import (
	"context"

	"github.com/soukhq/souk/commerce/member"
)

type addressBooks struct {
	rows *table[member.ID, member.Book]
}

var _ member.BookStore = addressBooks{}

func newAddressBooks(db *DB) addressBooks {
	return addressBooks{newTable(db, spec[member.ID, member.Book]{
		name:    "address_book",
		key:     func(b *member.Book) member.ID { return b.Member },
		clone:   member.Book.Clone,
		version: func(b *member.Book) *int64 { return &b.Version },
	})}
}

func (s addressBooks) Get(ctx context.Context, id member.ID) (member.Book, error) {
	return s.rows.get(ctx, id)
}

func (s addressBooks) Insert(ctx context.Context, b *member.Book) error {
	return s.rows.insert(ctx, b)
}

func (s addressBooks) Update(ctx context.Context, b *member.Book) error {
	return s.rows.update(ctx, b)
}
