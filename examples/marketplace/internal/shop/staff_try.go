package shop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// sampleRows is how many lines a sample cart has room for.
const sampleRows = 5

func newSample(form view.Form) view.Sample {
	s := view.Sample{Form: form}
	for i := range sampleRows {
		n := strconv.Itoa(i)
		s.Rows = append(s.Rows, view.SampleRow{SKU: "sku." + n, Quantity: "quantity." + n})
	}
	return s
}

// try evaluates a promotion, saved or not, on the cart that was typed in, or on
// an example where none was. What is wrong with the cart stands in its form.
func (d *desk) try(p *promo.Promotion, in web.Inputs, locale ref.Locale, words view.Promoted) (*view.Tried, view.Sample, error) {
	f := d.frontOf(p)
	typed, example := in, false
	if !slices.ContainsFunc(newSample(view.Form{}).Rows, func(r view.SampleRow) bool { return in[r.SKU] != "" }) {
		var err error
		if typed, err = d.exampleCart(f, p); err != nil {
			return nil, view.Sample{}, err
		}
		typed["orders"], example = in["orders"], true
	}
	c, offers, err := d.sampleCart(f, typed)
	sample := newSample(view.Form{Values: typed})
	sample.Example = example
	if err == nil {
		var result promo.Result
		result, err = d.Market.Campaigns.Try(d.ctx(), d.scope, campaign.TryInput{Promotion: *p, Cart: c})
		if err == nil {
			tried, terr := d.tried(p, &result, &c, offers, locale, words)
			return tried, sample, terr
		}
	}
	form, ok := typed.Form(err)
	if !ok {
		return nil, sample, err
	}
	sample.Form = form
	return nil, sample, nil
}

// frontOf is the storefront in which a promotion is tried: the first that it
// is offered in.
func (d *desk) frontOf(p *promo.Promotion) *front {
	for _, id := range p.Channels {
		if f := d.front(id); f != nil {
			return f
		}
	}
	return d.fronts[0]
}

// exampleCart takes what the promotion is about, and what sells best.
func (d *desk) exampleCart(f *front, p *promo.Promotion) (web.Inputs, error) {
	skus := slices.Clone(p.Lines.SKUs)
	q := listing.Query{Channel: f.channel.ID, InStock: true, Sort: listing.BestSelling, Merchant: p.Merchant}
	if len(p.Lines.Categories) > 0 {
		q.Category = p.Lines.Categories[0]
	}
	for _, q := range []listing.Query{q, {Channel: f.channel.ID, InStock: true, Sort: listing.BestSelling}} {
		found, err := d.firstSKUs(q, 2)
		if err != nil {
			return nil, err
		}
		skus = append(skus, found...)
	}
	in, n := web.Inputs{}, 0
	for i, sku := range skus {
		if n < sampleRows && !slices.Contains(skus[:i], sku) {
			at := strconv.Itoa(n)
			in["sku."+at], in["quantity."+at] = string(sku), strconv.Itoa(max(1, 2-n))
			n++
		}
	}
	return in, nil
}

func (d *desk) firstSKUs(q listing.Query, n int) ([]ref.SKUID, error) {
	rows, err := d.Market.Listing.List(d.ctx(), q, page.Request{Limit: n})
	if err != nil {
		return nil, err
	}
	ids := make([]ref.ProductID, len(rows.Items))
	for i := range rows.Items {
		ids[i] = rows.Items[i].Product
	}
	products, err := d.Market.Catalog.ViewMany(d.ctx(), q.Channel, ids)
	if err != nil {
		return nil, err
	}
	var out []ref.SKUID
	for i := range products {
		if active := products[i].Active(); len(active) > 0 {
			out = append(out, active[0].ID)
		}
	}
	return out, nil
}

