package payment

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/commerce/uow"
)

// Config is what a [Service] is made of.
type Config struct {
	// Store keeps the intents. Required.
	Store Store
	// Refunds keeps the refunds. Required.
	Refunds RefundStore
	// Notices keeps what providers sent. Required.
	Notices NoticeStore
	// Cases keeps what a person has to look at. Required.
	Cases CaseStore
	// Units runs the units of work of the backend of the stores. Required.
	Units uow.Manager
	// Events is the log of the same backend. Required.
	Events event.Appender
	// Subject is what is paid for. Required.
	Subject Subject
	// Gateways are the providers, each under the code of its Caps. A gateway
	// that still has open attempts must stay listed. Defaults to none: then
	// only what costs nothing can be paid.
	Gateways []Gateway
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// IDs mints ids. Defaults to UUIDv7 on Clock.
	IDs uid.Generator
	// Log gets ids, states and codes, never a body. Defaults to silence.
	Log *slog.Logger
	// CallTimeout bounds a provider's call where its Caps name no timeout.
	// Defaults to 30 s.
	CallTimeout time.Duration
	// RecordTimeout bounds the writing down of a call's outcome, which goes on
	// when the caller has gone. Defaults to 10 s.
	RecordTimeout time.Duration
	// ClaimFor is how long a sweeper keeps others from what it took up.
	// Defaults to 2 min; longer than two calls and their recording.
	ClaimFor time.Duration
	// SweepCalls bounds how many calls of one gateway a sweep makes at a time.
	// Defaults to 4.
	SweepCalls int
	// AlertAfter is when an attempt or refund without a definite answer becomes
	// a case. Defaults to 30 min.
	AlertAfter time.Duration
	// MaxAttempts bounds the tries to pay one intent. Defaults to 20.
	MaxAttempts int
}

// Service takes and gives back money. Reads are strong.
type Service struct {
	cfg      Config
	gateways map[string]provider
}

// provider is a gateway with its powers, found once.
type provider struct {
	Gateway
	caps     Caps
	refunder Refunder
	notifier Notifier
	capturer Capturer
}

// NewService returns a service, or an error that names everything that is
// wrong with cfg.
func NewService(cfg Config) (*Service, error) {
	var wrong []error
	need := func(ok bool, text string) {
		if !ok {
			wrong = append(wrong, errors.New("payment.Config."+text))
		}
	}
	need(cfg.Store != nil, "Store is required")
	need(cfg.Refunds != nil, "Refunds is required")
	need(cfg.Notices != nil, "Notices is required")
	need(cfg.Cases != nil, "Cases is required")
	need(cfg.Units != nil, "Units is required")
	need(cfg.Events != nil, "Events is required")
	need(cfg.Subject != nil, "Subject is required")
	need(cfg.CallTimeout >= 0 && cfg.RecordTimeout >= 0 && cfg.ClaimFor >= 0 && cfg.AlertAfter >= 0 &&
		cfg.MaxAttempts >= 0 && cfg.SweepCalls >= 0, "durations, MaxAttempts and SweepCalls must not be negative")
	s := &Service{cfg: cfg, gateways: map[string]provider{}}
	s.defaults()
	for i, gw := range cfg.Gateways {
		if gw == nil {
			need(false, "Gateways["+itoa(int64(i))+"] is nil")
			continue
		}
		caps := gw.Caps()
		_, taken := s.gateways[caps.Code]
		need(validCode(caps.Code), "Gateways["+itoa(int64(i))+"] has a malformed code")
		need(!taken, "Gateways["+itoa(int64(i))+"] has a code that is taken: "+caps.Code)
		if caps.Terms == "" {
			caps.Terms = TermsImmediate
		}
		if caps.CallTimeout <= 0 {
			caps.CallTimeout = s.cfg.CallTimeout
		}
		p := provider{Gateway: gw, caps: caps}
		p.refunder, _ = As[Refunder](gw)
		p.notifier, _ = As[Notifier](gw)
		p.capturer, _ = As[Capturer](gw)
		s.gateways[caps.Code] = p
	}
	return s, errors.Join(wrong...)
}

