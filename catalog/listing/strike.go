package listing

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
)

// MaxStrikes bounds the windows that a row knows ahead.
const MaxStrikes = 8

// Campaigns tells what is offered, and what was; [campaign.Store] has it.
type Campaigns interface {
	Live(ctx context.Context, at time.Time) ([]promo.Promotion, error)
	Versions(ctx context.Context, keys []campaign.VersionKey) ([]promo.Promotion, error)
}

// Groups tells the shop's exclusion groups; [campaign.GroupStore] has it.
type Groups interface {
	All(ctx context.Context) ([]campaign.Group, error)
}

// Strike is a window in which promotions lower the prices of a row.
type Strike struct {
	// From and Until bound the half-open window; zero leaves a side open.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// Lowest and Highest are the prices of the cheapest and the dearest SKU.
	Lowest  money.Money `json:"lowest"`
	Highest money.Money `json:"highest"`
	// Was is the list price of the cheapest SKU, zero where it is not lowered.
	Was money.Money `json:"was,omitzero"`
}

// Price is what a card shows.
type Price struct {
	// Lowest and Highest are what the cheapest and the dearest SKU cost now.
	Lowest  money.Money
	Highest money.Money
	// Was is what the cheapest cost before, to be struck through; zero where
	// that is not more.
	Was money.Money
	// Promoted says that a promotion lowers it, and Until when that ends; zero
	// for no end that is known.
	Promoted bool
	Until    time.Time
}

// PriceAt returns what the row costs at a time. It is exact for all windows
// that were known when the row was refreshed, however late the next refresh.
func (r *Row) PriceAt(now time.Time) Price {
	for i := range r.Strikes {
		if s := &r.Strikes[i]; !now.Before(s.From) && (s.Until.IsZero() || now.Before(s.Until)) {
			p := Price{Lowest: s.Lowest, Highest: s.Highest, Was: s.Was, Promoted: true, Until: s.Until}
			if p.Was == (money.Money{}) && r.Compare.Minor() > p.Lowest.Minor() {
				p.Was = r.Compare
			}
			return p
		}
	}
	return Price{Lowest: r.Lowest, Highest: r.Highest, Was: r.Compare}
}

// SortPrice is what lists are sorted and filtered by: what the cheapest SKU
// cost when the row was refreshed, struck or not.
func (r *Row) SortPrice() money.Money {
	if r.Struck != (money.Money{}) {
		return r.Struck
	}
	return r.Lowest
}

// Strikes reports whether a promotion lowers prices for everybody, whatever
// else is in the cart: a price promotion without code, coupon, condition,
// segment, limit, further group and restriction of sharing. Only such a one
// shows on a card; what needs more shows in the cart.
func Strikes(p *promo.Promotion) bool {
	return p.Phase() == promo.PhasePrice && p.Redeem == promo.RedeemNothing && len(p.Segments) == 0 && len(p.Groups) == 0 &&
		zero(p.When) && zero(p.Sharing) && zero(p.Limits)
}

func zero[T any](v T) bool {
	var none T
	return reflect.DeepEqual(v, none)
}

// Struck returns what promotions for everybody make of the prices of offers at
// this moment: for the page of a product what [Row.PriceAt] is for its card, of
// every SKU. Those whose price is not lowered are left out. One statement, and
// another where there are several such promotions.
func (s *Service) Struck(ctx context.Context, channel ref.ChannelID, offers map[ref.SKUID]cart.Offer) (map[ref.SKUID]money.Money, error) {
	c, err := s.channels.Find(channel)
	if err != nil {
		return nil, err
	}
	now := s.cfg.Clock.Now()
	offered, err := s.strikers(ctx, now)
	if err != nil || len(offered.promotions) == 0 {
		return nil, err
	}
	in := promo.Input{Cart: promo.Cart{Channel: c.ID, Currency: c.Currency}, Groups: offered.groups, Now: now}
	for _, sku := range slices.Sorted(maps.Keys(offers)) {
		if o := offers[sku]; o.UnitPrice.Sign() > 0 && o.UnitPrice.Currency() == c.Currency {
			in.Cart.Lines = append(in.Cart.Lines, promo.Line{
				ID: ref.LineID(sku), SKU: sku, Product: o.Product, Merchant: o.Merchant, Brand: o.Brand,
				Categories: o.Categories, Tags: o.Tags, Attributes: o.Attributes, Quantity: 1, Unit: o.UnitPrice, Floor: o.Floor,
			})
		}
	}
	for i := range offered.promotions {
		in.Candidates = append(in.Candidates, promo.Candidate{Promotion: offered.promotions[i]})
	}
	out := map[ref.SKUID]money.Money{}
	result, err := s.engine.Evaluate(in)
	if err != nil {
		return out, nil //nolint:nilerr // more than the engine takes keeps its list prices, as on the lists
	}
	for _, l := range result.Lines {
		if !l.Discount.IsZero() {
			out[ref.SKUID(l.Line)] = l.Net
		}
	}
	return out, nil
}

