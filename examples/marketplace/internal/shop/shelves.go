package shop

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/shelf"
)

// The places of shelves: policies and reports are by them.
const (
	slotHome     = "home"
	slotHot      = "home_hot"
	slotTrending = "home_trending"
	slotCategory = "category"
	slotTogether = "product_together"
	slotAlso     = "product_also"
	slotSimilar  = "product_similar"
	slotCart     = "cart"
)

// places lists where shelves stand, with what is asked for in each.
func places() []place {
	return []place{
		{slot: slotHome, shelf: recommend.ForYou, hide: true},
		{slot: slotHot, shelf: recommend.Hot},
		{slot: slotTrending, shelf: recommend.Trending},
		{slot: slotCategory, shelf: recommend.Hot},
		{slot: slotTogether, shelf: recommend.Together, about: true},
		{slot: slotAlso, shelf: recommend.AlsoBought, about: true},
		{slot: slotSimilar, shelf: recommend.Similar, about: true},
		{slot: slotCart, shelf: recommend.Together, about: true, hide: true},
	}
}

// place is where a shelf stands.
type place struct {
	slot  string
	shelf recommend.Shelf
	about bool // it goes with products that the page shows
	hide  bool // visitors can say that they do not want a product
}

// subject is what a page is about: what it shows or what lies in the cart.
type subject struct {
	products []ref.ProductID
	category ref.CategoryID
}

const (
	// onShelf is how many products stand on a shelf, and leastOnShelf how few:
	// one alone looks like a mistake.
	onShelf, leastOnShelf = 10, 2
	// patience is how long all the shelves of a page may take. Those that are
	// not there by then are left out.
	patience = 250 * time.Millisecond
)

// shelves fills the shelves of a page. None of them ever fails the page or keeps
// it waiting: one that has no answer in time, or nothing to show, is not there.
func (v *visit) shelves(of subject, at ...string) []view.Shelf {
	if v.Market.Recommend == nil || web.Wants(v.r) || v.r.Method == http.MethodHead {
		return nil
	}
	ctx, cancel := context.WithTimeout(v.ctx(), patience)
	defer cancel()
	var asked []place
	var got []shelf.Answer
	shown := v.unwanted()
	for _, w := range places() {
		if !slices.Contains(at, w.slot) || ctx.Err() != nil {
			continue
		}
		q := recommend.Query{
			Shelf: w.shelf, Visitor: v.shopper(), Channel: v.channel.ID, Category: of.category,
			Products: of.products[:min(len(of.products), recommend.MaxProducts)], Exclude: shown, Limit: onShelf,
		}
		a := v.Market.Recommend.Shelf(ctx, shelf.Request{Slot: w.slot, Query: q})
		if w.about && a.Fallback { // what is hot does not go with anything
			continue
		}
		asked, got = append(asked, w), append(got, a)
		for _, item := range a.Items {
			shown = append(shown, item.Product)
		}
	}
	known, err := v.pieces(got)
	if err != nil {
		v.Log.WarnContext(v.ctx(), "the shelves are left out", "request", web.RequestID(v.ctx()), "error", err)
		return nil
	}
	var out []view.Shelf
	for i, w := range asked {
		s := v.shelf(w, of, got[i], known)
		if len(s.Picks) >= leastOnShelf && !slices.ContainsFunc(out, func(o view.Shelf) bool { return o.Title.Key == s.Title.Key }) {
			out = append(out, s)
		}
	}
	return out
}

// piece is a product of a list with what is shown of it.
type piece struct {
	row  listing.Row
	card view.Card
}

