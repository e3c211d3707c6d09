package fakepay

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
)

// Config is what a [Bank] is made of; the zero value is ready.
type Config struct {
	// Code is the gateway's code. Defaults to "fakepay".
	Code string
	// Plan is how payments are treated that have no other. Defaults to Approve.
	Plan Plan
	// PayPage is the address of the page where the buyer decides; the number of
	// the payment is added as the parameter "number". Defaults to
	// "https://fakepay.invalid/pay".
	PayPage string
	// Secrets sign and verify notices; the first signs, all verify, so that
	// they can be changed without losing any. Defaults to one that is known to
	// everybody.
	Secrets [][]byte
	// Journal keeps what the bank knows. Defaults to memory.
	Journal Journal
	// Clock tells the time. Defaults to the system's.
	Clock clock.Clock
	// NoRefund takes the power to refund away.
	NoRefund bool
	// CallTimeout is named in Caps. Defaults to 5 s.
	CallTimeout time.Duration
}

// Bank is a provider with its own books. It is safe for concurrent use.
type Bank struct {
	cfg Config

	mu        sync.Mutex
	payments  map[string]*Payment
	returning map[string][]string // numbers by ReturnURL, the oldest first
	refunds   map[string]*Refund
	notices   []queued
	seq       int
	plans     []Plan
	troubles  map[Call][]Trouble
}

// Payment is what the bank's books say about one number.
type Payment struct {
	Number    string               `json:"number"`
	Ref       string               `json:"ref"`
	State     payment.AttemptState `json:"state"`
	Amount    money.Money          `json:"amount"`
	Body      string               `json:"body"` // digest of what was asked
	ReturnURL string               `json:"return_url,omitempty"`
	Manual    bool                 `json:"manual,omitempty"`
	Taken     int64                `json:"taken"`    // minor units, really taken
	Returned  int64                `json:"returned"` // minor units, given back
	ExpiresAt time.Time            `json:"expires_at"`
}

// Refund is what the bank's books say about one refund.
type Refund struct {
	Number  string      `json:"number"`
	Ref     string      `json:"ref"`
	Payment string      `json:"payment"`
	Amount  money.Money `json:"amount"`
}

// line is one entry of the journal: the newest state of one thing.
type line struct {
	Seq     int      `json:"seq"`
	Payment *Payment `json:"payment,omitempty"`
	Refund  *Refund  `json:"refund,omitempty"`
}

// Open returns a bank that knows what its journal knows. Kinds: Invalid for a
// bad Config; the journal's errors.
func Open(ctx context.Context, cfg Config) (*Bank, error) {
	b := newBank(cfg)
	if err := b.cfg.check(); err != nil {
		return nil, err
	}
	if b.cfg.Journal == nil {
		return b, nil
	}
	return b, b.cfg.Journal.Load(ctx, b.replay)
}

// New returns a bank with the zero Config: in memory, for tests and demos.
func New() *Bank { return newBank(Config{}) }

// NewAt is New by another clock than the system's.
func NewAt(c clock.Clock) *Bank { return newBank(Config{Clock: c}) }

func newBank(cfg Config) *Bank {
	cfg.Code = cmp.Or(cfg.Code, "fakepay")
	cfg.Plan = cmp.Or(cfg.Plan, Approve)
	cfg.PayPage = cmp.Or(cfg.PayPage, "https://fakepay.invalid/pay")
	cfg.CallTimeout = cmp.Or(cfg.CallTimeout, 5*time.Second)
	if len(cfg.Secrets) == 0 {
		cfg.Secrets = [][]byte{[]byte("fakepay: nothing secret about it")}
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.System{}
	}
	return &Bank{
		cfg: cfg, payments: map[string]*Payment{}, returning: map[string][]string{}, refunds: map[string]*Refund{}, troubles: map[Call][]Trouble{},
	}
}

func (c Config) check() error {
	var v fault.Violations
	if !slices.Contains([]Plan{Approve, Ask, Refuse, Slow, Authorize}, c.Plan) {
		v.Add("Plan", "unknown", nil)
	}
	if _, err := url.Parse(c.PayPage); err != nil {
		v.Add("PayPage", "malformed", nil)
	}
	for _, s := range c.Secrets {
		if len(s) == 0 {
			v.Add("Secrets", "empty", nil)
		}
	}
	if c.CallTimeout < 0 {
		v.Add("CallTimeout", "negative", nil)
	}
	return v.Err("fakepay.config", "the bank cannot be opened like this")
}

func (b *Bank) replay(raw []byte) error {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return fmt.Errorf("fakepay: the journal is damaged: %w", err)
	}
	b.seq = max(b.seq, l.Seq)
	if l.Payment != nil {
		b.enter(l.Payment)
	}
	if l.Refund != nil {
		b.refunds[l.Refund.Number] = l.Refund
	}
	return nil
}

