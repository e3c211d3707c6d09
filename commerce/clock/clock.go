package clock

import (
	"sync"
	"time"
)

// Clock tells the time: UTC, truncated to microseconds. Implementations are
// safe for concurrent use.
type Clock interface {
	Now() time.Time
}

// System reads the machine's clock.
type System struct{}

// Now returns the current time.
func (System) Now() time.Time { return Normalize(time.Now()) }

// Normalize returns t in UTC, truncated to microseconds and without a
// monotonic reading: the form in which every stored time comes back.
func Normalize(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// Manual is a clock that moves only when told to. The zero value is not
// ready: use [NewManual].
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual returns a clock that stands at start.
func NewManual(start time.Time) *Manual { return &Manual{now: Normalize(start)} }

// Now returns the time at which the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock by d, which may be negative, and returns the new
// reading.
func (m *Manual) Advance(d time.Duration) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = Normalize(m.now.Add(d))
	return m.now
}

// Set moves the clock to t.
func (m *Manual) Set(t time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = Normalize(t)
}
