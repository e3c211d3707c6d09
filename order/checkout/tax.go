package checkout

import (
	"context"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// tax fills in net, tax and gross of every line and delivery, after the
// promotions, each in the basis of its own price.
func (s *Service) tax(ctx context.Context, d *draft) error {
	q := pricing.TaxQuery{
		Channel: d.channel, Country: d.ShipTo.Country, Region: d.ShipTo.Region, PostalCode: d.ShipTo.PostalCode,
		Member: d.member, Company: d.choice.Company, At: d.at,
	}
	var amounts []*order.Amounts
	add := func(merchant ref.MerchantID, class string, a *order.Amounts) error {
		base, err := a.List.Sub(a.Discount)
		amounts = append(amounts, a)
		q.Lines = append(q.Lines, pricing.TaxLine{Merchant: merchant, Class: class, Amount: base})
		return err
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		for j := range p.Lines {
			if err := add(p.Merchant, p.Lines[j].TaxClass, &p.Lines[j].Amounts); err != nil {
				return err
			}
		}
		if err := add(p.Merchant, p.Shipping.TaxClass, &p.Shipping.Amounts); err != nil {
			return err
		}
	}
	if len(amounts) == 0 {
		return nil
	}
	taxed, err := s.cfg.Taxes.Taxes(ctx, q)
	if err != nil {
		return err
	}
	if len(taxed) != len(amounts) {
		return fault.New(fault.Internal, "checkout.tax", "the tax calculator broke its contract")
	}
	for i, t := range taxed {
		a := amounts[i]
		a.Net, a.Tax, a.Gross, a.RatePPM, a.Inclusive = t.Net, t.Tax, t.Gross, t.RatePPM, t.Inclusive
	}
	return nil
}