// pieces reads what stands on shelves and what the reasons name, all at once.
// What the storefront does not show is left out.
func (v *visit) pieces(answers []shelf.Answer) (map[ref.ProductID]piece, error) {
	var ids []ref.ProductID
	for _, a := range answers {
		for _, item := range a.Items {
			ids = append(ids, item.Product)
			if item.Reason.Product != "" {
				ids = append(ids, item.Reason.Product)
			}
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := v.Market.Listing.Cards(v.ctx(), v.channel.ID, ids[:min(len(ids), page.MaxLimit)])
	if err != nil {
		return nil, err
	}
	cards, err := v.cards(rows)
	if err != nil {
		return nil, err
	}
	out := make(map[ref.ProductID]piece, len(rows))
	for i := range rows {
		out[rows[i].Product] = piece{rows[i], cards[i]}
	}
	return out, nil
}

// shelf shows an answer.
func (v *visit) shelf(w place, of subject, a shelf.Answer, known map[ref.ProductID]piece) view.Shelf {
	s := view.Shelf{ID: w.slot, Request: a.Request}
	if w.hide {
		s.Hide, s.Back = v.base+"/shelves/hide", v.r.URL.RequestURI()
	}
	var themes []string
	var reasons []recommend.Reason
	for _, item := range a.Items {
		p, ok := known[item.Product]
		if !ok || !p.card.InStock {
			continue
		}
		card := p.card
		card.Href += "?shelf=" + a.Request
		card.Tagged = true
		s.Picks = append(s.Picks, view.Pick{Card: card, Product: string(item.Product)})
		themes, reasons = append(themes, theme(item.Reason.Because)), append(reasons, item.Reason)
	}
	title := titled(w, themes)
	s.Title = view.Said{Key: "shelf.title." + title}
	if title == "category" {
		s.Title = v.categoryTitle(reasons, of.category)
	}
	for i, r := range reasons {
		s.Picks[i].Why = v.why(r, of, known, s.Title.Key == "shelf.title."+themes[i])
	}
	return s
}

// theme is what a reason is about.
func theme(b recommend.Because) string {
	switch b {
	case recommend.YouBought, recommend.YouCarted, recommend.YouViewed, recommend.Discover:
		return "yours"
	case recommend.Likeness:
		return "similar"
	case recommend.BoughtToo:
		return "also"
	case recommend.InOneCart:
		return "together"
	case recommend.HotInGroup:
		return "category"
	case recommend.Rising:
		return "trending"
	case recommend.JustListed:
		return "new"
	case recommend.HotSegment, recommend.HotAll:
	}
	return "hot"
}

// titled says what a shelf is called by what most of it is about: it does not
// promise more than stands on it.
func titled(w place, themes []string) string {
	count, best := map[string]int{}, "hot"
	for _, t := range themes {
		count[t]++
	}
	for _, t := range themes { // the first of those that are as many
		if count[t] > count[best] {
			best = t
		}
	}
	switch {
	case w.slot == slotHome && count["yours"] > 0:
		return "yours"
	case w.slot == slotCart && count["together"]+count["also"]+count["similar"] > 0:
		return "cart"
	}
	return best
}

// categoryTitle names the category that a shelf is of, as long as it is one.
func (v *visit) categoryTitle(reasons []recommend.Reason, asked ref.CategoryID) view.Said {
	hot := view.Said{Key: "shelf.title.hot"}
	for _, r := range reasons {
		if r.Because != recommend.HotInGroup {
			continue
		}
		if asked == "" {
			asked = r.Category
		}
		if r.Category != asked {
			return hot
		}
	}
	name := v.categoryName(asked)
	if name == "" {
		return hot
	}
	return view.Said{Key: "shelf.title.category", Params: fault.Params{"Name": name}}
}

func (v *visit) categoryName(id ref.CategoryID) string {
	dir, err := v.directory(v.ctx())
	if err != nil {
		return ""
	}
	n, ok := dir.nodes[id]
	if !ok {
		return ""
	}
	return v.categoryLink(n).Label
}

// why says why a product is there, unless the title does or the page itself.
func (v *visit) why(r recommend.Reason, of subject, known map[ref.ProductID]piece, titled bool) view.Said {
	said := view.Said{Key: "shelf.why." + string(r.Because)}
	switch {
	case r.Because == recommend.HotInGroup:
		name := v.categoryName(r.Category)
		if titled || name == "" {
			return view.Said{}
		}
		said.Params = fault.Params{"Name": name}
		return said
	case r.Product != "" && (len(of.products) != 1 || r.Product != of.products[0]):
		if p, ok := known[r.Product]; ok {
			said.Params = fault.Params{"Name": p.row.Title}
			return said
		}
		said.Key += ".some" // which is not shown any more
		return said
	case titled && r.Product == "", titled && len(of.products) == 1:
		return view.Said{}
	}
	said.Key += ".some"
	return said
}

// keyFormer is the guest that a member was before signing in, keyRegion the
// segment of where the visitor has something sent.
const (
	keyFormer = "former"
	keyRegion = "region"
)

// shopper is whom recommendations are for: nobody, before the shop knows the
// browser. A member goes on where the guest was.
func (v *visit) shopper() recommend.Visitor {
	guest := v.sessions.Guest(v.ctx())
	if guest == "" && v.scope.Member() != "" {
		v.sessions.Get(v.ctx(), keyFormer, &guest)
	}
	w := shelf.VisitorOf(ref.Guest(guest), v.scope)
	w.Segments = v.segments()
	return w
}

// segments is what the shop knows of a visitor: the storefront, whether they are
// new, back or signed in, by which reports tell them apart, and the region once
// an address was given.
func (v *visit) segments() []recommend.Segment {
	who := recommend.NewVisitor
	switch {
	case v.scope.Member() != "":
		who = recommend.MemberVisitor
	case v.owns():
		who = recommend.GuestVisitor
	}
	all := []recommend.Segment{recommend.InShop(v.channel.ID, who)}
	var region recommend.Segment
	if v.sessions.Get(v.ctx(), keyRegion, &region); region != "" {
		all = append(all, region)
	}
	return all
}

// lives remembers the region of an address, and nothing else of it.
func (v *visit) lives(a address.Address) error {
	region := recommend.InRegion(a.Country, a.Region)
	if region == "" {
		return nil
	}
	return v.sessions.Put(v.ctx(), keyRegion, region)
}

// looked notes that a visitor looks at a product, and from which shelf they came.
// Who has no session yet is a robot or new: their browser says so by itself. A
// link that somebody made up counts nowhere.
func (v *visit) looked(p *view.Product, from string) {
	product := ref.ProductID(p.Product)
	switch {
	case v.Market.Recommend == nil || v.r.Method == http.MethodHead:
		return
	case !v.owns() || v.ahead():
		p.Unseen = p.Product
		return
	}
	v.noted(v.Market.Recommend.Viewed(v.shopper(), product))
	if from != "" {
		v.noted(v.Market.Recommend.Click(v.shopper(), from, product))
	}
}

// ahead reports whether a browser fetches the page before anybody asked for it.
func (v *visit) ahead() bool {
	return strings.Contains(v.r.Header.Get("Sec-Purpose")+v.r.Header.Get("Purpose"), "prefetch")
}

// noted logs that something counts nowhere.
func (v *visit) noted(err error) {
	if err != nil {
		v.Log.DebugContext(v.ctx(), "that counts nowhere", "request", web.RequestID(v.ctx()), "error", err)
	}
}

// postSeen takes from a browser which shelves were on its screen, and which
// product it showed where the shop did not know the browser yet.
func (v *visit) postSeen() error {
	if v.Market.Recommend == nil {
		return errNowhere()
	}
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	product := ref.ProductID(in["product"])
	if product != "" {
		if err := v.listed(product); err != nil {
			return err
		}
	}
	v.owner() // who looks around may come to buy
	if requests := strings.Fields(in["shelves"]); len(requests) > 0 {
		if err := v.Market.Recommend.Seen(v.shopper(), requests...); err != nil {
			return err
		}
	}
	if product != "" {
		if err := v.Market.Recommend.Viewed(v.shopper(), product); err != nil {
			return err
		}
	}
	if in["clicked"] != "" {
		if err := v.Market.Recommend.Click(v.shopper(), in["clicked"], product); err != nil {
			return err
		}
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// listed refuses a product that the storefront does not show: what anybody may
// send must not fill the shop's memory.
func (v *visit) listed(product ref.ProductID) error {
	rows, err := v.Market.Listing.Cards(v.ctx(), v.channel.ID, []ref.ProductID{product})
	if err == nil && len(rows) == 0 {
		return errNowhere()
	}
	return err
}

const (
	// keyUnwanted names the products that a visitor did not want lately, in the
	// session: the recommender learns of them a moment later.
	keyUnwanted = "unwanted"
	maxUnwanted = 50
)

func (v *visit) unwanted() []ref.ProductID {
	var list []ref.ProductID
	v.sessions.Get(v.ctx(), keyUnwanted, &list)
	return list
}

// postHide takes a product from the visitor's shelves.
func (v *visit) postHide() error {
	if v.Market.Recommend == nil {
		return errNowhere()
	}
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	product := ref.ProductID(in["product"])
	if err := v.listed(product); err != nil {
		return err
	}
	v.owner()
	if err := v.Market.Recommend.Hide(v.shopper(), product); err != nil {
		return err
	}
	list := append(slices.DeleteFunc(v.unwanted(), func(p ref.ProductID) bool { return p == product }), product)
	if err := v.sessions.Put(v.ctx(), keyUnwanted, list[max(0, len(list)-maxUnwanted):]); err != nil {
		return err
	}
	v.tell(view.Good, "shelf.hidden", nil)
	back := web.LocalPath(in["back"], v.base+"/")
	if !strings.HasPrefix(back, v.base+"/") {
		back = v.base + "/"
	}
	return v.redirect(back)
}
