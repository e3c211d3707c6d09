package checkout

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/payment"
)

// price asks for today's offers and splits the cart into parts.
func (s *Service) price(ctx context.Context, d *draft) error {
	if len(d.cart.Lines) == 0 {
		return nil
	}
	offers, err := s.cfg.Offers.Offers(ctx, cart.OfferQuery{
		Channel: d.Channel, Locale: d.Locale, Member: d.member, Company: d.choice.Company,
	}, d.cart.SKUs())
	if err != nil {
		return err
	}
	d.offers = offers
	view, err := cart.NewView(d.scope, d.cart, offers)
	if err != nil {
		return err
	}
	lines := make([]order.Line, 0, len(view.Lines))
	split := make([]order.SplitLine, 0, len(view.Lines))
	for i, l := range view.Lines {
		for _, p := range l.Problems {
			d.problem(fmt.Sprintf("cart.lines[%d]", i), p.Code, p.Params)
		}
		if len(l.Problems) > 0 {
			continue
		}
		lines = append(lines, s.line(d, l))
		split = append(split, order.SplitLine{
			SKU: l.SKU, Product: l.Offer.Product, Merchant: l.Offer.Merchant,
			Quantity: l.Quantity, Available: l.Offer.Available,
		})
	}
	parts, err := order.Split(s.cfg.Split, split)
	if err != nil {
		return err
	}
	for _, p := range parts {
		part := Part{Merchant: p.Merchant}
		for _, i := range p.Lines {
			part.Lines = append(part.Lines, lines[i])
		}
		d.Parts = append(d.Parts, part)
	}
	return nil
}

func (s *Service) line(d *draft, l cart.ViewLine) order.Line {
	out := order.Line{
		SKU: l.SKU, Product: l.Offer.Product, Tag: l.Tag,
		Code: l.Offer.Code, Title: l.Offer.Title, Picture: l.Offer.Picture,
		Quantity: l.Quantity, UnitPrice: l.Offer.UnitPrice, PriceVersion: l.Offer.PriceVersion,
		TaxClass: l.Offer.TaxClass, WeightGrams: l.Offer.WeightGrams,
		Amounts: order.Amounts{List: l.Total, Discount: money.Zero(d.Currency), Inclusive: d.channel.TaxInclusive},
	}
	for _, o := range l.Offer.Options {
		out.Options = append(out.Options, order.Option{Name: o.Name, Value: o.Value})
	}
	return out
}

// deliver prices the delivery of every part, on list amounts.
func (s *Service) deliver(ctx context.Context, d *draft) error {
	for i := range d.Parts {
		p := &d.Parts[i]
		p.Shipping.Amounts = order.Amounts{
			List: money.Zero(d.Currency), Discount: money.Zero(d.Currency), Inclusive: d.channel.TaxInclusive,
		}
		if d.ShipTo.IsZero() {
			continue
		}
		options, err := s.cfg.Rates.Rates(ctx, d.shipment(p))
		if err != nil {
			return err
		}
		p.Methods = options
		path := fmt.Sprintf("delivery[%s]", p.Merchant)
		if len(options) == 0 {
			d.problem(path, "not_delivered", fault.Params{"country": d.ShipTo.Country})
			continue
		}
		chosen := options[0]
		if want := d.choice.Delivery[p.Merchant]; want != "" {
			if chosen, err = shipping.Find(options, want); errors.Is(err, fault.NotFound) {
				d.problem(path, "not_delivered", fault.Params{"method": want})
				continue
			} else if err != nil {
				return err
			}
		}
		p.Shipping.Method, p.Shipping.Label, p.Shipping.TaxClass = chosen.Method, chosen.Label, chosen.TaxClass
		p.Shipping.List = chosen.Amount
	}
	return nil
}

func (d *draft) shipment(p *Part) shipping.Shipment {
	sh := shipping.Shipment{
		Merchant: p.Merchant, Channel: d.Channel, Currency: d.Currency,
		To:    shipping.Destination{Country: d.ShipTo.Country, Region: d.ShipTo.Region, PostalCode: d.ShipTo.PostalCode},
		Items: make([]shipping.Item, len(p.Lines)),
	}
	for i := range p.Lines {
		l := &p.Lines[i]
		sh.Items[i] = shipping.Item{SKU: l.SKU, Quantity: l.Quantity, WeightGrams: l.WeightGrams, List: l.List}
	}
	return sh
}

// total adds everything up.
func (s *Service) total(_ context.Context, d *draft) error {
	zero := money.Zero(d.Currency)
	d.Goods, d.Delivery, d.Discount, d.Tax, d.Payable = zero, zero, zero, zero, zero
	var err error
	add := func(to *money.Money, m money.Money) {
		if err == nil {
			*to, err = to.Add(m)
		}
	}
	for i := range d.Parts {
		p := &d.Parts[i]
		p.Total = zero
		each := func(a *order.Amounts, list *money.Money) {
			add(list, a.List)
			add(&d.Discount, a.Discount)
			add(&d.Tax, a.Tax)
			add(&p.Total, a.Gross)
		}
		for j := range p.Lines {
			each(&p.Lines[j].Amounts, &d.Goods)
		}
		each(&p.Shipping.Amounts, &d.Delivery)
		add(&d.Payable, p.Total)
	}
	if err != nil {
		return err
	}
	return d.Payable.Check()
}

// choose checks the way to pay against what is to be paid.
func (s *Service) choose(_ context.Context, d *draft) error {
	if d.Payable.IsZero() {
		return nil
	}
	caps, ok := s.gateway(d.choice.Gateway)
	switch {
	case d.choice.Gateway == "":
		d.problem("gateway", "required", fault.Params{"configured": s.gateways()})
	case !ok:
		d.problem("gateway", "unknown", fault.Params{"gateway": d.choice.Gateway, "configured": s.gateways()})
	case !caps.Takes(d.Payable):
		d.problem("gateway", "amount", fault.Params{"gateway": d.choice.Gateway, "amount": d.Payable})
	}
	return nil
}

// gateways names the ways to pay that are configured.
func (s *Service) gateways() string {
	var codes []string
	for _, c := range s.cfg.Payments.Gateways() {
		codes = append(codes, c.Code)
	}
	return strings.Join(codes, ", ")
}

func (s *Service) gateway(code string) (payment.Caps, bool) {
	for _, c := range s.cfg.Payments.Gateways() {
		if c.Code == code {
			return c, true
		}
	}
	return payment.Caps{}, false
}