// strikers are the promotions that may lower a price on a list, and the shop's
// groups where several meet.
type strikers struct {
	promotions []promo.Promotion
	groups     []promo.Group
}

func (s *Service) strikers(ctx context.Context, now time.Time) (strikers, error) {
	var out strikers
	if s.cfg.Campaigns == nil {
		return out, nil
	}
	live, err := s.cfg.Campaigns.Live(ctx, now)
	if err != nil {
		return out, err
	}
	out.promotions = slices.DeleteFunc(slices.Clone(live), func(p promo.Promotion) bool { return !Strikes(&p) })
	if len(out.promotions) < 2 || s.cfg.Groups == nil {
		return out, nil
	}
	groups, err := s.cfg.Groups.All(ctx)
	if err != nil {
		return out, err
	}
	for i := range groups {
		out.groups = append(out.groups, groups[i].Group)
	}
	return out, nil
}

// strike computes the windows of a row, and returns when the first of them
// ends or begins. A product that the engine refuses keeps its list prices.
func (s *Service) strike(r *Row, p catalog.Product, prices map[ref.SKUID]pricing.Resolved, offered strikers, now time.Time) time.Time {
	if len(offered.promotions) == 0 {
		return time.Time{}
	}
	cart := promo.Cart{Channel: r.Channel, Currency: r.Currency}
	for _, sku := range p.Active() {
		if price := prices[sku.ID]; price.Found() {
			traits := p.Traits(sku)
			cart.Lines = append(cart.Lines, promo.Line{
				ID: ref.LineID(sku.ID), SKU: sku.ID, Product: p.ID, Merchant: p.Merchant, Brand: p.Brand,
				Categories: r.Categories, Tags: traits.Tags, Attributes: traits.Attributes,
				Quantity: 1, Unit: price.Unit, Floor: price.Floor,
			})
		}
	}
	candidates, turns := s.touching(cart, offered.promotions, now)
	if len(candidates) == 0 {
		return time.Time{}
	}
	for i, from := range turns {
		if i == MaxStrikes {
			break
		}
		next := Strike{From: from}
		if i+1 < len(turns) {
			next.Until = turns[i+1]
		}
		at := from
		if i == 0 {
			at = now
		}
		result, err := s.engine.Evaluate(promo.Input{Cart: cart, Candidates: candidates, Groups: offered.groups, Now: at})
		if err != nil || !next.of(result) {
			continue
		}
		if n := len(r.Strikes); n > 0 && r.Strikes[n-1].continues(&next) {
			r.Strikes[n-1].Until = next.Until
			continue
		}
		r.Strikes = append(r.Strikes, next)
	}
	if current := r.PriceAt(now); current.Lowest.Minor() < r.Lowest.Minor() {
		r.Struck = current.Lowest
	}
	if len(turns) > 1 {
		return turns[1]
	}
	return time.Time{}
}

// touching returns the promotions that lower a price of the cart at any time,
// and the times at which they begin and end, the first of which is zero and
// stands for now.
func (s *Service) touching(cart promo.Cart, offers []promo.Promotion, now time.Time) ([]promo.Candidate, []time.Time) {
	var candidates []promo.Candidate
	turns := []time.Time{{}}
	for i := range offers {
		p := &offers[i]
		if p.Merchant != "" && p.Merchant != cart.Lines[0].Merchant || len(p.Channels) > 0 && !slices.Contains(p.Channels, cart.Channel) ||
			!p.Until.IsZero() && !p.Until.After(now) {
			continue
		}
		at := now
		if p.From.After(now) {
			at = p.From
		}
		alone := []promo.Candidate{{Promotion: *p}}
		result, err := s.engine.Evaluate(promo.Input{Cart: cart, Candidates: alone, Now: at})
		if err != nil || len(result.Allocations) == 0 {
			continue
		}
		candidates = append(candidates, alone...)
		for _, t := range []time.Time{p.From, p.Until} {
			if t.After(now) {
				turns = append(turns, t)
			}
		}
	}
	slices.SortFunc(turns, time.Time.Compare)
	return candidates, slices.CompactFunc(turns, time.Time.Equal)
}

