package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/storage"
)

// T is what a case needs of *testing.T; the suite's own test hands in a
// recorder instead.
type T interface {
	require.TestingT
	Helper()
	Name() string
	Logf(format string, args ...any)
	Cleanup(fn func())
	Context() context.Context
}

// Limits names what an adapter lacks. The zero value lacks nothing.
type Limits struct {
	// Areas are left out as a whole, by [Area] name: "order".
	Areas []string
	// NoWaiting: a second writer of a row is refused instead of waiting.
	NoWaiting bool
}

// Case is one promise. It runs against stores that other cases share, in
// parallel with them.
type Case struct {
	Name string
	Run  func(t T, s storage.Stores)
	// Skip reports, in words, why the limits rule the case out; nil never.
	Skip func(Limits) string
}

// Area is the cases of one store.
type Area struct {
	Name  string
	Cases []Case
}

// Areas returns the whole suite.
func Areas() []Area {
	return []Area{
		{"uow", unitCases()},
		{"event", eventCases()},
		{"consumer", consumerCases()},
		{"port", portCases()},
		{"merchant", merchantCases()},
		{"catalog_product", catalogProductCases()},
		{"catalog_category", catalogCategoryCases()},
		{"catalog_brand", catalogBrandCases()},
		{"order", orderCases()},
		{"order_personal", orderPersonalCases()},
		{"cart", cartCases()},
		{"inventory", inventoryCases()},
		{"pricing", pricingCases()},
		{"payment", paymentCases()},
		{"payment_refund", paymentRefundCases()},
		{"payment_notice", paymentNoticeCases()},
		{"payment_case", paymentCaseCases()},
	}
}

// Run runs the suite. Open is called once per area and registers its own
// clean-up.
func Run(t *testing.T, limits Limits, open func(t *testing.T) storage.Stores) {
	t.Helper()
	for _, area := range Areas() {
		t.Run(area.Name, func(t *testing.T) {
			t.Parallel()
			if slices.Contains(limits.Areas, area.Name) {
				t.Skip("the adapter lacks this area")
			}
			stores := open(t)
			for _, c := range area.Cases {
				t.Run(c.Name, func(t *testing.T) {
					t.Parallel()
					if c.Skip != nil {
						if why := c.Skip(limits); why != "" {
							t.Skip(why)
						}
					}
					c.Run(t, stores)
				})
			}
		})
	}
}

// newID returns a fresh id.
func newID() string { return uid.NewV7(nil).New() }

// noon is a fixed time with microseconds, as every backend must keep them.
func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 123456000, time.UTC) }
