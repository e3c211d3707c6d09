package shop

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/recommend/shelf"
)

func (v *visit) cart() error {
	p, err := v.cartPage(view.Form{})
	if err != nil {
		return err
	}
	return v.show(p)
}

// find returns the visitor's open cart; ok is false where there is none.
func (v *visit) find() (c cart.Cart, ok bool, err error) {
	if !v.owns() {
		return cart.Cart{}, false, nil
	}
	c, err = v.Market.Carts.Find(v.ctx(), v.scope, v.channel.ID)
	if errors.Is(err, fault.NotFound) {
		return cart.Cart{}, false, nil
	}
	return c, err == nil, err
}

func (v *visit) cartPage(form view.Form) (view.Cart, error) {
	zero := money.Zero(v.channel.Currency)
	p := view.Cart{Chrome: v.chrome(), Subtotal: zero, Total: zero, Saved: zero, Form: form}
	c, ok, err := v.find()
	if err != nil || !ok {
		return p, err
	}
	seen, err := v.Market.Carts.View(v.ctx(), v.scope, cart.ViewInput{Cart: c.ID, Locale: v.channel.Locale})
	if err != nil {
		return p, err
	}
	p.Subtotal, p.Total, p.Version, p.Ready = seen.Subtotal, seen.Subtotal, seen.Cart.Version, seen.Ready
	var products []ref.ProductID
	var merchants []ref.MerchantID
	for i := range seen.Lines {
		products = append(products, seen.Lines[i].Offer.Product)
		merchants = append(merchants, seen.Lines[i].Offer.Merchant)
	}
	links, err := v.links(products)
	if err != nil {
		return p, err
	}
	names, err := v.names(v.ctx(), merchants...)
	if err != nil {
		return p, err
	}
	at := map[ref.MerchantID]int{}
	for i := range seen.Lines {
		l := &seen.Lines[i]
		g, ok := at[l.Offer.Merchant]
		if !ok {
			g = len(p.Groups)
			at[l.Offer.Merchant] = g
			p.Groups = append(p.Groups, view.CartGroup{Merchant: names[l.Offer.Merchant], Subtotal: zero, SubtotalBefore: zero})
		}
		group := &p.Groups[g]
		line := v.cartLine(l)
		if line.Href = links[l.Offer.Product]; line.Href == "" {
			line.Href = v.base + "/"
		}
		group.Lines = append(group.Lines, line)
		if line.Trouble == view.NoTrouble {
			if group.Subtotal, err = group.Subtotal.Add(l.Total); err != nil {
				return p, err
			}
		}
	}
	if len(products) > 0 {
		p.Shelves = v.shelves(subject{products: products}, slotCart)
	}
	return p, v.promoteCart(&p, &seen, at)
}

// promoteCart shows what promotions make of the cart; at tells the places of
// the merchants' groups.
func (v *visit) promoteCart(p *view.Cart, seen *cart.View, at map[ref.MerchantID]int) error {
	d := v.draft()
	if len(seen.Lines) == 0 {
		return nil
	}
	q, err := v.cartQuote(seen.Cart.ID, &d)
	if err != nil {
		return err
	}
	offers, err := v.offersIn(&q.Promotions)
	if err != nil {
		return err
	}
	amounts := map[ref.LineID]*order.Amounts{}
	sums := newSum(q.Currency)
	for i := range q.Parts {
		part := &q.Parts[i]
		sums.take(part.Lines, &part.Shipping)
		own := newSum(q.Currency)
		g, ok := at[part.Merchant]
		for j := range part.Lines {
			l := &part.Lines[j]
			if l.Gift != "" && ok {
				gift := summaryLine(l, "")
				gift.Open = slices.ContainsFunc(q.GiftChoices, func(c checkout.GiftChoice) bool { return c.Promotion == l.Gift })
				p.Groups[g].Gifts = append(p.Groups[g].Gifts, gift)
				continue
			}
			if k := slices.IndexFunc(seen.Lines, func(c cart.ViewLine) bool { return c.SKU == l.SKU && c.Tag == l.Tag }); k >= 0 {
				amounts[seen.Lines[k].ID] = &l.Amounts
			}
		}
		if !ok {
			continue
		}
		own.take(part.Lines, &part.Shipping)
		cartGroup(&p.Groups[g], own, offers, part.Merchant)
	}
	for g := range p.Groups {
		for i := range p.Groups[g].Lines {
			if a := amounts[ref.LineID(p.Groups[g].Lines[i].ID)]; a != nil {
				p.Groups[g].Lines[i].Total, p.Groups[g].Lines[i].List = less(a.List, a.Discount), before(a)
			}
		}
	}
	p.Savings, p.Saved, p.Total = sums.goods.list(offers.ownerName), sums.off, less(p.Subtotal, sums.off)
	p.Hints, p.Refused, p.Gains = offers.hints(p.Subtotal), offers.refused(&d), offers.gains()
	return cmp.Or(sums.err, sums.goods.err)
}

