package uid

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/clock"
)

// Generator mints unique ids of at most 64 bytes. Implementations are safe
// for concurrent use.
type Generator interface {
	New() string
}

// V7 mints UUIDv7. Within one V7 ids are strictly increasing, also where the
// clock stands still or steps back: the 12 bits below the milliseconds count
// up from a random start (RFC 9562, section 6.2, method 1).
type V7 struct {
	clock clock.Clock
	mu    sync.Mutex
	last  uint64 // milliseconds << 12 | counter
}

// NewV7 returns a generator on the given clock; nil means the system's.
func NewV7(c clock.Clock) *V7 {
	if c == nil {
		c = clock.System{}
	}
	return &V7{clock: c}
}

// New returns a UUID in its canonical text form.
func (g *V7) New() string {
	var b [16]byte
	// crypto/rand.Read never fails on the platforms Go supports (Go 1.24).
	_, _ = rand.Read(b[6:])

	g.mu.Lock()
	next := millis(g.clock.Now())<<12 | uint64(binary.BigEndian.Uint16(b[6:8])&0x7ff)
	if next <= g.last {
		next = g.last + 1
	}
	g.last = next
	g.mu.Unlock()

	// 48 bits of milliseconds, 4 of version, 12 of counter, 2 of variant.
	binary.BigEndian.PutUint64(b[:8], next>>12<<16|0x7000|next&0xfff)
	b[8] = b[8]&0x3f | 0x80
	return format(b)
}

// millis returns the 48 bits of time; a clock that is set outside 1970 to
// 10889 counts as standing at the edge.
func millis(t time.Time) uint64 {
	return uint64(min(max(t.UnixMilli(), 0), 1<<48-1))
}

func format(b [16]byte) string {
	var t [36]byte
	hex.Encode(t[0:8], b[0:4])
	t[8] = '-'
	hex.Encode(t[9:13], b[4:6])
	t[13] = '-'
	hex.Encode(t[14:18], b[6:8])
	t[18] = '-'
	hex.Encode(t[19:23], b[8:10])
	t[23] = '-'
	hex.Encode(t[24:36], b[10:16])
	return string(t[:])
}

// Sequence mints prefix-000001, prefix-000002, ...: for tests and examples.
type Sequence struct {
	prefix string
	mu     sync.Mutex
	n      int
}

// NewSequence returns a generator that counts from 1.
func NewSequence(prefix string) *Sequence { return &Sequence{prefix: prefix} }

// New returns the next id.
func (s *Sequence) New() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return fmt.Sprintf("%s-%06d", s.prefix, s.n)
}