// commit writes entries to the journal and, if it took them, to the books;
// b.mu is held.
func (b *Bank) commit(ctx context.Context, lines ...line) error {
	if b.cfg.Journal != nil {
		raw := make([][]byte, len(lines))
		for i, l := range lines {
			l.Seq = b.seq
			var err error
			if raw[i], err = json.Marshal(l); err != nil {
				return fmt.Errorf("fakepay: write the journal: %w", err)
			}
		}
		// Once begun, an entry is written whatever becomes of the caller.
		if err := b.cfg.Journal.Append(context.WithoutCancel(ctx), raw...); err != nil {
			return err
		}
	}
	for _, l := range lines {
		if l.Payment != nil {
			p := *l.Payment
			b.enter(&p)
		}
		if l.Refund != nil {
			r := *l.Refund
			b.refunds[r.Number] = &r
		}
	}
	return nil
}

// enter puts the newest state of a payment into the books; b.mu is held.
func (b *Bank) enter(p *Payment) {
	if _, known := b.payments[p.Number]; !known && p.ReturnURL != "" {
		b.returning[p.ReturnURL] = append(b.returning[p.ReturnURL], p.Number)
	}
	b.payments[p.Number] = p
}

func (b *Bank) mint(kind string) string {
	b.seq++
	return fmt.Sprintf("%s_%06d", kind, b.seq)
}

// lookup returns a copy of a payment, closed if the time to approve it is over;
// b.mu is held.
func (b *Bank) lookup(number string) (Payment, bool) {
	p, ok := b.payments[number]
	if !ok {
		return Payment{}, false
	}
	c := *p
	over := !c.ExpiresAt.IsZero() && !b.cfg.Clock.Now().Before(c.ExpiresAt)
	if over && !c.State.Definite() && c.State != payment.AttemptAuthorized {
		c.State = payment.AttemptClosed
	}
	return c, true
}

// Find returns what the books say about a payment. NotFound.
func (b *Bank) Find(number string) (Payment, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.lookup(number)
	if !ok {
		return Payment{}, noSuchPayment(number)
	}
	return p, nil
}

// Payments returns the books, by number.
func (b *Bank) Payments() []Payment {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Payment, 0, len(b.payments))
	for _, number := range slices.Sorted(maps.Keys(b.payments)) {
		p, _ := b.lookup(number)
		out = append(out, p)
	}
	return out
}

// Returning returns the payments whose buyers go back to an address: the tries
// to pay one thing, the oldest first.
func (b *Bank) Returning(address string) []Payment {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Payment, 0, len(b.returning[address]))
	for _, number := range b.returning[address] {
		p, _ := b.lookup(number)
		out = append(out, p)
	}
	return out
}

// Refunds returns the refunds in the books, by number.
func (b *Bank) Refunds() []Refund {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Refund, 0, len(b.refunds))
	for _, number := range slices.Sorted(maps.Keys(b.refunds)) {
		out = append(out, *b.refunds[number])
	}
	return out
}

// Net returns what the bank has taken and not given back, in minor units.
func (b *Bank) Net(currency money.Currency) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	var net int64
	for _, p := range b.payments {
		if p.Amount.Currency() == currency {
			net += p.Taken - p.Returned
		}
	}
	return net
}

// Approve is what the buyer does on the pay page: the money is taken and a
// notice is queued. Approving again changes nothing. Kinds: NotFound;
// FailedPrecondition where it can no longer be paid.
func (b *Bank) Approve(ctx context.Context, number string) error {
	return b.decide(ctx, number, payment.AttemptCaptured)
}

// Decline is the buyer's bank saying no on the pay page. Kinds as for Approve.
func (b *Bank) Decline(ctx context.Context, number string) error {
	return b.decide(ctx, number, payment.AttemptDeclined)
}

func (b *Bank) decide(ctx context.Context, number string, to payment.AttemptState) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.lookup(number)
	switch {
	case !ok:
		return noSuchPayment(number)
	case p.State == to || (p.State == payment.AttemptAuthorized && to == payment.AttemptCaptured):
		return nil
	case p.State != payment.AttemptActionRequired && p.State != payment.AttemptPending:
		return fault.New(fault.FailedPrecondition, "fakepay.over", "this payment is over").
			With("number", number).With("state", string(p.State))
	}
	p.State = to
	if to == payment.AttemptCaptured {
		if p.Manual {
			p.State = payment.AttemptAuthorized
		} else {
			p.Taken = p.Amount.Minor()
		}
	}
	if err := b.commit(ctx, line{Payment: &p}); err != nil {
		return err
	}
	b.queuePayment(p)
	return nil
}

func noSuchPayment(number string) error {
	return fault.New(fault.NotFound, "fakepay.not_found", "the bank has no such payment").With("number", number)
}

// wait blocks until the caller gives up.
func wait(ctx context.Context) error {
	<-ctx.Done()
	return payment.Fail(payment.Unknown, "timeout", ctx.Err())
}

// errLost is an answer that never came.
func errLost() error {
	return payment.Fail(payment.Unknown, "lost", errors.New("fakepay: the answer was lost"))
}
