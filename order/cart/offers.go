package cart

import (
	"context"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Offers tells what SKUs cost and how many there are, now. The catalogue's
// listing implements it; a shop may bring its own.
type Offers interface {
	// Offers returns the offers of the SKUs that are known, in a number of
	// statements that does not depend on how many are asked for. What cannot
	// be bought now is returned as not Sellable, so that its title can still
	// be shown.
	Offers(ctx context.Context, q OfferQuery, skus []ref.SKUID) (map[ref.SKUID]Offer, error)
}

// PriceVersions is an optional power of [Offers]: to tell the versions of
// prices alone. The checkout asks for them once more inside the unit that
// places an order, of offers without this power for everything: so neither
// calls another system.
type PriceVersions interface {
	// PriceVersions returns the PriceVersion of the SKUs that have a price, in
	// a number of statements that does not depend on how many are asked for.
	PriceVersions(ctx context.Context, q OfferQuery, skus []ref.SKUID) (map[ref.SKUID]int64, error)
}

// OfferQuery is the context in which something is offered.
type OfferQuery struct {
	Channel ref.ChannelID
	Locale  ref.Locale
	Member  ref.MemberID
	Company ref.CompanyID
}

// Offer is what a SKU is sold at in a channel.
type Offer struct {
	SKU      ref.SKUID
	Product  ref.ProductID
	Merchant ref.MerchantID

	// Code, Title, Options and Picture are in the locale asked for.
	Code    string
	Title   string
	Options []Option
	Picture string

	// UnitPrice is the list price of one piece in the channel's currency;
	// PriceVersion changes with it.
	UnitPrice    money.Money
	PriceVersion int64
	TaxClass     string
	WeightGrams  int64
	// Brand and Categories are what promotions select by. Categories lead from
	// the root of the tree to the product's own.
	Brand      ref.BrandID
	Categories []ref.CategoryID
	// Tags and Attributes are what else they select by; see catalog.Traits.
	Tags       []string
	Attributes map[string][]string
	// Floor is what promotions may not take one piece below; zero for none.
	Floor money.Money
	// Available is how many pieces can be reserved now.
	Available ref.Quantity
	// Sellable says that it is published and priced in the channel and its
	// merchant sells.
	Sellable bool
	// Unsold says why it is not Sellable; empty where the offers do not tell.
	// [Offer.UnsoldFor] is what may be said of it.
	Unsold Unsold
}

// UnsoldFor returns why it is not Sellable as scope may know it. Staff and the
// merchant whose goods these are learn the reason. All others learn of goods
// that are not on show as much as of those that do not exist: whoever asks for
// guessed SKUs finds no drafts, no planned launches and no suspended merchants.
func (o *Offer) UnsoldFor(scope ref.Scope) Unsold {
	switch {
	case o.Sellable, scope.All(), scope.Merchant() != "" && scope.Merchant() == o.Merchant:
		return o.Unsold
	case o.Unsold == UnsoldArchived, o.Unsold == UnsoldUnpriced: // the product is on show
		return o.Unsold
	}
	return UnsoldUnknown
}

// Unsold says why a SKU is not sold. Where there are several reasons it is the
// first of these: an archived or unpriced SKU is one of a product on show.
type Unsold string

// The reasons.
const (
	UnsoldUnknown     Unsold = "unknown"     // there is no such SKU
	UnsoldMerchant    Unsold = "merchant"    // its merchant does not sell, or is not registered
	UnsoldUnpublished Unsold = "unpublished" // its product is not published in the channel, or not now
	UnsoldArchived    Unsold = "archived"    // the SKU was taken out of its product
	UnsoldUnpriced    Unsold = "unpriced"    // it has no price in the channel
)

// Option is one chosen value of a product's option: "Colour", "red".
type Option struct{ Name, Value string }
