package coupon_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

// bundle is a service over a backend, with everything around it in hand.
type bundle struct {
	*coupon.Service
	cfg     coupon.Config
	stores  storage.Stores
	clock   *clock.Manual
	limiter *limiter
	log     *eventLog
	orders  orders
	rewards rewards
}

func setup(t *testing.T) bundle {
	t.Helper()
	return setupOn(t, memory.New().Stores())
}

func setupOn(t *testing.T, stores storage.Stores) bundle {
	t.Helper()
	b := bundle{
		stores: stores, clock: clock.NewManual(opening()),
		log:     &eventLog{Appender: stores.Events, names: map[string]int{}},
		limiter: &limiter{most: 1 << 30}, orders: orders{}, rewards: rewards{},
	}
	b.cfg = coupon.Config{
		Templates: stores.CouponTemplates, Coupons: stores.Coupons, Codes: stores.CouponCodes,
		Units: stores.Units, Events: b.log, Promotions: promotions{},
		Orders: b.orders, Rewards: b.rewards, Limiter: b.limiter, Clock: b.clock,
		CodeKeys: []coupon.CodeKey{key("2026")},
	}
	var err error
	b.Service, err = coupon.NewService(b.cfg)
	require.NoError(t, err)
	return b
}

func opening() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

func staff() ref.Scope { return ref.Staff("ann") }

func key(id string) coupon.CodeKey {
	return coupon.CodeKey{ID: id, Secret: bytes.Repeat([]byte(id), 8)}
}

// promotions are those whose ids begin with their owner, "site" for the site.
type promotions struct{}

func (promotions) CouponOwner(_ context.Context, id ref.PromotionID) (ref.MerchantID, error) {
	switch id {
	case "of-site":
		return "", nil
	case "of-tea":
		return "tea", nil
	case "automatic":
		return "", fault.New(fault.FailedPrecondition, "test.coupon", "wants none")
	case "broken":
		return "", fault.New(fault.Unavailable, "test.down", "is down")
	}
	return "", fault.New(fault.NotFound, "test.missing", "no such promotion")
}

// limiter allows a number of attempts in all.
type limiter struct{ n, most int }

func (l *limiter) Attempt(_ context.Context, _ ref.Scope, _ string) error {
	if l.n++; l.n > l.most {
		return fault.New(fault.RateLimited, "test.throttled", "too many attempts").With("retry_after", 60)
	}
	return nil
}

func (l *limiter) Succeeded(context.Context, ref.Scope) error {
	l.n = 0
	return nil
}

type orders map[ref.GroupID]coupon.Standing

func (o orders) Standing(_ context.Context, g ref.GroupID) (coupon.Standing, error) {
	s, ok := o[g]
	if !ok {
		return s, fault.New(fault.NotFound, "order.not_found", "no such group")
	}
	return s, nil
}

type rewards map[ref.GroupID][]coupon.Reward

func (r rewards) Coupons(_ context.Context, g ref.GroupID) ([]coupon.Reward, error) { return r[g], nil }

// terms are good ones of the site.
func terms(way coupon.Way) coupon.Terms {
	return coupon.Terms{Promotion: "of-site", Name: "10 off 100", Way: way, Validity: coupon.Validity{Days: 7}}
}

// opened is an active template.
func (b bundle) opened(t require.TestingT, in coupon.Terms) coupon.Template {
	ctx := context.Background()
	tpl, err := b.Create(ctx, staff(), coupon.CreateInput{Terms: in})
	require.NoError(t, err)
	tpl, err = b.Activate(ctx, staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)
	return tpl
}

func (b bundle) hold(ctx context.Context, group ref.GroupID, member ref.MemberID, ids ...coupon.ID) error {
	return b.stores.Units.Do(ctx, func(ctx context.Context) error {
		return b.Hold(ctx, coupon.Holding{Group: group, Member: member, IDs: ids, At: b.clock.Now()})
	})
}

func (b bundle) settle(ctx context.Context, group ref.GroupID, o coupon.Outcome) (moved []coupon.Coupon, err error) {
	err = b.stores.Units.Do(ctx, func(ctx context.Context) error {
		moved, err = b.Settle(ctx, group, o, b.clock.Now())
		return err
	})
	return moved, err
}

func (b bundle) react(ctx context.Context, r event.Record) error {
	return b.stores.Units.Do(ctx, func(ctx context.Context) error { return b.React(ctx, r) })
}

// happened is a record of another domain.
func (b bundle) happened(topic, name, payload string) event.Record {
	return event.Record{ID: "e", Topic: topic, Name: name, Payload: []byte(payload), At: b.clock.Now()}
}

// sound requires that counts follow from the coupons.
func (b bundle) sound(t require.TestingT) {
	wrong, err := b.Verify(context.Background(), 10)
	require.NoError(t, err)
	require.Empty(t, wrong)
}

// eventLog notes the names of what is appended to a log.
type eventLog struct {
	event.Appender
	mu    sync.Mutex
	names map[string]int
}

func (l *eventLog) Append(ctx context.Context, recs ...event.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range recs {
		l.names[r.Name]++
	}
	return l.Appender.Append(ctx, recs...)
}

func codeOf(t *testing.T, err error, kind fault.Kind) (code, reason string) {
	t.Helper()
	require.ErrorIs(t, err, kind)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	reason, _ = f.Params["reason"].(string)
	return f.Code, reason
}