// sampleCart makes the engine's cart of what was typed in. Invalid, with every
// wrong field.
func (d *desk) sampleCart(f *front, in web.Inputs) (promo.Cart, map[ref.SKUID]cart.Offer, error) {
	var wrong fault.Violations
	c := promo.Cart{Channel: f.channel.ID, Currency: f.channel.Currency}
	fields := map[ref.SKUID]string{}
	for _, row := range newSample(view.Form{}).Rows {
		sku := ref.SKUID(in[row.SKU])
		if sku == "" {
			continue
		}
		quantity := ref.Quantity(1)
		if in[row.Quantity] != "" {
			quantity = in.Quantity(row.Quantity, &wrong)
		}
		switch {
		case !ref.ValidID(string(sku)):
			wrong.Add(row.SKU, "unknown", nil)
			continue
		case fields[sku] != "":
			wrong.Add(row.SKU, "duplicate", nil)
			continue
		case quantity < 1 || quantity > MaxPieces:
			wrong.Add(row.Quantity, "out_of_range", fault.Params{"min": 1, "max": int64(MaxPieces)})
		}
		fields[sku] = row.SKU
		c.Lines = append(c.Lines, promo.Line{SKU: sku, Quantity: quantity})
	}
	if in["orders"] != "" {
		n, err := strconv.ParseInt(in["orders"], 10, 64)
		if err != nil || n < 0 || n > promo.MaxUnits {
			wrong.Add("orders", "out_of_range", fault.Params{"min": 0, "max": promo.MaxUnits})
		}
		c.Buyer = promo.Buyer{ID: "sample", Orders: n}
	}
	offers, err := d.price(f, &c, fields, &wrong)
	if err == nil {
		err = wrong.Err("staff.sample", "the sample cart is not complete")
	}
	if err == nil {
		c.Shipments, err = d.parcels(d.ctx(), f, &c, offers)
	}
	return c, offers, err
}

// price fills the lines with what the catalogue says.
func (d *desk) price(f *front, c *promo.Cart, fields map[ref.SKUID]string, wrong *fault.Violations) (map[ref.SKUID]cart.Offer, error) {
	slices.SortFunc(c.Lines, func(x, y promo.Line) int { return cmp.Compare(x.SKU, y.SKU) })
	skus := make([]ref.SKUID, len(c.Lines))
	for i := range c.Lines {
		skus[i] = c.Lines[i].SKU
	}
	offers, err := d.Market.Listing.Offers(d.ctx(), cart.OfferQuery{Channel: f.channel.ID, Locale: f.channel.Locale}, skus)
	if err != nil {
		return nil, err
	}
	for i := range c.Lines {
		l := &c.Lines[i]
		o, ok := offers[l.SKU]
		if !ok || o.UnitPrice.Currency() != f.channel.Currency {
			wrong.Add(fields[l.SKU], "unknown", nil)
			continue
		}
		l.ID, l.Product, l.Merchant, l.Brand = ref.LineID(fmt.Sprintf("%04d", i)), o.Product, o.Merchant, o.Brand
		l.Categories, l.Tags, l.Attributes = o.Categories, o.Tags, o.Attributes
		l.Unit, l.Floor = o.UnitPrice, o.Floor
	}
	return offers, nil
}

// parcels sends every merchant's lines the usual way.
func (d *desk) parcels(ctx context.Context, f *front, c *promo.Cart, offers map[ref.SKUID]cart.Offer) ([]promo.Shipment, error) {
	var out []promo.Shipment
	for _, l := range c.Lines {
		if slices.ContainsFunc(out, func(s promo.Shipment) bool { return s.Merchant == l.Merchant }) {
			continue
		}
		parcel := shipping.Shipment{
			Merchant: l.Merchant, Channel: c.Channel, Currency: c.Currency, To: shipping.Destination{Country: f.channel.Country},
		}
		for _, o := range c.Lines {
			if o.Merchant != l.Merchant {
				continue
			}
			list, err := o.Unit.Mul(int64(o.Quantity))
			if err != nil {
				return nil, err
			}
			parcel.Items = append(parcel.Items, shipping.Item{
				SKU: o.SKU, Quantity: o.Quantity, WeightGrams: offers[o.SKU].WeightGrams, List: list,
			})
		}
		rates, err := d.delivery.Rates(ctx, parcel)
		if err != nil {
			return nil, err
		}
		if len(rates) > 0 {
			out = append(out, promo.Shipment{ID: string(l.Merchant), Merchant: l.Merchant, Method: rates[0].Method, Rate: rates[0].Amount})
		}
	}
	return out, nil
}

