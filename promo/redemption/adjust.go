package redemption

import (
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
)

// adjust hands the allocations out to lines and deliveries.
func (a *attempt) adjust(out *checkout.Adjusted) {
	for i := range a.result.Allocations {
		al := &a.result.Allocations[i]
		adj := order.Adjustment{
			Promotion: al.Promotion, Version: al.Version, Coupon: al.Coupon, Label: a.label(al.Promotion),
			Amount: al.Amount, Bearers: bearers(al.Bearers, al.Merchant),
		}
		if al.Shipment != "" {
			part := &out.Parts[a.shipments[al.Shipment]]
			part.Delivery = append(part.Delivery, adj)
			continue
		}
		at := a.places[al.Line]
		lines := out.Parts[at.part].Lines
		lines[at.line] = append(lines[at.line], adj)
	}
}

func (a *attempt) label(id ref.PromotionID) string {
	if q, ok := a.shelf.byID[id]; ok {
		return q.Name
	}
	return ""
}

// party names who bears a cost, as orders do.
func party(p promo.Party, merchant ref.MerchantID) string {
	switch p {
	case promo.PartyMerchant:
		return "merchant:" + string(merchant)
	case promo.PartyTax:
		return "tax"
	case promo.PartySupplier:
		return "supplier:" + string(merchant)
	case promo.PartySite:
	}
	return "platform"
}

// bearers converts who pays; those who pay nothing are left out.
func bearers(in []promo.Bearer, merchant ref.MerchantID) []order.Bearer {
	out := make([]order.Bearer, 0, len(in))
	for _, b := range in {
		if !b.Amount.IsZero() {
			out = append(out, order.Bearer{Party: party(b.Party, merchant), Amount: b.Amount})
		}
	}
	return out
}

// split divides an amount among those who bear another one, as they bear that.
func split(amount money.Money, as []promo.Bearer) ([]promo.Bearer, error) {
	weights := make([]int64, len(as))
	for i, b := range as {
		weights[i] = b.Amount.Minor()
	}
	parts, err := amount.Allocate(weights)
	if err != nil {
		return nil, err
	}
	out := make([]promo.Bearer, len(as))
	for i, b := range as {
		out[i] = promo.Bearer{Party: b.Party, Amount: parts[i]}
	}
	return out, nil
}
