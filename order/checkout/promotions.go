package checkout

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// Promotions takes amounts off a quote. It is asked after the delivery rates
// and before the tax, and its answer is frozen on the orders. It depends on
// the basket and on stored promotions alone.
type Promotions interface {
	// Apply returns the adjustments of every line and delivery, in the shape
	// of the basket. The sum over a line never exceeds its list amount.
	Apply(ctx context.Context, b Basket) (Adjusted, error)
}

// Basket is what promotions see of a quote.
type Basket struct {
	Channel  ref.ChannelID
	Currency money.Currency
	Locale   ref.Locale
	Member   ref.MemberID
	Company  ref.CompanyID
	Coupons  []ref.CouponID
	At       time.Time
	Parts    []BasketPart
}

// BasketPart is one merchant's part, with its delivery.
type BasketPart struct {
	Merchant ref.MerchantID
	Lines    []BasketLine
	// Delivery is the list amount of the delivery.
	Delivery money.Money
}

// BasketLine is one line at its list amount.
type BasketLine struct {
	SKU      ref.SKUID
	Product  ref.ProductID
	Quantity ref.Quantity
	Unit     money.Money
	List     money.Money
}

// Adjusted holds the adjustments of a basket: by part, and in it by line.
type Adjusted struct{ Parts []AdjustedPart }

// AdjustedPart holds the adjustments of one part.
type AdjustedPart struct {
	Lines    [][]order.Adjustment
	Delivery []order.Adjustment
}

// NoPromotions takes nothing off.
type NoPromotions struct{}

var _ Promotions = NoPromotions{}

// Apply implements [Promotions].
func (NoPromotions) Apply(_ context.Context, b Basket) (Adjusted, error) {
	out := Adjusted{Parts: make([]AdjustedPart, len(b.Parts))}
	for i, p := range b.Parts {
		out.Parts[i].Lines = make([][]order.Adjustment, len(p.Lines))
	}
	return out, nil
}
