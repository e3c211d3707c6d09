package listing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/promo"
)

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the rows. Required.
	Store Store
	// Channels are the channels that have lists. Required.
	Channels []pricing.Channel
	// Products is the catalogue's store of products. Required.
	Products Products
	// Categories is the catalogue's store of categories. Required.
	Categories Categories
	// Brands is the catalogue's store of brands. Required.
	Brands Brands
	// Prices tells what SKUs cost, for the same channels. Required.
	Prices Prices
	// Stock tells how many pieces there are. Required.
	Stock Stock
	// Merchants tells who sells. Defaults to everybody.
	Merchants Merchants
	// Orders tells what was in a confirmed order, to count the pieces sold.
	// Defaults to no counting.
	Orders Orders
	// Ratings tells how products are rated. Defaults to not at all.
	Ratings Ratings
	// Campaigns tells which promotions lower prices on the lists. Defaults to
	// none.
	Campaigns Campaigns
	// Groups tells how these exclude one another. Defaults to the standard
	// groups alone.
	Groups Groups
	// Events is told of every refresh, see [Refreshed]; it needs Units.
	// Defaults to telling nobody.
	Events event.Appender
	// Units runs the units of work of the backend of Store and Events.
	Units uow.Manager
	// Batch bounds the products of one refresh. Defaults to 200.
	Batch int
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints the ids of events. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

const defaultBatch = 200

// Service keeps the lists and reads them.
type Service struct {
	cfg      Config
	channels pricing.Channels
	engine   *promo.Engine
}

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var problems []error
	need := func(ok bool, field string) {
		if !ok {
			problems = append(problems, errors.New("listing.Config."+field+" is required"))
		}
	}
	need(cfg.Store != nil, "Store")
	need(len(cfg.Channels) > 0, "Channels")
	need(cfg.Products != nil, "Products")
	need(cfg.Categories != nil, "Categories")
	need(cfg.Brands != nil, "Brands")
	need(cfg.Prices != nil, "Prices")
	need(cfg.Stock != nil, "Stock")
	need(cfg.Events == nil || cfg.Units != nil, "Units")
	channels, err := pricing.NewChannels(cfg.Channels)
	if err != nil {
		problems = append(problems, fmt.Errorf("listing.Config.Channels: %w", err))
	}
	if cfg.Batch < 0 || cfg.Batch > page.MaxLimit {
		problems = append(problems, errors.New("listing.Config.Batch is out of range"))
	}
	engine, err := promo.NewEngine(promo.Config{}) // no custom kind lowers a price for everybody
	if err != nil {
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	cfg.Channels = slices.Clone(cfg.Channels)
	if cfg.Batch == 0 {
		cfg.Batch = defaultBatch
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg, channels: channels, engine: engine}, nil
}

// List pages through what buyers of a channel see now. Kinds: NotFound for an
// unknown channel, Invalid with every wrong field or for a foreign cursor.
func (s *Service) List(ctx context.Context, q Query, p page.Request) (page.Page[Row], error) {
	c, err := s.channels.Find(q.Channel)
	if err != nil {
		return page.Page[Row]{}, err
	}
	if q.Sort == "" {
		q.Sort = Newest
	}
	q.Currency, q.Now = c.Currency, s.cfg.Clock.Now()
	if err := q.check(); err != nil {
		return page.Page[Row]{}, err
	}
	return s.cfg.Store.List(ctx, q, p)
}

// Cards returns the rows of products that buyers of a channel see now, in the
// order of ids: for what a search or a recommendation found. Kinds: NotFound
// for an unknown channel, Invalid for more than [page.MaxLimit] ids.
func (s *Service) Cards(ctx context.Context, channel ref.ChannelID, ids []ref.ProductID) ([]Row, error) {
	c, err := s.channels.Find(channel)
	if err != nil {
		return nil, err
	}
	if len(ids) > page.MaxLimit {
		return nil, fault.New(fault.Invalid, "listing.invalid", "too many products").
			WithField("ids", "too_many", fault.Params{"max": page.MaxLimit})
	}
	rows, err := s.cfg.Store.GetMany(ctx, c.ID, c.Currency, valid(ids))
	if err != nil {
		return nil, err
	}
	now := s.cfg.Clock.Now()
	return slices.DeleteFunc(rows, func(r Row) bool { return !r.Shown(now) }), nil
}

func (q Query) check() error {
	var v fault.Violations
	for _, f := range []struct{ path, id string }{
		{"category", string(q.Category)}, {"brand", string(q.Brand)}, {"merchant", string(q.Merchant)},
	} {
		if f.id != "" && !ref.ValidID(f.id) {
			v.Add(f.path, "malformed", fault.Params{"format": "id"})
		}
	}
	if !slices.Contains(Sorts(), q.Sort) {
		v.Add("sort", "unknown", fault.Params{"allowed": Sorts()})
	}
	from, hasFrom, to, hasTo := q.Bounds()
	if hasFrom && q.PriceFrom.Currency() != q.Currency {
		v.Add("price_from", "currency_mismatch", fault.Params{"want": string(q.Currency)})
	}
	if hasTo && q.PriceTo.Currency() != q.Currency {
		v.Add("price_to", "currency_mismatch", fault.Params{"want": string(q.Currency)})
	}
	if hasFrom && hasTo && from > to {
		v.Add("price_to", "not_after", fault.Params{"field": "price_from"})
	}
	return v.Err("listing.invalid", "the query is not valid")
}

// valid leaves out what cannot be an id: a store is not asked for broken text.
func valid[K ~string](ids []K) []K {
	return slices.DeleteFunc(slices.Clone(ids), func(id K) bool { return !ref.ValidID(string(id)) })
}
