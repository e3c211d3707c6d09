package member_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
)

const goodPassword = "correct horse battery"

// eventLog records what was appended.
type eventLog struct {
	mu   sync.Mutex
	recs []event.Record
}

func (l *eventLog) Append(_ context.Context, recs ...event.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recs = append(l.recs, recs...)
	return nil
}

func (l *eventLog) names() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []string
	for _, r := range l.recs {
		out = append(out, r.Name)
	}
	return out
}

type bundle struct {
	*member.Service
	stores storage.Stores
	clock  *clock.Manual
	log    *eventLog
}

func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{
		stores: memory.New().Stores(), log: &eventLog{},
		clock: clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)),
	}
	throttle, err := member.NewThrottle(member.ThrottleConfig{
		Store: b.stores.SignInAttempts, Clock: b.clock, PerAccount: 3, PerOrigin: 5,
	})
	require.NoError(t, err)
	b.Service, err = member.NewService(member.Config{
		Store: b.stores.Members, Books: b.stores.AddressBooks, Units: b.stores.Units, Events: b.log,
		Limiter: throttle, Clock: b.clock,
	})
	require.NoError(t, err)
	return b
}

// taken registers a member without a password, as staff does.
func (b bundle) taken(t *testing.T, email string) member.Member {
	t.Helper()
	m, err := b.Register(t.Context(), ref.Staff("ann"), member.RegisterInput{Email: email})
	require.NoError(t, err)
	return m
}

func (b bundle) joined(t *testing.T, email string) member.Member {
	t.Helper()
	m, err := b.Register(t.Context(), ref.Guest("visitor"), member.RegisterInput{
		Email: email, Password: goodPassword, Name: "Li Lei", Phone: "+86 138 0013 8000", Locale: "zh-CN",
	})
	require.NoError(t, err)
	return m
}

func home() address.Address {
	return address.Address{
		Name: "Ann Lee", Phone: "+1 212 555 2368", Country: "US", Region: "NY", City: "New York",
		Line1: "1 Main Street", PostalCode: "10001",
	}
}
