package catalog

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Config is what a [Service] is made of.
type Config struct {
	// Products keeps the products. Required.
	Products ProductStore
	// Categories keeps the category tree. Required.
	Categories CategoryStore
	// Brands keeps the brands. Required.
	Brands BrandStore
	// Units runs the units of work of the backend of the stores. Required.
	Units uow.Manager
	// Events is the log of the same backend. Required.
	Events event.Appender
	// Merchants tells whose products there may be. Defaults to anybody's.
	Merchants Merchants
	// Locale is the one whose words slugs are made of. Defaults to English.
	Locale ref.Locale
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
}

// Merchants tells which merchants there are; the service of commerce/merchant
// has it.
type Merchants interface {
	// Registered returns which of the merchants are registered, whether they
	// sell or not, in one statement.
	Registered(ctx context.Context, ids []ref.MerchantID) (map[ref.MerchantID]bool, error)
}

// Service is the catalogue: categories, brands, products.
type Service struct{ cfg Config }

// NewService returns a service, or an error that names every missing field.
func NewService(cfg Config) (*Service, error) {
	var missing []error
	need := func(ok bool, field string) {
		if !ok {
			missing = append(missing, errors.New("catalog.Config."+field+" is required"))
		}
	}
	need(cfg.Products != nil, "Products")
	need(cfg.Categories != nil, "Categories")
	need(cfg.Brands != nil, "Brands")
	need(cfg.Units != nil, "Units")
	need(cfg.Events != nil, "Events")
	if err := errors.Join(missing...); err != nil {
		return nil, err
	}
	if cfg.Locale == "" {
		cfg.Locale = ref.English
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.IDs == nil {
		cfg.IDs = uid.NewV7(cfg.Clock)
	}
	return &Service{cfg: cfg}, nil
}

func (s *Service) mint(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = s.cfg.IDs.New()
	}
	return ids
}

// journal collects the events of one unit under ids minted before it.
type journal struct {
	ids     []string
	at      time.Time
	records []event.Record
}

func (j *journal) add(topic, aggregate string, payload event.Payload) error {
	rec, err := event.New(j.ids[len(j.records)], topic, aggregate, j.at, payload)
	if err != nil {
		return err
	}
	j.records = append(j.records, rec)
	return nil
}

func (s *Service) append(ctx context.Context, j *journal) error {
	if len(j.records) == 0 {
		return nil
	}
	return s.cfg.Events.Append(ctx, j.records...)
}

// slugged is what the three aggregates share when they are inserted: a slug
// that was made up may be taken, one that was asked for may not.
type slugged[T any] struct {
	insert func(ctx context.Context, rows []*T) ([]error, error)
	slug   func(*T) *string
	id     func(*T) string
}

// insertAll inserts rows, and tries those again with a longer slug whose slug
// was made up and is taken: with a number, and where that is taken too with
// the end of the id, and at last with its digest.
func (s slugged[T]) insertAll(ctx context.Context, rows []*T, made func(i int) bool) ([]error, error) {
	errs, err := s.insert(ctx, rows)
	if err != nil {
		return nil, err
	}
	bases := make([]string, len(rows))
	for i := range rows {
		bases[i] = *s.slug(rows[i])
	}
	count := map[string]int{}
	for _, suffix := range []func(i int) string{
		func(i int) string { count[bases[i]]++; return strconv.Itoa(count[bases[i]] + 1) },
		func(i int) string { return cmp.Or(tail(s.id(rows[i]), 8), digest(s.id(rows[i]))) },
		func(i int) string { return digest(s.id(rows[i])) },
	} {
		var again []*T
		var at []int
		for i, err := range errs {
			if err != nil && made(i) && takenBy(err) == "slug" {
				*s.slug(rows[i]) = suffixed(bases[i], suffix(i))
				again, at = append(again, rows[i]), append(at, i)
			}
		}
		if len(again) == 0 {
			return errs, nil
		}
		next, err := s.insert(ctx, again)
		if err != nil {
			return nil, err
		}
		for j, i := range at {
			errs[i] = next[j]
		}
	}
	return errs, nil
}

// takenBy returns which value a refused insert met, "" for another error.
func takenBy(err error) string {
	var f *fault.Fault
	if !errors.As(err, &f) || f.Kind != fault.AlreadyExists {
		return ""
	}
	by, _ := f.Params["by"].(string)
	return by
}

func denied() error {
	return fault.New(fault.PermissionDenied, "catalog.denied", "the caller may not do this")
}

func distinct[K comparable](ids []K) []K {
	seen := make(map[K]bool, len(ids))
	out := make([]K, 0, len(ids))
	var none K
	for _, id := range ids {
		if id != none && !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