// cartGroup shows what promotions make of one merchant's part: all of it in its
// sum, the merchant's own offers by name. Those of the site stand beside the
// cart.
func cartGroup(g *view.CartGroup, own *sum, offers *offersOf, merchant ref.MerchantID) {
	if !own.off.IsZero() {
		g.Subtotal, g.SubtotalBefore = less(own.list, own.off), own.list
	}
	for i, k := range own.goods.keys {
		if offers.owner(k.promotion) == merchant {
			g.Savings = append(g.Savings, own.goods.list(nil)[i])
		}
	}
}

func (v *visit) cartLine(l *cart.ViewLine) view.CartLine {
	line := view.CartLine{
		ID: string(l.ID), Picture: pictureOr(l.Offer.Picture), Title: l.Offer.Title, Code: l.Offer.Code,
		Quantity: int64(l.Quantity), Max: int64(min(max(l.Offer.Available, l.Quantity), MaxPieces)), Unit: l.Offer.UnitPrice, Total: l.Total,
		Before: money.Zero(v.channel.Currency), List: money.Zero(v.channel.Currency), Left: int64(l.Offer.Available),
	}
	if l.Offer.Available > 0 && l.Quantity <= l.Offer.Available {
		line.Max = int64(min(l.Offer.Available, MaxPieces))
	}
	if line.Title == "" {
		line.Title = string(l.SKU)
		line.Unit, line.Total = money.Zero(v.channel.Currency), money.Zero(v.channel.Currency)
	}
	for _, o := range l.Offer.Options {
		line.Options = append(line.Options, view.Pair{Name: o.Name, Value: o.Value})
	}
	if l.Changed {
		line.Before = l.Before
	}
	for _, p := range l.Problems {
		switch p.Code {
		case cart.ProblemSoldOut:
			line.Trouble = view.SoldOut
		case cart.ProblemInsufficient:
			line.Trouble = view.TooMany
		default:
			line.Trouble = view.Gone
		}
	}
	return line
}

// links returns where products can be looked at; what is not shown any more
// has no link.
func (v *visit) links(ids []ref.ProductID) (map[ref.ProductID]string, error) {
	out := map[ref.ProductID]string{}
	for len(ids) > 0 {
		n := min(len(ids), page.MaxLimit)
		rows, err := v.Market.Listing.Cards(v.ctx(), v.channel.ID, ids[:n])
		if err != nil {
			return nil, err
		}
		for i := range rows {
			out[rows[i].Product] = v.productHref(rows[i].Slug)
		}
		ids = ids[n:]
	}
	return out, nil
}

func (v *visit) postCartLines() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	var wrong fault.Violations
	quantity := in.Quantity("quantity", &wrong)
	if err = wrong.Err("cart.items", "the quantity cannot be read"); err == nil {
		err = v.put(ref.SKUID(in["sku"]), quantity)
	}
	if err == nil {
		return v.redirect(v.base + "/cart")
	}
	form, ok := in.Form(renamed(err))
	if !ok {
		return err
	}
	p, ok := v.backTo(in["back"], form)
	if !ok {
		return err
	}
	return v.answer(web.StatusOf(err), p)
}

