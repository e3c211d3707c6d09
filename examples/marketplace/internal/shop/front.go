package shop

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/search"
)

// directoryLife is how long a storefront's directory may lag behind the
// catalogue.
const directoryLife = time.Minute

// blank is shown where a product has no picture.
const blank = "card-gray-00000007"

// front is one storefront: a channel in its language, below its own address.
type front struct {
	*Shop
	channel pricing.Channel
	base    string
	name    string
	label   string // of its language, in the language
	tiles   map[ref.CategoryID]string

	mu   sync.Mutex
	kept *directory

	away atomic.Bool // the search did not answer last, which was logged
}

func newFront(s *Shop, ch pricing.Channel, d demo.Shop) *front {
	f := &front{Shop: s, channel: ch, base: "/" + string(ch.ID), name: d.Name.In(ch.Locale), label: "English", tiles: map[ref.CategoryID]string{}}
	if ch.Locale == ref.Chinese {
		f.label = "中文"
	}
	var add func([]demo.Category)
	add = func(cs []demo.Category) {
		for _, c := range cs {
			f.tiles[ref.CategoryID(c.Code)] = c.Picture.Key()
			add(c.Children)
		}
	}
	add(d.Departments)
	return f
}

// directory is what every page of a storefront shows of the catalogue.
type directory struct {
	at       time.Time
	roots    []catalog.CategoryNode
	slugs    map[string]ref.CategoryID
	nodes    map[ref.CategoryID]catalog.CategoryNode
	products int64
	sellers  []ref.MerchantID
	// paths are the values by which the search knows the categories, above
	// that of all of them.
	paths map[ref.CategoryID]string
	above string
}

// directory returns the categories, the number of products and the sellers,
// read anew once a minute.
func (f *front) directory(ctx context.Context) (*directory, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.Clock.Now()
	if f.kept != nil && now.Sub(f.kept.at) < directoryLife {
		return f.kept, nil
	}
	d := &directory{at: now, slugs: map[string]ref.CategoryID{}, nodes: map[ref.CategoryID]catalog.CategoryNode{}, paths: map[ref.CategoryID]string{}}
	tree, err := f.Market.Catalog.CategoryTree(ctx, ref.CategoryID(f.channel.ID), 0)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	for _, root := range tree {
		d.roots, d.above = visible(root.Children), root.Name.In(f.channel.Locale)
	}
	d.add(d.roots)
	d.trace(f.channel.Locale, d.roots, d.above)
	if err := f.count(ctx, d); err != nil {
		return nil, err
	}
	f.kept = d
	return d, nil
}

func visible(nodes []catalog.CategoryNode) []catalog.CategoryNode {
	return slices.DeleteFunc(slices.Clone(nodes), func(n catalog.CategoryNode) bool { return n.Hidden })
}

func (d *directory) add(nodes []catalog.CategoryNode) {
	for _, n := range nodes {
		d.slugs[n.Slug] = n.ID
		d.nodes[n.ID] = n
		d.add(visible(n.Children))
	}
}

// trace notes by which values the search knows categories.
func (d *directory) trace(locale ref.Locale, nodes []catalog.CategoryNode, above ...string) {
	for _, n := range nodes {
		path := append(slices.Clone(above), n.Name.In(locale))
		d.paths[n.ID] = search.CategoryPath(path...)
		d.trace(locale, visible(n.Children), path...)
	}
}

// count reads the lists through, for the number of products and who sells them.
func (f *front) count(ctx context.Context, d *directory) error {
	seen := map[ref.MerchantID]bool{}
	req := page.Request{Limit: page.MaxLimit}
	for {
		rows, err := f.Market.Listing.List(ctx, listing.Query{Channel: f.channel.ID}, req)
		if err != nil {
			return err
		}
		d.products += int64(len(rows.Items))
		for i := range rows.Items {
			seen[rows.Items[i].Merchant] = true
		}
		if req.After = rows.Next; req.After == "" {
			break
		}
	}
	for id := range seen {
		d.sellers = append(d.sellers, id)
	}
	slices.Sort(d.sellers)
	return nil
}

// path returns the categories from the department down to id.
func (d *directory) path(id ref.CategoryID) []catalog.CategoryNode {
	var up []catalog.CategoryNode
	for n, ok := d.nodes[id]; ok; n, ok = d.nodes[n.Parent] {
		up = append(up, n)
	}
	slices.Reverse(up)
	return up
}

func (f *front) categoryLink(n catalog.CategoryNode) view.Link {
	return view.Link{Label: n.Name.In(f.channel.Locale), Href: f.base + "/c/" + n.Slug}
}

// tile is the picture of a category.
func (f *front) tile(n catalog.CategoryNode) string {
	if key, ok := f.tiles[n.ID]; ok {
		return key
	}
	return blank
}

func pictureOr(key string) string {
	if key == "" {
		return blank
	}
	return key
}

// names returns what sellers are called in this storefront.
func (f *front) names(ctx context.Context, ids ...ref.MerchantID) (map[ref.MerchantID]string, error) {
	out := make(map[ref.MerchantID]string, len(ids))
	var unknown []ref.MerchantID
	for _, id := range ids {
		if m, ok := f.sellers[id]; ok {
			out[id] = m.Name.In(f.channel.Locale)
		} else if _, asked := out[id]; !asked {
			out[id] = string(id)
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		return out, nil
	}
	ms, err := f.Merchants.GetMany(ctx, unknown)
	for _, m := range ms {
		out[m.ID] = m.Name
	}
	return out, err
}

// seller returns a merchant with what the demo says about it.
func (f *front) seller(ctx context.Context, id ref.MerchantID) (view.Merchant, error) {
	names, err := f.names(ctx, id)
	m := view.Merchant{Name: names[id]}
	if d, ok := f.sellers[id]; ok {
		m.About = d.About.In(f.channel.Locale)
	}
	return m, err
}
