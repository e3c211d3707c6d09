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
	// NoUnits: what is written is there at once, whatever becomes of the unit
	// around it. Nothing is promised of units then: see the guide on stores for
	// what such an adapter is good for.
	NoUnits bool
}

// Case is one promise. It runs against stores that other cases share, in
// parallel with them.
type Case struct {
	Name string
	Run  func(t T, s storage.Stores)
	// Skip reports, in words, why the limits rule the case out; nil never.
	Skip func(Limits) string
	// Apart: the case is about several units, so that it cannot run in one.
	// Every other case runs a second time inside of a unit.
	Apart bool
}

// Area is the cases of one store.
type Area struct {
	Name  string
	Cases []Case
}

// Areas returns the whole suite. Every case runs under a witness of what all
// stores promise of all methods, and, unless it is about several units, once
// more inside of one unit.
func Areas() []Area { return witnessed(Limits{}) }

func witnessed(limits Limits) []Area {
	all := areas()
	for i, area := range all {
		all[i].Cases = nil
		for _, c := range area.Cases {
			run := c.Run
			c.Run = func(t T, s storage.Stores) { run(t, witness(t, s, limits)) }
			all[i].Cases = append(all[i].Cases, c)
			if !c.Apart {
				c.Name += ", in one unit"
				c.Run = withinUnit(run)
				c.Skip = needsUnits(c.Skip)
				all[i].Cases = append(all[i].Cases, c)
			}
		}
	}
	return all
}

// needsUnits skips a case where there are no units, and else as skip says.
func needsUnits(skip func(Limits) string) func(Limits) string {
	return func(l Limits) string {
		switch {
		case l.NoUnits:
			return "the adapter joins no unit of work"
		case skip != nil:
			return skip(l)
		}
		return ""
	}
}

// unitT hands a case the context of a unit for its own.
type unitT struct {
	T
	ctx context.Context //nolint:containedctx // that of testing.T
}

func (t unitT) Context() context.Context { return t.ctx }

// withinUnit runs a case in a unit that is rolled back.
func withinUnit(run func(T, storage.Stores)) func(T, storage.Stores) {
	return func(t T, s storage.Stores) {
		s = witness(t, s, Limits{})
		err := s.Units.Do(t.Context(), func(ctx context.Context) error {
			run(unitT{t, ctx}, s)
			return errRehearsal
		})
		require.ErrorIs(t, err, errRehearsal)
	}
}

func areas() []Area {
	return []Area{
		{"uow", unitCases()},
		{"event", eventCases()},
		{"consumer", consumerCases()},
		{"port", portCases()},
		{"extreme", extremeCases()},
		{"merchant", merchantCases()},
		{"member", memberCases()},
		{"member_book", memberBookCases()},
		{"member_attempt", memberAttemptCases()},
		{"access", accessCases()},
		{"catalog_product", catalogProductCases()},
		{"catalog_category", catalogCategoryCases()},
		{"catalog_brand", catalogBrandCases()},
		{"order", orderCases()},
		{"order_personal", orderPersonalCases()},
		{"cart", cartCases()},
		{"listing", listingCases()},
		{"inventory", inventoryCases()},
		{"pricing", pricingCases()},
		{"payment", paymentCases()},
		{"payment_refund", paymentRefundCases()},
		{"payment_notice", paymentNoticeCases()},
		{"payment_case", paymentCaseCases()},
		{"campaign", campaignCases()},
		{"campaign_group", promoGroupCases()},
		{"campaign_usage", promoUsageCases()},
		{"coupon_template", couponTemplateCases()},
		{"coupon", couponCases()},
		{"coupon_code", couponCodeCases()},
		{"search_settings", searchSettingsCases()},
		{"search_log", searchLogCases()},
		{"recommend_signal", recommendSignalCases()},
		{"shelf_policy", shelfPolicyCases()},
		{"shelf_impression", shelfImpressionCases()},
		{"shelf_stat", shelfStatCases()},
	}
}

// Run runs the suite. Open is called once per area and registers its own
// clean-up.
func Run(t *testing.T, limits Limits, open func(t *testing.T) storage.Stores) {
	t.Helper()
	for _, area := range witnessed(limits) {
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
