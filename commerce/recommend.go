package commerce

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/outbox"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/recommend/engine"
	"github.com/soukhq/souk/recommend/feed"
	"github.com/soukhq/souk/recommend/shelf"
)

// advice is what recommends in a shop. Nil, in a shop without, does nothing.
type advice struct {
	m       *Marketplace
	shelves *shelf.Service
	feed    *feed.Feed
	engine  *engine.Engine // nil where the host brought a recommender of its own
}

func (b *builder) recommendations() {
	c, s, m := &b.m.cfg, &b.m.cfg.Stores, b.m
	if !c.recommends() || b.err != nil {
		return
	}
	a := &advice{m: m}
	by := c.Recommend.Recommender
	if by == nil {
		if c.Recommend.Engine.Clock == nil {
			c.Recommend.Engine.Clock = c.Clock
		}
		if a.engine = build(b, engine.New, c.Recommend.Engine); b.err != nil {
			return
		}
		by = a.engine
	}
	history := c.Recommend.history()
	fed := feed.Config{
		Recommender: by, Signals: s.Signals, Orders: s.Orders, Members: s.Members, Listings: s.Listings, Products: s.Products,
		Personals: s.OrderPersonals, Segments: c.Recommend.Segments, Events: s.Events, Channels: c.Channels, History: history, Log: c.Log, Clock: c.Clock, IDs: c.IDs,
	}
	served := shelf.Config{
		Recommender: by, Strategies: c.Recommend.Strategies, Window: c.Recommend.Window, Keep: c.Recommend.Keep, History: history,
		Signals: s.Signals, Impressions: s.Impressions, Stats: s.ShelfStats, Policies: s.ShelfPolicies, Units: s.Units,
		Orders: s.Orders, Location: c.Location, Log: c.Log, Clock: c.Clock, IDs: c.IDs,
	}
	if a.engine != nil {
		served.Catalog = a.engine.Sellable
		fed.Snapshots, fed.State, fed.Leases = c.Recommend.Snapshots, a.engine, s.Leases
	}
	a.feed, a.shelves = build(b, feed.New, fed), build(b, shelf.NewService, served)
	m.Recommend, m.advice = a.shelves, a
}

// ever is longer than any shop has been there.
const ever = 100 * 365 * 24 * time.Hour

// history is for how long purchases are known: at least while they bar what was
// bought from being recommended.
func (c *RecommendConfig) history() time.Duration {
	standard := max(365*24*time.Hour, c.Engine.RebuyAfter)
	if c.Engine.RebuyAfter < 0 {
		standard = ever
	}
	return cmp.Or(c.History, standard)
}

// watcher is told what buyers add to their carts.
func (b *builder) watcher() cart.Watcher {
	if b.m.Recommend == nil {
		return nil
	}
	return b.m.Recommend
}

func (a *advice) consumers() []outbox.Consumer {
	if a == nil {
		return nil
	}
	return []outbox.Consumer{
		{Name: "souk.shelves", Topics: shelf.Topics(), React: a.shelves.React},
		{
			Name: "souk.recommend", Topics: feed.Topics(), PerNode: true,
			React: a.react, Resume: a.feed.Resume, Rebuild: a.feed.Rebuild,
		},
	}
}

// react tells the recommender of this node of an event, and has the shelves of this
// node let go of who is forgotten.
func (a *advice) react(ctx context.Context, r event.Record) error {
	err := a.feed.React(ctx, r)
	if r.Topic == member.Topic {
		err = errors.Join(err, a.shelves.React(ctx, r))
	}
	return err
}

func (a *advice) jobs() []job {
	if a == nil {
		return nil
	}
	return []job{
		{"shelves are measured", time.Second, func(ctx context.Context) (bool, error) { return false, a.flush(ctx) }},
		{"recommendations follow visitors", time.Second / 2, a.feed.Poll},
		{"recommendations are kept", time.Minute, func(ctx context.Context) (bool, error) { return false, a.feed.Save(ctx) }},
		{"shelves follow their policies", time.Second, func(ctx context.Context) (bool, error) { return false, a.shelves.Refresh(ctx) }},
		{"old signals go", time.Hour, func(ctx context.Context) (bool, error) {
			n, err := a.shelves.Purge(ctx, batch)
			return n >= batch, err
		}},
	}
}

// flush writes what was noted so far.
func (a *advice) flush(ctx context.Context) error {
	if a == nil {
		return nil
	}
	return a.shelves.Flush(ctx)
}

// settle fits the engine to what it was told, if there is anything new.
func (a *advice) settle(ctx context.Context) error {
	if a == nil || a.engine == nil {
		return nil
	}
	return a.engine.Settle(ctx)
}

// run runs the engine until ctx ends, and writes then what was noted last.
func (a *advice) run(ctx context.Context, wg *sync.WaitGroup) {
	if a == nil {
		return
	}
	if a.engine != nil {
		wg.Go(func() {
			select {
			case <-ctx.Done():
				return
			case <-a.feed.Ready(): // before, it would be fitted to the first page of orders
			}
			a.m.repeat(ctx, job{"recommendations are fitted", time.Second, func(ctx context.Context) (bool, error) {
				return false, a.engine.Run(ctx)
			}})
		})
	}
	wg.Go(func() {
		<-ctx.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
		defer cancel()
		if err := a.flush(ctx); err != nil {
			a.m.cfg.Log.WarnContext(ctx, "commerce: the last notes of shelves are lost", "error", err)
		}
	})
}