// of fills in the prices of a window, and reports whether one is lowered.
func (s *Strike) of(result promo.Result) bool {
	lowered := false
	for i := range result.Lines {
		l := &result.Lines[i]
		if i == 0 || l.Net.Minor() < s.Lowest.Minor() {
			s.Lowest, s.Was = l.Net, money.Money{}
			if !l.Discount.IsZero() {
				s.Was = l.List
			}
		}
		if i == 0 || l.Net.Minor() > s.Highest.Minor() {
			s.Highest = l.Net
		}
		lowered = lowered || !l.Discount.IsZero()
	}
	return lowered
}

// continues reports whether next follows at once at the same prices.
func (s *Strike) continues(next *Strike) bool {
	return s.Until.Equal(next.From) && s.Lowest == next.Lowest && s.Highest == next.Highest && s.Was == next.Was
}

// markCampaign marks the products whose prices a campaign lowers, or did: a
// version that is replaced lowered others.
func (s *Service) markCampaign(ctx context.Context, e campaign.Changed) error {
	if s.cfg.Campaigns == nil || e.State == campaign.Draft {
		return nil
	}
	keys := []campaign.VersionKey{{Promotion: e.Promotion, Version: e.PromotionVersion}}
	if e.PromotionVersion > 1 {
		keys = append(keys, campaign.VersionKey{Promotion: e.Promotion, Version: e.PromotionVersion - 1})
	}
	bodies, err := s.cfg.Campaigns.Versions(ctx, keys)
	if err != nil {
		return err
	}
	var marks []ref.ProductID
	for i := range bodies {
		p := &bodies[i]
		if !Strikes(p) || i > 0 && p.Merchant == bodies[0].Merchant && reflect.DeepEqual(p.Lines, bodies[0].Lines) && Strikes(&bodies[0]) {
			continue // it lowers nothing, or the same products
		}
		ids, err := s.selected(ctx, p)
		if err != nil {
			return err
		}
		marks = append(marks, ids...)
	}
	return s.mark(ctx, marks)
}

// markGroup marks the products that promotions lower the prices of, where the
// group of prices has changed.
func (s *Service) markGroup(ctx context.Context, e campaign.GroupsChanged) error {
	if promo.GroupID(e.Group) != promo.GroupPrice {
		return nil
	}
	offered, err := s.strikers(ctx, s.cfg.Clock.Now())
	if err != nil {
		return err
	}
	var marks []ref.ProductID
	for i := range offered.promotions {
		ids, err := s.selected(ctx, &offered.promotions[i])
		if err != nil {
			return err
		}
		marks = append(marks, ids...)
	}
	return s.mark(ctx, marks)
}

// selected returns the products that a promotion may select, by the narrowest
// of what it names; all of them, where it names nothing.
func (s *Service) selected(ctx context.Context, p *promo.Promotion) ([]ref.ProductID, error) {
	var queries []catalog.ProductQuery
	switch l := &p.Lines; {
	case len(l.SKUs) > 0:
		return s.ofSKUs(ctx, l.SKUs)
	case len(l.Products) > 0:
		return l.Products, nil
	case len(l.Brands) > 0:
		for _, id := range l.Brands {
			queries = append(queries, catalog.ProductQuery{Brand: id})
		}
	case p.Merchant != "":
		queries = append(queries, catalog.ProductQuery{Merchant: p.Merchant})
	case len(l.Merchants) > 0:
		for _, id := range l.Merchants {
			queries = append(queries, catalog.ProductQuery{Merchant: id})
		}
	case len(l.Categories) > 0:
		return s.within(ctx, l.Categories...)
	default:
		queries = append(queries, catalog.ProductQuery{})
	}
	return s.all(ctx, queries...)
}
