package main

import (
	"slices"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/merchant"
	"github.com/soukhq/souk/commerce/page"
)

// What both stores answer, in the words of the port.

func missing(id merchant.ID) error {
	return fault.New(fault.NotFound, "merchant.not_found", "there is no such merchant").With("id", string(id))
}

func known() error {
	return fault.New(fault.AlreadyExists, "merchant.exists", "a merchant with this id exists").With("by", "id")
}

func stale(id merchant.ID) error {
	return fault.New(fault.Conflict, "merchant.stale", "the merchant was changed meanwhile").With("id", string(id))
}

// start reads the size of a page and the id behind which it begins.
func start(p page.Request) (size int, after merchant.ID, err error) {
	size, err = p.Size()
	if err != nil || p.After == "" {
		return size, "", err
	}
	key, err := page.Decode("merchants", p.After, 1)
	if err != nil {
		return 0, "", err
	}
	return size, merchant.ID(key[0]), nil
}

// cut drops what was read beyond a page, and says where the next one begins.
func cut(p page.Page[merchant.Merchant], size int) page.Page[merchant.Merchant] {
	if len(p.Items) > size {
		p.Items = slices.Clip(p.Items[:size])
		p.Next = page.Encode("merchants", string(p.Items[size-1].ID))
	}
	return p
}
