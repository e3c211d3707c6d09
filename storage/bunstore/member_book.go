package bunstore

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/member"
)

type addressBookRow struct {
	bun.BaseModel `bun:"table:address_books,alias:ab"`

	Member    member.ID        `bun:"member,pk"`
	Entries   []member.Entry   `bun:"entries,type:jsonb"`
	Default   member.AddressID `bun:"default_address,nullzero"`
	Erased    bool             `bun:"erased"`
	UpdatedAt instant          `bun:"updated_at"`
	Version   int64            `bun:"version"`
}

func (r addressBookRow) value() member.Book {
	b := member.Book{
		Member: r.Member, Default: r.Default, Erased: r.Erased, UpdatedAt: r.UpdatedAt.Time, Version: r.Version,
	}
	if len(r.Entries) > 0 {
		b.Entries = r.Entries
	}
	return b
}

func addressBookRowOf(b *member.Book, version int64) *addressBookRow {
	r := &addressBookRow{
		Member: b.Member, Entries: b.Entries, Default: b.Default, Erased: b.Erased, UpdatedAt: at(b.UpdatedAt), Version: version,
	}
	if r.Entries == nil {
		r.Entries = []member.Entry{}
	}
	return r
}

type addressBooks struct{ db *DB }

var _ member.BookStore = addressBooks{}

func (s addressBooks) Get(ctx context.Context, id member.ID) (member.Book, error) {
	var row addressBookRow
	c := s.db.readConn(ctx)
	found, err := c.scan(ctx, c.query(&row).Where("member = ?", id))
	if err != nil {
		return member.Book{}, err
	}
	if !found {
		return member.Book{}, missing("address_book")
	}
	return row.value(), nil
}

func (s addressBooks) Insert(ctx context.Context, b *member.Book) error {
	if err := insertRow(ctx, s.db.conn(ctx), "address_book", addressBookRowOf(b, 1)); err != nil {
		return err
	}
	b.Version = 1
	return nil
}

func (s addressBooks) Update(ctx context.Context, b *member.Book) error {
	if err := updateRow(ctx, s.db.conn(ctx), "address_book", addressBookRowOf(b, b.Version+1), b.Version+1); err != nil {
		return err
	}
	b.Version++
	return nil
}
