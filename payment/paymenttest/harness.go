package paymenttest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/uid"
	"github.com/soukhq/souk/payment"
)

// T is what a case needs of *testing.T; the suite's own test hands in a
// recorder instead.
type T interface {
	require.TestingT
	Helper()
	Cleanup(fn func())
	Context() context.Context
}

// Lack names what a provider cannot do, or a rig cannot make it do.
type Lack string

// The lacks.
const (
	Instant       Lack = "takes nothing at once"
	Decline       Lack = "declines nothing by itself"
	Wait          Lack = "lets nothing wait" // nor, then, does the buyer act or time pass
	Action        Lack = "asks the buyer for nothing"
	Query         Lack = "keeps no record to be asked"
	Memory        Lack = "cannot tell a number that was used from a new one"
	Expiry        Lack = "closes nothing by time"
	Capture       Lack = "authorises nothing"
	Refund        Lack = "gives nothing back by itself"
	PartialRefund Lack = "gives back all or nothing"
	Notify        Lack = "sends nothing by itself"
	Window        Lack = "puts no time into its notices"
	Trouble       Lack = "is never out of reach"
	Books         Lack = "does not tell what it took"
)

// Way is how the next payment goes.
type Way string

// The ways.
const (
	Approve Way = "approve" // taken at once
	Refuse  Way = "refuse"  // declined at once
	Ask     Way = "ask"     // waits, for the buyer or the bank
)

// Call names a call of the gateway for trouble.
type Call string

// The calls.
const (
	Pay       Call = "pay"
	Cancel    Call = "cancel"
	PayBack   Call = "refund"
	TakeReady Call = "capture" // of what was authorised
)

// Mishap is what happens to the next call.
type Mishap string

// The mishaps.
const (
	TurnedAway Mishap = "turned away" // refused before anything happened
	LostThere  Mishap = "lost there"  // the request does not arrive
	LostBack   Mishap = "lost back"   // it takes effect, the answer does not arrive
	NoAnswer   Mishap = "no answer"   // it takes effect, the provider goes silent
)

// Rig is a fresh gateway beside the handles of its provider. A handle may be
// nil where the harness names the lack.
type Rig struct {
	Gateway payment.Gateway
	// Amount that the gateway takes, at least 100 minor units.
	Amount money.Money
	// Way says how the next payment goes; nil where there is one way only.
	Way func(way Way)
	// Buyer answers a payment that waits: pays, or is refused.
	Buyer func(ctx context.Context, number string, pays bool) error
	// Mishap lets something happen to the next call.
	Mishap func(call Call, what Mishap)
	// Clock of the gateway and the fake provider. Required.
	Clock *clock.Manual
	// Notice is what the provider sends about how a payment stands now.
	Notice func(number string) (payment.RawRequest, error)
	// Foreign is Notice, correctly signed for another merchant.
	Foreign func(number string) (payment.RawRequest, error)
	// Books tells what the provider really took and gave back under a number,
	// in minor units.
	Books func(number string) (taken, returned int64)
}

// Harness opens rigs.
type Harness struct {
	// Open returns a fresh rig that shares nothing with others.
	Open func(t T) Rig
	// Lacks are what the provider cannot do.
	Lacks []Lack
}

// Case is one promise.
type Case struct {
	Name  string
	Needs []Lack // what the provider must not lack
	Run   func(t T, r *Bench)
}

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	t.Helper()
	open(t, h, false) // what the rig is missing is said once, before the cases
	for _, wrapped := range []bool{false, true} {
		name := "direct"
		if wrapped {
			name = "wrapped"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, c := range Cases() {
				t.Run(c.Name, func(t *testing.T) {
					t.Parallel()
					if why := c.skip(h); why != "" {
						t.Skip("the provider " + why)
					}
					c.Run(t, open(t, h, wrapped))
				})
			}
		})
	}
}

func (c Case) skip(h Harness) string {
	for _, l := range c.Needs {
		if h.lacks(l) {
			return string(l)
		}
	}
	return ""
}

// lacks reports whether a lack is named, or follows from one.
func (h Harness) lacks(l Lack) bool {
	return slices.Contains(h.Lacks, l) || (l == Action || l == Expiry) && slices.Contains(h.Lacks, Wait)
}

// Bench is an opened rig, with what cases do all the time.
type Bench struct {
	Rig
	t       T
	harness Harness
}

func (b *Bench) lacks(l Lack) bool { return b.harness.lacks(l) }

