package catalog

import (
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// BrandID names a brand.
type BrandID = ref.BrandID

// Brand is the maker whose name products carry.
type Brand struct {
	ID   BrandID
	Slug string
	Name Text
	// Picture refers to the logo; empty where there is none.
	Picture   string
	CreatedAt time.Time
	UpdatedAt time.Time
	// Version counts the writes.
	Version int64
}

// Clone returns a copy that shares nothing with b.
func (b Brand) Clone() Brand {
	b.Name = b.Name.clone()
	return b
}

func (b Brand) check() error {
	var v fault.Violations
	checkID(&v, "id", string(b.ID))
	checkSlug(&v, "slug", b.Slug)
	b.Name.check(&v, "name", true, MaxName)
	checkBytes(&v, "picture", b.Picture, false, MaxPictureRef)
	return v.Err("brand.invalid", "the brand is not valid")
}