// tried shows a result with all of its explanation.
func (d *desk) tried(
	p *promo.Promotion, r *promo.Result, c *promo.Cart, offers map[ref.SKUID]cart.Offer, locale ref.Locale, words view.Promoted,
) (*view.Tried, error) {
	var merchants []ref.MerchantID
	for _, l := range c.Lines {
		merchants = append(merchants, l.Merchant)
	}
	owners, err := d.owners(locale, merchants...)
	if err != nil {
		return nil, err
	}
	t := &view.Tried{
		List: r.Totals.List, Discount: r.Totals.Discount, Shipping: r.Totals.Shipping, ShippingDiscount: r.Totals.ShippingDiscount,
		Payable: r.Totals.Payable, Optimal: r.Search.Optimal, Gap: r.Search.Gap,
	}
	shares := func(of func(*promo.Allocation) bool) []view.TriedShare {
		var out []view.TriedShare
		for i := range r.Allocations {
			if a := &r.Allocations[i]; of(a) {
				out = append(out, view.TriedShare{Promotion: words.Name(a.Promotion), Amount: a.Amount, Bearers: borne(a.Bearers)})
			}
		}
		return out
	}
	for i := range r.Lines {
		l := &r.Lines[i]
		at := slices.IndexFunc(c.Lines, func(in promo.Line) bool { return in.ID == l.Line })
		in := &c.Lines[at]
		t.Lines = append(t.Lines, view.TriedLine{
			Title: d.titleOf(offers[in.SKU], words.Locale), Detail: owners[in.Merchant], Quantity: int64(in.Quantity), List: l.List, Net: l.Net,
			Shares: shares(func(a *promo.Allocation) bool { return a.Line == l.Line }),
		})
	}
	for i := range r.Shipments {
		s := &r.Shipments[i]
		t.Shipments = append(t.Shipments, view.TriedLine{
			Title: owners[ref.MerchantID(s.Shipment)], List: s.Rate, Net: s.Net,
			Shares: shares(func(a *promo.Allocation) bool { return a.Shipment == s.Shipment }),
		})
	}
	if err := d.given(t, r, c, words); err != nil {
		return nil, err
	}
	for i := range r.Decisions {
		t.Decisions = append(t.Decisions, decided(&r.Decisions[i], p.ID, words))
	}
	slices.SortStableFunc(t.Decisions, func(x, y view.TriedDecision) int { return cmp.Compare(standing(&x), standing(&y)) })
	return t, nil
}

// standing puts the one that is tried first, then those that apply.
func standing(d *view.TriedDecision) int {
	switch {
	case d.Mine:
		return 0
	case d.Applied:
		return 1
	}
	return 2
}

func decided(d *promo.Decision, mine ref.PromotionID, words view.Promoted) view.TriedDecision {
	out := view.TriedDecision{
		Name: words.Name(d.Promotion), Version: d.Version, Applied: d.Applied(), Said: words.Decision(*d), Near: words.Near(d.NearMiss),
		Mine: d.Promotion == mine,
	}
	if !out.Mine && d.Promotion != "" {
		out.Href = "/staff/promotions/" + string(d.Promotion)
	}
	if w := d.Working; w != nil && !w.Amount.IsZero() {
		out.Working = &view.TriedWorking{
			Base: w.Base, Raw: w.Raw, Rounding: "rounding." + string(w.Rounding), Cut: w.Cut, Amount: w.Amount, Times: w.Times,
		}
		if w.PPM != 0 {
			out.Working.Percent = view.Percent(w.PPM)
		}
	}
	return out
}