func open(t T, h Harness, wrapped bool) *Bench {
	r := h.Open(t)
	var missing []string
	if r.Gateway == nil {
		missing = append(missing, "Rig.Gateway is missing")
	}
	if r.Clock == nil {
		missing = append(missing, "Rig.Clock is missing")
	}
	if r.Amount.Minor() < 100 {
		missing = append(missing, "Rig.Amount is less than 100 minor units")
	}
	for _, handle := range []struct {
		set   bool
		lack  Lack
		name  string // of the constant
		field string
	}{
		{r.Buyer != nil, Action, "Action", "Buyer"},
		{r.Mishap != nil, Trouble, "Trouble", "Mishap"},
		{r.Notice != nil, Notify, "Notify", "Notice"},
		{r.Foreign != nil, Notify, "Notify", "Foreign"},
		{r.Books != nil, Books, "Books", "Books"},
	} {
		if !handle.set && !h.lacks(handle.lack) {
			missing = append(missing, fmt.Sprintf(
				"Rig.%s is missing: set it, or name %s in Harness.Lacks, of a provider that %s", handle.field, handle.name, handle.lack))
		}
	}
	require.Empty(t, missing, "the rig is not complete")
	if wrapped {
		r.Gateway = wrapper{r.Gateway}
	}
	return &Bench{Rig: r, t: t, harness: h}
}

// wrapper hides every power but the required ones.
type wrapper struct{ inner payment.Gateway }

func (w wrapper) Caps() payment.Caps { return w.inner.Caps() }

func (w wrapper) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	return w.inner.Pay(ctx, req)
}

func (w wrapper) Query(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return w.inner.Query(ctx, ref)
}

func (w wrapper) Cancel(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return w.inner.Cancel(ctx, ref)
}

func (w wrapper) Unwrap() payment.Gateway { return w.inner }

// number returns a number that was never used, as providers demand.
func number(prefix string) string {
	id := strings.ToUpper(strings.ReplaceAll(uid.NewV7(nil).New(), "-", ""))
	return prefix + id[6:]
}

// request returns a payment that goes a way.
func (b *Bench) request(way Way) payment.PayRequest {
	if b.Way != nil {
		b.Way(way)
	}
	return payment.PayRequest{
		Number: number("PA"), Amount: b.Amount, Instruction: payment.Instruction{
			Description: "Order 1", ReturnURL: "https://shop.example/back", Locale: "en-US",
		},
	}
}

// pay starts a payment that goes a way; a refused one is a value here.
func (b *Bench) pay(way Way) (payment.PayRequest, payment.Outcome) {
	b.t.Helper()
	req := b.request(way)
	out, err := b.Gateway.Pay(b.t.Context(), req)
	if way == Refuse && payment.ClassOf(err) == payment.Declined {
		return req, payment.Outcome{State: payment.AttemptDeclined}
	}
	require.NoError(b.t, err)
	return req, out
}

// any is the way of a payment of which only that there is one matters: one
// that waits, and where nothing does, one that is taken at once.
func (b *Bench) any() Way {
	if b.lacks(Wait) {
		return Approve
	}
	return Ask
}

// started starts a payment that goes any way, and tells what it has taken.
func (b *Bench) started() (req payment.PayRequest, out payment.Outcome, taken int64) {
	b.t.Helper()
	if req, out = b.pay(b.any()); b.lacks(Wait) {
		taken = b.Amount.Minor()
	}
	return req, out, taken
}

// ref names a payment as a process that was restarted knows it.
func (b *Bench) ref(req payment.PayRequest) payment.AttemptRef {
	return payment.AttemptRef{Number: req.Number, Amount: req.Amount}
}

func (b *Bench) query(req payment.PayRequest) payment.Outcome {
	b.t.Helper()
	out, err := b.Gateway.Query(b.t.Context(), b.ref(req))
	require.NoError(b.t, err)
	return out
}

func (b *Bench) cancel(req payment.PayRequest) payment.Outcome {
	b.t.Helper()
	out, err := b.Gateway.Cancel(b.t.Context(), b.ref(req))
	require.NoError(b.t, err)
	return out
}

// books requires what the provider took and gave back, where it tells.
func (b *Bench) books(req payment.PayRequest, taken, returned int64) {
	b.t.Helper()
	if b.lacks(Books) {
		return
	}
	gotTaken, gotReturned := b.Books(req.Number)
	require.Equal(b.t, taken, gotTaken, "taken")
	require.Equal(b.t, returned, gotReturned, "given back")
}

// class requires a failure of one of the classes, and that it is one.
func (b *Bench) class(err error, classes ...payment.Class) {
	b.t.Helper()
	require.Error(b.t, err)
	var f *payment.Failure
	require.ErrorAs(b.t, err, &f, "errors of a gateway are *payment.Failure")
	require.Contains(b.t, payment.Classes(), f.Class, "the classes are closed")
	require.Contains(b.t, classes, f.Class, "%v", err)
}

// power returns an optional power, which Caps or the harness promise.
func power[P any](b *Bench) P {
	b.t.Helper()
	p, ok := payment.As[P](b.Gateway)
	require.True(b.t, ok, "the gateway lacks the power %T: name it in Harness.Lacks", p)
	return p
}

// together runs fn n times at once and returns the errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start, done := make(chan struct{}), make(chan struct{})
	for i := range n {
		go func() {
			<-start
			errs[i] = fn(i)
			done <- struct{}{}
		}()
	}
	close(start)
	for range n {
		<-done
	}
	return errs
}
