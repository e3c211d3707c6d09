package shelf

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// buffer holds what waits to be written.
type buffer struct {
	signals     []recommend.Event
	impressions []Impression
	marks       []mark
	arrivals    []arrival
	dropped     int
}

// arrival is that a member signed in where a guest was.
type arrival struct {
	session string
	member  ref.MemberID
	at      time.Time
	told    bool // the store was
}

// mark is something that speaks for impressions: those of a request, or the
// newest one that showed a product to somebody.
type mark struct {
	kind     markKind
	request  string
	strategy string // whose impression alone it is; empty for all of the request
	member   ref.MemberID
	session  string
	product  ref.ProductID
	order    ref.OrderID
	revenue  money.Money // of the product in the order
	at       time.Time
	noted    time.Time // of an order, which may be told long after at
}

// waits reports whether a mark that speaks for nothing yet is tried again.
func (m mark) waits(now time.Time) bool {
	since := m.noted
	if since.IsZero() {
		since = m.at
	}
	return now.Sub(since) < settle
}

type markKind int

const (
	markSeen markKind = iota
	markClick
	markCart
	markOrder
)

// add appends to a list of the buffer and drops the oldest beyond its bound.
// The lock is held.
func add[T any](s *Service, list *[]T, more ...T) {
	*list = append(*list, more...)
	if over := len(*list) - s.cfg.Buffer; over > 0 {
		*list = append((*list)[:0:0], (*list)[over:]...)
		s.buffer.dropped += over
	}
}

func (s *Service) shown(r Request, i Impression) {
	s.mu.Lock()
	defer s.mu.Unlock()
	add(s, &s.buffer.impressions, i)
	if r.Seen {
		add(s, &s.buffer.marks, mark{
			kind: markSeen, request: i.Request, strategy: i.Strategy, member: i.Member, session: i.Session, at: i.At,
		})
	}
}

// MaxNotes is how many products or requests one call notes at most.
const MaxNotes = 100

// Seen notes that shelves were on the visitor's screen. Kinds: Invalid.
func (s *Service) Seen(v recommend.Visitor, requests ...string) error {
	if err := checkNotes("requests", requests); err != nil {
		return err
	}
	now := s.cfg.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range requests {
		add(s, &s.buffer.marks, mark{kind: markSeen, request: r, member: v.Member, session: v.Session, at: now})
	}
	return nil
}

// Click notes that the visitor followed a product of a shelf. Kinds: Invalid.
func (s *Service) Click(v recommend.Visitor, request string, product ref.ProductID) error {
	if err := checkNotes("request", []string{request, string(product)}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	add(s, &s.buffer.marks, mark{
		kind: markClick, request: request, member: v.Member, session: v.Session, product: product, at: s.cfg.Clock.Now(),
	})
	return nil
}

// checkNotes refuses what nobody can have been shown.
func checkNotes(path string, names []string) error {
	var v fault.Violations
	if len(names) > MaxNotes {
		v.Add(path, "too_many", fault.Params{"max": MaxNotes})
		names = nil
	}
	for _, n := range names {
		if !validName(n) {
			v.Add(path, "malformed", nil)
			break
		}
	}
	return v.Err("shelf.note", "that cannot be noted")
}

// Viewed notes that the visitor looked at products. Kinds: Invalid.
func (s *Service) Viewed(v recommend.Visitor, products ...ref.ProductID) error {
	return s.signal(recommend.View, v, products)
}

// Carted notes that the visitor put products into a cart. Kinds: Invalid.
func (s *Service) Carted(v recommend.Visitor, products ...ref.ProductID) error {
	if err := s.signal(recommend.CartAdd, v, products); err != nil {
		return err
	}
	now := s.cfg.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range products {
		add(s, &s.buffer.marks, mark{kind: markCart, member: v.Member, session: v.Session, product: p, at: now})
	}
	return nil
}

// Hide notes that the visitor does not want to see products again. Hiding the same
// one again on one day adds nothing. Kinds: Invalid.
func (s *Service) Hide(v recommend.Visitor, products ...ref.ProductID) error {
	return s.signal(recommend.Hide, v, products)
}

func (s *Service) signal(kind recommend.Kind, v recommend.Visitor, products []ref.ProductID) error {
	if len(products) > MaxNotes {
		var wrong fault.Violations
		wrong.Add("products", "too_many", fault.Params{"max": MaxNotes})
		return wrong.Err("shelf.note", "that cannot be noted")
	}
	now := s.cfg.Clock.Now()
	events := make([]recommend.Event, len(products))
	for i, p := range products {
		events[i] = recommend.Event{ID: s.cfg.IDs.New(), Kind: kind, Visitor: v, Product: p, At: now}
		if kind == recommend.Hide {
			events[i].ID = hideID(v, p, s.dayOf(now))
		}
		events[i].Visitor.Segments = append([]recommend.Segment(nil), v.Segments...)
	}
	if err := recommend.Validate(events...); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	add(s, &s.buffer.signals, events...)
	return nil
}

// hideID is the id of all hides of a product by a visitor on one day, for these are
// kept for long. Whoever is forgotten cannot be read from it.
func hideID(v recommend.Visitor, p ref.ProductID, day string) string {
	who := "member " + string(v.Member)
	if v.Member == "" {
		who = "session " + v.Session
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{who, string(p), day}, "\n")))
	return "hide " + hex.EncodeToString(sum[:16])
}

// segmentsKey is the key of the segments in a context.
type segmentsKey struct{}

// In returns a context of a visitor of the segments: what they put into a cart
// with it counts there. A host that knows more of visitors than the storefront
// and whether they signed in, such as their region, says so with it.
func In(ctx context.Context, segments ...recommend.Segment) context.Context {
	return context.WithValue(ctx, segmentsKey{}, slices.Clone(segments))
}

// segmentsIn returns the segments of a context, or those of anybody in a
// storefront.
func segmentsIn(ctx context.Context, scope ref.Scope, channel ref.ChannelID) []recommend.Segment {
	if named, _ := ctx.Value(segmentsKey{}).([]recommend.Segment); len(named) > 0 {
		return named
	}
	who := recommend.GuestVisitor
	if scope.Member() != "" {
		who = recommend.MemberVisitor
	}
	if s := recommend.InShop(channel, who); s != "" {
		return []recommend.Segment{s}
	}
	return nil
}

// SignedIn is told which member turned out to be a guest: the service is a
// cart.Greeter. What the guest was shown within the window is the member's from
// the next [Service.Flush] on, so that a click, a cart or an order of the member
// speaks for it. It writes nothing at once.
func (s *Service) SignedIn(_ context.Context, member, guest ref.Scope) {
	a := arrival{session: guest.Guest(), member: member.Member(), at: s.cfg.Clock.Now()}
	if a.session == "" || a.member == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	add(s, &s.buffer.arrivals, a)
}

// Added is told of products that a buyer put into a cart: the service is a
// cart.Watcher. They count in the segments of [In], or in those of the
// storefront and of members or guests. It writes nothing at once.
func (s *Service) Added(ctx context.Context, scope ref.Scope, channel ref.ChannelID, products []ref.ProductID) {
	v := VisitorOf(scope)
	if v.Member == "" && v.Session == "" {
		return // staff, for somebody
	}
	v.Segments = segmentsIn(ctx, scope, channel)
	for some := range slices.Chunk(products, MaxNotes) {
		if err := s.Carted(v, some...); err != nil {
			s.cfg.Log.WarnContext(ctx, "shelf: what was put into a cart cannot be noted", "error", err)
		}
	}
}