func (s *Service) defaults() {
	c := &s.cfg
	if c.Clock == nil {
		c.Clock = clock.System{}
	}
	if c.IDs == nil {
		c.IDs = uid.NewV7(c.Clock)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		field *time.Duration
		def   time.Duration
	}{
		{&c.CallTimeout, 30 * time.Second},
		{&c.RecordTimeout, 10 * time.Second},
		{&c.ClaimFor, 2 * time.Minute},
		{&c.AlertAfter, 30 * time.Minute},
	} {
		if *d.field == 0 {
			*d.field = d.def
		}
	}
	if c.SweepCalls == 0 {
		c.SweepCalls = 4
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = 20
	}
}

func validCode(code string) bool {
	for _, r := range code {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-' {
			return false
		}
	}
	return len(code) >= 1 && len(code) <= 32
}

// Gateways describes the configured gateways, by code.
func (s *Service) Gateways() []Caps {
	out := make([]Caps, 0, len(s.gateways))
	for _, code := range slices.Sorted(maps.Keys(s.gateways)) {
		out = append(out, s.gateways[code].caps)
	}
	return out
}

func (s *Service) queryable(gateway string) bool { return !s.gateways[gateway].caps.NoQuery }

// Get returns an intent that the scope may see. NotFound.
func (s *Service) Get(ctx context.Context, scope ref.Scope, id IntentID) (Intent, error) {
	if !ref.ValidID(string(id)) {
		return Intent{}, missingIntent(id)
	}
	in, err := s.cfg.Store.Get(ctx, id)
	if err != nil {
		return Intent{}, err
	}
	if !scope.Owns(in.Member, in.Guest) {
		return Intent{}, missingIntent(id)
	}
	return in, nil
}

// History returns what happened to an intent that the scope may see, oldest
// first. NotFound.
func (s *Service) History(ctx context.Context, scope ref.Scope, id IntentID) ([]Event, error) {
	if _, err := s.Get(ctx, scope, id); err != nil {
		return nil, err
	}
	return s.cfg.Store.History(ctx, id)
}

// RefundsOf returns the refunds of an intent that the scope may see, oldest
// first. NotFound.
func (s *Service) RefundsOf(ctx context.Context, scope ref.Scope, id IntentID) ([]Refund, error) {
	if _, err := s.Get(ctx, scope, id); err != nil {
		return nil, err
	}
	return s.cfg.Refunds.ByIntent(ctx, id)
}

// RefundsOfCapture returns the refunds of the money that pays an intent, oldest
// first: what was taken twice or too late goes back beside them. NotFound.
func (s *Service) RefundsOfCapture(ctx context.Context, scope ref.Scope, id IntentID) ([]Refund, error) {
	in, err := s.Get(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	all, err := s.cfg.Refunds.ByIntent(ctx, id)
	paid, _ := in.Counted()
	return slices.DeleteFunc(all, func(r Refund) bool {
		return !slices.ContainsFunc(r.Legs, func(l RefundLeg) bool { return l.Attempt == paid.ID })
	}), err
}

// List pages through intents, newest first. Staff and system only. Kinds:
// PermissionDenied, Invalid.
func (s *Service) List(ctx context.Context, scope ref.Scope, q Query, p page.Request) (page.Page[Intent], error) {
	if !scope.All() {
		return page.Page[Intent]{}, denied()
	}
	if err := checkNames("payment.query", map[string]string{"group": string(q.Group), "state": string(q.State)}); err != nil {
		return page.Page[Intent]{}, err
	}
	return s.cfg.Store.List(ctx, q, p)
}

func (s *Service) recorder(id IntentID, now time.Time) recorder {
	return recorder{intent: id, now: now, newID: s.cfg.IDs.New, alertIn: s.cfg.AlertAfter}
}

// onDelivery reports whether a gateway's money comes with the goods.
func (s *Service) onDelivery(gateway string) bool {
	return s.gateways[gateway].caps.Terms == TermsOnDelivery
}

func (s *Service) newChange(in *Intent, now time.Time) *change {
	return &change{recorder: s.recorder(in.ID, now), in: in, attempts: s.cfg.MaxAttempts, onDelivery: s.onDelivery}
}

func missingIntent(id IntentID) error {
	return fault.New(fault.NotFound, "payment.not_found", "no such payment").With("id", string(id))
}

func denied() error {
	return fault.New(fault.PermissionDenied, "payment.denied", "only the site's staff may do this")
}