// put puts pieces of a SKU into the visitor's cart, which it opens at first.
func (v *visit) put(sku ref.SKUID, n ref.Quantity) error {
	if !n.Valid() || n > MaxPieces {
		return fault.New(fault.Invalid, "cart.items", "the quantity is out of range").
			WithField("quantity", "out_of_range", fault.Params{"min": 1, "max": int64(MaxPieces)})
	}
	offers, err := v.Market.Listing.Offers(v.ctx(), cart.OfferQuery{Channel: v.channel.ID, Locale: v.channel.Locale}, []ref.SKUID{sku})
	if err != nil {
		return err
	}
	if !offers[sku].Sellable {
		return fault.New(fault.Invalid, "cart.items", "the SKU is not sold here").WithField("sku", cart.ProblemUnavailable, nil)
	}
	c, err := v.Market.Carts.Open(v.ctx(), v.owner(), v.channel.ID)
	if err != nil {
		return err
	}
	_, err = v.Market.Carts.Add(shelf.In(v.ctx(), v.segments()...), v.scope, cart.AddInput{
		Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: sku, Quantity: n}},
	})
	if err == nil {
		v.tell(view.Good, "product.added", fault.Params{"Title": offers[sku].Title})
	}
	return err
}

// renamed calls the fields of a cart's fault as the form does.
func renamed(err error) error {
	var f *fault.Fault
	if !errors.As(err, &f) || len(f.Fields) == 0 {
		return err
	}
	out := fault.New(f.Kind, f.Code, f.Message)
	for _, field := range f.Fields {
		out = out.WithField(field.Path[strings.LastIndexByte(field.Path, '.')+1:], field.Code, field.Params)
	}
	return out
}

// backTo returns the product page that a form came from.
func (v *visit) backTo(back string, form view.Form) (view.Product, bool) {
	u, err := url.Parse(web.LocalPath(back, ""))
	if err != nil {
		return view.Product{}, false
	}
	slug, ok := strings.CutPrefix(u.Path, v.base+"/p/")
	if !ok {
		return view.Product{}, false
	}
	in := web.Inputs{}
	for name, values := range u.Query() {
		in[name] = values[0]
	}
	p, err := v.productPage(slug, in, form)
	return p, err == nil
}

func (v *visit) postCartLine() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	c, ok, err := v.find()
	if err != nil {
		return err
	}
	if !ok {
		return errNowhere()
	}
	line, err := c.Line(ref.LineID(id))
	if err != nil {
		return err
	}
	err = v.change(c, line, in)
	status, form := http.StatusOK, view.Form{}
	switch {
	case errors.Is(err, fault.Conflict):
		v.tell(view.Warn, "cart.stale", nil)
		status = http.StatusConflict
	case err != nil:
		if form, ok = in.Form(err); !ok {
			return err
		}
		form.Values = nil
		status = web.StatusOf(err)
	}
	if status == http.StatusOK && !web.Wants(v.r) {
		return v.redirect(v.base + "/cart")
	}
	p, err := v.cartPage(form)
	if err != nil {
		return err
	}
	return v.showPart(status, p, "cart_fragment")
}

// change does to a line what its form says.
func (v *visit) change(c cart.Cart, line cart.Line, in web.Inputs) error {
	var wrong fault.Violations
	n := in.Quantity("quantity", &wrong)
	target := cart.Target{Cart: c.ID}
	if in["version"] != "" {
		target.Version = int64(in.Quantity("version", &wrong))
	}
	switch in["step"] {
	case "":
	case "-1":
		n--
	case "1":
		n++
	case "remove":
		n, wrong = 0, fault.Violations{}
	default:
		wrong.Add("step", "unknown", nil)
	}
	if n < 0 || n > MaxPieces {
		wrong.Add("quantity", "out_of_range", fault.Params{"min": 1, "max": int64(MaxPieces)})
	}
	if err := wrong.Err("cart.items", "the line cannot be changed like that"); err != nil {
		return err
	}
	if n == 0 {
		_, err := v.Market.Carts.Remove(v.ctx(), v.scope, cart.RemoveInput{Target: target, Lines: []cart.LineID{line.ID}})
		return err
	}
	_, err := v.Market.Carts.Change(v.ctx(), v.scope, cart.ChangeInput{Target: target, Line: line.ID, Quantity: n})
	return err
}
