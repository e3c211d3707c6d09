package member

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
)

// Limiter bounds how often passwords are guessed. [Throttle] is the one that
// counts in the store; a host may put its own in front of it or in its place.
type Limiter interface {
	// Attempt counts one attempt for an account, which need not exist, and for
	// where it comes from, where that is known. It is called before the
	// password is looked at and outside any unit of work, so that a refused
	// sign-in counts. RateLimited, with the parameter "retry_after" in seconds.
	Attempt(ctx context.Context, account, origin string) error
	// Succeeded forgets the attempts for an account.
	Succeeded(ctx context.Context, account string) error
}

// ThrottleConfig is what a [Throttle] is made of.
type ThrottleConfig struct {
	// Store keeps the counts. Required.
	Store AttemptStore
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// Window is how long attempts count. Defaults to 15 minutes.
	Window time.Duration
	// PerAccount is how many attempts an account has in a window. Defaults to 10.
	PerAccount int
	// PerOrigin is how many attempts an origin has in a window, for all
	// accounts together. Defaults to 100.
	PerOrigin int
}

// Throttle is the [Limiter] that counts in the store. An account that nobody
// has is limited like any other, so that a refusal tells nothing.
type Throttle struct{ cfg ThrottleConfig }

var _ Limiter = (*Throttle)(nil)

// NewThrottle returns a Throttle, or an error that names every wrong field.
func NewThrottle(cfg ThrottleConfig) (*Throttle, error) {
	var wrong []error
	if cfg.Store == nil {
		wrong = append(wrong, errors.New("member.ThrottleConfig.Store is required"))
	}
	if cfg.Window < 0 || cfg.PerAccount < 0 || cfg.PerOrigin < 0 {
		wrong = append(wrong, errors.New("member.ThrottleConfig: Window, PerAccount and PerOrigin may not be negative"))
	}
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	if cfg.Window == 0 {
		cfg.Window = 15 * time.Minute
	}
	if cfg.PerAccount == 0 {
		cfg.PerAccount = 10
	}
	if cfg.PerOrigin == 0 {
		cfg.PerOrigin = 100
	}
	return &Throttle{cfg: cfg}, nil
}

// Attempt implements [Limiter].
func (t *Throttle) Attempt(ctx context.Context, account, origin string) error {
	now := t.cfg.Clock.Now()
	limits := map[string]int{digest("account", account): t.cfg.PerAccount}
	if origin != "" {
		limits[digest("origin", origin)] = t.cfg.PerOrigin
	}
	keys := make([]string, 0, len(limits))
	for k := range limits {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	counts, err := t.cfg.Store.Count(ctx, keys, now, t.cfg.Window)
	if err != nil {
		return err
	}
	var wait time.Duration
	for _, c := range counts {
		if c.N > limits[c.Key] {
			wait = max(wait, c.Since.Add(t.cfg.Window).Sub(now))
		}
	}
	if wait > 0 {
		return fault.New(fault.RateLimited, "member.throttled", "too many attempts; wait before the next one").
			With("retry_after", int64((wait+time.Second-1)/time.Second))
	}
	return nil
}

// Succeeded implements [Limiter].
func (t *Throttle) Succeeded(ctx context.Context, account string) error {
	return t.cfg.Store.Clear(ctx, []string{digest("account", account)})
}

// Purge deletes at most limit counts whose window is over and returns how
// many: a chore for a worker.
func (t *Throttle) Purge(ctx context.Context, limit int) (int, error) {
	return t.cfg.Store.Purge(ctx, t.cfg.Clock.Now().Add(-t.cfg.Window), limit)
}

// digest keeps addresses of people out of the table of counts.
func digest(kind, value string) string {
	sum := sha256.Sum256([]byte("souk attempt " + kind + " " + value))
	return base64.RawURLEncoding.EncodeToString(sum[:24])
}
