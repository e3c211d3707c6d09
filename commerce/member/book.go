package member

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// The bounds of an address book.
const (
	// MaxAddresses bounds the entries.
	MaxAddresses = 30
	// MaxLabel bounds an entry's label, in characters.
	MaxLabel = 40
)

// AddressID names an entry of an address book.
type AddressID string

// Entry is one address of a member.
type Entry struct {
	ID AddressID `json:"id"`
	// Label is the member's own word for it: "office".
	Label   string          `json:"label,omitempty"`
	Address address.Address `json:"address"`
}

// Book is a member's address book. It is written as a whole, so that the cap
// and the one default hold whoever writes at the same time.
type Book struct {
	Member  ID
	Entries []Entry // in the order they were added
	// Default is the entry that a checkout proposes; empty only where there
	// are no entries.
	Default AddressID
	// Erased is set once the member is forgotten: nothing is added any more,
	// also by who began to add before.
	Erased    bool
	UpdatedAt time.Time
	// Version counts the writes; 0 for a book that was never written.
	Version int64
}

// Clone returns a copy that shares nothing with b.
func (b Book) Clone() Book {
	b.Entries = slices.Clone(b.Entries)
	return b
}

// Entry returns an entry by id.
func (b Book) Entry(id AddressID) (Entry, bool) {
	i := b.index(id)
	if i < 0 {
		return Entry{}, false
	}
	return b.Entries[i], true
}

func (b Book) index(id AddressID) int {
	return slices.IndexFunc(b.Entries, func(e Entry) bool { return e.ID == id })
}

// add appends an entry; the first one is the default.
func (b *Book) add(e Entry, isDefault bool) error {
	if len(b.Entries) >= MaxAddresses {
		return fault.New(fault.Exhausted, "member.address_cap", "the address book is full").With("max", MaxAddresses)
	}
	b.Entries = append(b.Entries, e)
	if isDefault || len(b.Entries) == 1 {
		b.Default = e.ID
	}
	return nil
}

func (b *Book) change(e Entry, isDefault bool) error {
	i := b.index(e.ID)
	if i < 0 {
		return noAddress(e.ID)
	}
	b.Entries[i] = e
	if isDefault {
		b.Default = e.ID
	}
	return nil
}

// remove takes an entry out; the oldest of the rest follows a default.
func (b *Book) remove(id AddressID) error {
	i := b.index(id)
	if i < 0 {
		return noAddress(id)
	}
	b.Entries = slices.Delete(b.Entries, i, i+1)
	if b.Default == id {
		b.Default = ""
		if len(b.Entries) > 0 {
			b.Default = b.Entries[0].ID
		}
	}
	return nil
}

func (b *Book) prefer(id AddressID) error {
	if b.index(id) < 0 {
		return noAddress(id)
	}
	b.Default = id
	return nil
}

// erase empties the book for good.
func (b *Book) erase() error {
	b.Entries, b.Default, b.Erased = nil, "", true
	return nil
}

func noAddress(id AddressID) error {
	return fault.New(fault.NotFound, "member.address_not_found", "no such address").With("id", string(id))
}

// checkEntry returns the entry in its written form.
func checkEntry(in AddressInput) (Entry, error) {
	var v fault.Violations
	if utf8.RuneCountInString(in.Label) > MaxLabel {
		v.Add("label", "too_long", fault.Params{"max": MaxLabel})
	} else if !ref.PlainText(in.Label) {
		v.Add("label", "text", nil)
	}
	a, err := in.Address.Normalize()
	if err != nil && !v.Merge("address", err) {
		return Entry{}, err
	}
	if err := v.Err("member.address", "the address is not valid"); err != nil {
		return Entry{}, err
	}
	return Entry{ID: in.ID, Label: in.Label, Address: a}, nil
}
