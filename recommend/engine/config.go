package engine

import (
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/cf"
)

// Config says how an engine works. The zero value is ready to use.
type Config struct {
	// Clock defaults to the system's.
	Clock clock.Clock
	// Model is the kind that is fitted; Run replaces one that outgrew MaxBytes by
	// cf.ItemKNN. Defaults to cf.Auto.
	Model cf.Kind
	// Seed of everything that is drawn.
	Seed uint64
	// Workers is how many goroutines fit. Defaults to the processors.
	Workers int
	// MaxBytes is the memory that one model may take. Defaults to cf.DefaultBytes.
	MaxBytes int64
	// HalfLife is after what time an event says half as much. Defaults to 90 days.
	HalfLife time.Duration
	// HotHalfLife is the same for the hot lists. Defaults to 7 days.
	HotHalfLife time.Duration
	// RebuyAfter is when something bought may be recommended again. Defaults to
	// a year; negative never.
	RebuyAfter time.Duration
	// SessionLife is how long a session without member is remembered. Defaults
	// to 30 days. What it bought at once stays known for BasketLife.
	SessionLife time.Duration
	// BasketLife is how long it is known what was bought at once, by members
	// and by guests. Defaults to a year.
	BasketLife time.Duration
	// MaxVisitors is how many histories are kept, those of who was there last.
	// Each has the newest 500 products, at some 100 bytes, and of those before up
	// to 5,000 that were hidden, or bought since RebuyAfter. Defaults to 500,000.
	// The bounds hold with each fit.
	MaxVisitors int
	// MaxBaskets is how many baskets are kept, the newest. Defaults to 500,000.
	MaxBaskets int
	// RefitAfter is how many events make a fit due. Defaults to 5,000, or a
	// tenth of what the last fit saw if that is more.
	RefitAfter int
	// Share of a shelf that one category may have, and one shop, as long as
	// there are others. Defaults to a half.
	Share float64
	// Explore is the share of a shelf for products that hardly anybody touched yet,
	// three events at most.
	// Defaults to a twentieth; negative none.
	Explore float64
	// Neighbours finds products by content, for those that nobody touched.
	Neighbours recommend.Neighbours
}

func (c Config) withDefaults() (Config, error) {
	var v fault.Violations
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.Model == "" {
		c.Model = cf.Auto
	}
	if !slices.Contains(cf.Kinds(), c.Model) {
		v.Add("model", "unknown", nil)
	}
	if c.Share < 0 || c.Share > 1 {
		v.Add("share", "out_of_range", nil)
	}
	if c.Explore > 1 {
		v.Add("explore", "out_of_range", nil)
	}
	for path, d := range map[string]*struct {
		value    *time.Duration
		standard time.Duration
	}{
		"half_life":     {&c.HalfLife, 90 * 24 * time.Hour},
		"hot_half_life": {&c.HotHalfLife, 7 * 24 * time.Hour},
		"session_life":  {&c.SessionLife, 30 * 24 * time.Hour},
		"basket_life":   {&c.BasketLife, 365 * 24 * time.Hour},
	} {
		if *d.value < 0 {
			v.Add(path, "out_of_range", nil)
		}
		if *d.value == 0 {
			*d.value = d.standard
		}
	}
	for path, n := range map[string]*int{"max_visitors": &c.MaxVisitors, "max_baskets": &c.MaxBaskets} {
		if *n < 0 {
			v.Add(path, "out_of_range", nil)
		}
		if *n == 0 {
			*n = 500_000
		}
	}
	if c.RebuyAfter == 0 {
		c.RebuyAfter = 365 * 24 * time.Hour
	}
	if c.RefitAfter <= 0 {
		c.RefitAfter = 5000
	}
	if c.Share == 0 {
		c.Share = .5
	}
	if c.Explore == 0 {
		c.Explore = .05
	}
	return c, v.Err("engine.config", "the engine cannot work like this")
}

// weightOf is what a kind of event says at its time.
func weightOf(kind recommend.Kind) float32 {
	switch kind {
	case recommend.View:
		return 1
	case recommend.CartAdd:
		return 3
	case recommend.Purchase:
		return 5
	default:
		return 0
	}
}