// given adds gifts and rewards.
func (d *desk) given(t *view.Tried, r *promo.Result, c *promo.Cart, words view.Promoted) error {
	var skus []ref.SKUID
	for i := range r.Gifts {
		skus = append(skus, r.Gifts[i].SKU)
	}
	offers := map[ref.SKUID]cart.Offer{}
	if f := d.front(c.Channel); f != nil && len(skus) > 0 {
		var err error
		offers, err = d.Market.Listing.Offers(d.ctx(), cart.OfferQuery{Channel: c.Channel, Locale: f.channel.Locale}, skus)
		if err != nil {
			return err
		}
	}
	for i := range r.Gifts {
		g := &r.Gifts[i]
		t.Gifts = append(t.Gifts, view.TriedGift{
			Promotion: words.Name(g.Promotion), Title: cmp.Or(d.titleOf(offers[g.SKU], words.Locale), string(g.SKU)), Quantity: int64(g.Quantity),
			Value: g.Value, Bearers: borne(g.Bearers), Open: g.Open,
		})
	}
	for i := range r.Rewards {
		g := &r.Rewards[i]
		t.Rewards = append(t.Rewards, view.TriedReward{
			Promotion: words.Name(g.Promotion),
			Said:      view.Said{Key: "benefit.reward." + string(g.Kind), Params: fault.Params{"Count": g.Count}},
		})
	}
	return nil
}

func borne(bearers []promo.Bearer) []view.Borne {
	out := make([]view.Borne, 0, len(bearers))
	for _, b := range bearers {
		if !b.Amount.IsZero() {
			out = append(out, view.Borne{Party: "party." + string(b.Party), Amount: b.Amount})
		}
	}
	return out
}

// titleOf is a SKU's title with what was chosen of its options.
func (d *desk) titleOf(o cart.Offer, locale ref.Locale) string {
	parts := []string{o.Title}
	for _, choice := range o.Options {
		parts = append(parts, choice.Value)
	}
	return strings.Join(parts, d.Renderer.Texts(locale).Text("mark.list", nil))
}

// conflicts puts into words which live promotions exclude another, by which
// rule, and what each of the two says.
func (d *desk) conflicts(locale ref.Locale, all []campaign.Conflict, words view.Promoted) ([]view.Conflict, error) {
	merchants := make([]ref.MerchantID, len(all))
	for i := range all {
		merchants[i] = all[i].Merchant
	}
	owners, err := d.owners(locale, merchants...)
	if err != nil {
		return nil, err
	}
	var out []view.Conflict
	for i := range all {
		c := &all[i]
		shown := view.Conflict{Name: words.Name(c.With), Href: "/staff/promotions/" + string(c.With), Owner: owners[c.Merchant]}
		if c.Rule == campaign.RuleGroup {
			key := "conflict.group." + string(c.Per)
			shown.Rule = view.Said{Key: key, Params: fault.Params{"Group": words.Group(c.Group), "Max": c.Max}}
			shown.Mine = view.Said{Key: "conflict.pick." + cmp.Or(string(c.Pick), "best")}
		} else {
			shown.Rule = view.Said{Key: "conflict.sharing"}
			shown.Mine = view.Said{Key: "conflict.mine." + permission(c.Permits)}
			shown.Theirs = view.Said{Key: "conflict.theirs." + permission(c.Permitted)}
		}
		out = append(out, shown)
	}
	return out, nil
}

func permission(granted bool) string {
	if granted {
		return "permits"
	}
	return "refuses"
}

// errNoFront says that money has no currency.
var errNoFront = errors.New("there is no such storefront")

// typedMoney reads an amount of a storefront's currency, as employees of the
// language write it.
func typedMoney(locale ref.Locale, f *front, text string) (money.Money, error) {
	if f == nil {
		return money.Money{}, errNoFront
	}
	m, err := money.Parse(locale, f.channel.Currency, text)
	if err == nil && m.Sign() <= 0 {
		err = fault.New(fault.Invalid, "staff.money", "not more than nothing")
	}
	return m, err
}
