package bench_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage/bunstore"
)

// maxStatements is what placing and paying an order may take beside BEGIN and
// COMMIT, however many lines and merchants it has.
const maxStatements = 28

// listener hears the statements of a database.
type listener struct {
	mu   sync.Mutex
	seen []string
}

func (l *listener) open(t *testing.T) *bunstore.DB {
	t.Helper()
	return backendtest.Postgres().DB(t, &bunstore.Options{OnStatement: func(_ context.Context, query string, _ error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.seen = append(l.seen, query)
	}})
}

// hears returns how the statements begin that something makes.
func (l *listener) hears(do func()) []string {
	l.mu.Lock()
	l.seen = nil
	l.mu.Unlock()
	do()
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]string, len(l.seen))
	for i, q := range l.seen {
		q = strings.Join(strings.Fields(q), " ")
		out[i] = q[:min(len(q), 90)]
	}
	return out
}

// purchase returns the statements of placing and paying one piece of each SKU.
func (l *listener) purchase(t *testing.T, s *shop, name string, skus ...ref.SKUID) []string {
	t.Helper()
	b := s.fill(t, name, skus...)
	return l.hears(func() { require.NoError(t, s.buy(t.Context(), b)) })
}

func TestStatementsOfAPurchase(t *testing.T) {
	t.Parallel()
	var l listener
	s := newShop(t, l.open(t).Stores(), 50)
	small := l.purchase(t, s, "one merchant", skuOf(0), skuOf(5))
	for i, q := range small {
		t.Logf("%2d %s", i+1, q)
	}
	require.LessOrEqual(t, len(small), maxStatements)
	large := l.purchase(t, s, "five merchants", skus(50)...)
	require.Len(t, large, len(small), "%s", strings.Join(large, "\n"))
}

// What promotions may add to a purchase: where none of a hundred applies, and
// where five limited ones do, however many; and what coupons may.
const (
	maxIdlePromotions    = 2
	maxLimitedPromotions = 6
	maxCoupons           = 2
)

func TestStatementsOfPromotions(t *testing.T) {
	t.Parallel()
	var l listener
	db := l.open(t)
	s := newShop(t, db.Stores(), 50)
	purchase := func(name string) []string { return l.purchase(t, s, name, skuOf(0), skuOf(6)) }
	// A shop without promotions asks for the revision alone.
	none := len(purchase("before")) - 1
	promote(t, db.Stores(), idle(100)...)
	idly := purchase("idle")
	t.Logf("none %d, idle %d", none, len(idly))
	require.LessOrEqual(t, len(idly)-none, maxIdlePromotions, "%s", strings.Join(idly, "\n"))
	promote(t, db.Stores(), limited(5)...)
	five := purchase("five")
	t.Logf("five limited %d", len(five))
	require.LessOrEqual(t, len(five)-none, maxLimitedPromotions, "%s", strings.Join(five, "\n"))
	promote(t, db.Stores(), limited(20)[5:]...)
	require.Len(t, purchase("twenty"), len(five))
}

// coupons puts promotions live that apply together to who holds coupons for
// them, and returns the templates of the coupons.
func (s *shop) coupons(t *testing.T, db *bunstore.DB, n int) []coupon.TemplateID {
	t.Helper()
	all := limited(n)
	out := make([]coupon.TemplateID, n)
	for i := range all {
		p := &all[i]
		p.ID, p.Redeem, p.Limits = ref.PromotionID(fmt.Sprintf("wanting-%02d", i)), promo.RedeemCoupon, promo.Limits{}
		if i%2 == 0 {
			p.Limits.PerMember = 1
		}
	}
	promote(t, db.Stores(), all...)
	for i := range all {
		tpl, err := s.Coupons.Create(t.Context(), staff(), coupon.CreateInput{
			Terms: coupon.Terms{Promotion: all[i].ID, Name: all[i].Name, Way: coupon.ByHand},
		})
		require.NoError(t, err)
		_, err = s.Coupons.Activate(t.Context(), staff(), tpl.ID, tpl.Version)
		require.NoError(t, err)
		out[i] = tpl.ID
	}
	return out
}

// Neither the coupons of a buyer nor the lines of a cart add a statement, be it
// to a quote, to what each coupon would come to, or to the purchase.
func TestStatementsOfCoupons(t *testing.T) {
	t.Parallel()
	var l listener
	db := l.open(t)
	s := newShop(t, db.Stores(), 50)
	none := len(l.purchase(t, s, "before", skuOf(0))) - 1
	of := s.coupons(t, db, 20)
	var first [3]int
	for i, b := range []struct {
		name    string
		coupons int
		lines   int
	}{{"one", 2, 1}, {"lines", 2, 50}, {"wallet", 20, 1}, {"both", 20, 50}} {
		for _, id := range of[:b.coupons] {
			_, err := s.Coupons.Issue(t.Context(), staff(), coupon.IssueInput{Template: id, Members: []ref.MemberID{ref.MemberID(b.name)}})
			require.NoError(t, err)
		}
		buyer := s.fill(t, b.name, skus(b.lines)...)
		var q checkout.Quote
		var errs [3]error
		heard := [3][]string{
			l.hears(func() { _, errs[0] = s.Checkout.Quote(t.Context(), buyer.scope, buyer.input.Choice) }),
			l.hears(func() { q, errs[1] = s.Checkout.Compare(t.Context(), buyer.scope, buyer.input.Choice) }),
			l.hears(func() { errs[2] = s.buy(t.Context(), buyer) }),
		}
		for k, what := range []string{"quote", "comparison", "purchase"} {
			require.NoError(t, errs[k])
			if i == 0 {
				first[k] = len(heard[k])
				t.Logf("%s %d:\n%s", what, len(heard[k]), strings.Join(heard[k], "\n"))
			}
			require.Len(t, heard[k], first[k], "%s of %s: %s", what, b.name, strings.Join(heard[k], "\n"))
		}
		require.Len(t, q.Alternatives, b.coupons+1, "each of them, and none")
		require.Equal(t, dollars(int64(b.coupons)), q.Discount)
	}
	require.LessOrEqual(t, first[2]-none, maxLimitedPromotions+maxCoupons)
}
