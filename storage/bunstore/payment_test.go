package bunstore_test

import (
	"context"
	"errors"
	"path"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
)

// once is a subject that is told once: its claim on the outcome of a group
// commits with the payment, and a second outcome is an error.
type once struct{ stores storage.Stores }

func (o once) tell(ctx context.Context, in payment.Intent, what string) error {
	_, won, err := o.stores.Claims.Claim(ctx, "outcome", string(in.Group), what)
	if err == nil && !won {
		err = errors.New("a second outcome of " + string(in.Group))
	}
	return err
}

func (o once) Captured(ctx context.Context, in payment.Intent) (bool, error) {
	return true, o.tell(ctx, in, "paid by "+strconv.FormatInt(in.Version, 10))
}

func (o once) Closed(ctx context.Context, in payment.Intent) error {
	return o.tell(ctx, in, "closed by "+strconv.FormatInt(in.Version, 10))
}

func (o once) Await(_ context.Context, in payment.Intent, _ payment.Terms) (payment.Awaited, error) {
	return payment.Awaited{PayBy: in.PayBy}, nil
}

type till struct {
	t      *testing.T
	svc    *payment.Service
	bank   *fakepay.Bank
	clock  *clock.Manual
	stores storage.Stores
}

func newTill(t *testing.T, db *bunstore.DB) *till {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC))
	bank, err := fakepay.Open(t.Context(), fakepay.Config{Clock: c})
	require.NoError(t, err)
	s := db.Stores()
	svc, err := payment.NewService(payment.Config{
		Store: s.Payments, Refunds: s.PaymentRefunds, Notices: s.PaymentNotices, Cases: s.PaymentCases, Units: s.Units,
		Events: s.Events, Subject: once{s}, Gateways: []payment.Gateway{bank.Gateway()}, Clock: c,
	})
	require.NoError(t, err)
	return &till{t: t, svc: svc, bank: bank, clock: c, stores: s}
}

// open opens an intent of 10 dollars for a group.
func (s *till) open(group ref.GroupID) (payment.Intent, error) {
	draft, err := s.svc.Draft(payment.OpenInput{
		Group: group, Member: "ann", Payable: money.New(1000, "USD"), Gateway: "fakepay",
		PayBy: s.clock.Now().Add(time.Hour),
	})
	if err != nil {
		return payment.Intent{}, err
	}
	err = s.stores.Units.Do(s.t.Context(), func(ctx context.Context) error {
		draft, err = s.svc.Open(ctx, draft)
		return err
	})
	return draft, err
}

func (s *till) check() {
	s.t.Helper()
	for v, err := range s.svc.Verify(s.t.Context()) {
		require.NoError(s.t, err)
		s.t.Errorf("%s: %s: %s", v.Invariant, v.Object, v.Detail)
	}
}

// released runs fn n times, released together, and returns the errors.
func released(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

func ann() ref.Scope { return ref.Member("ann") }

// Opening and paying take so many statements, events included.
func TestAPaymentTakesFewStatements(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *bunstore.DB, asked *statements) {
		t.Helper()
		s := newTill(t, db)
		asked.take()
		in, err := s.open("g-1")
		require.NoError(t, err)
		tables := 3 // intent, attempts, history: one after the other, or all at once
		if path.Base(t.Name()) == "postgres" {
			tables = 1
		}
		require.Len(t, asked.take(), tables+1, "the tables, the events")
		in, err = s.svc.Pay(t.Context(), in)
		require.NoError(t, err)
		require.Equal(t, payment.IntentCaptured, in.State)
		// The subject's one statement is not the payment's.
		require.Len(t, asked.take(), tables+1+1, "the tables; the subject; events")
		s.check()
	})
}

func TestOnePaymentHasOneOutcome(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *bunstore.DB, _ *statements) {
		t.Helper()
		s := newTill(t, db)
		for round := range 6 {
			s.bank.Plan(fakepay.Ask)
			in, err := s.open(ref.GroupID("g-" + strconv.Itoa(round)))
			require.NoError(t, err)
			in, err = s.svc.Pay(t.Context(), in)
			require.NoError(t, err)
			a, _ := in.Last()
			require.NoError(t, s.bank.Approve(t.Context(), a.Number))
			raw, err := s.bank.Notice(a.Number)
			require.NoError(t, err)
			for i, err := range released(16, func(i int) error {
				switch i % 4 {
				case 0:
					_, err := s.svc.Notify(t.Context(), "fakepay", raw)
					return err
				case 1:
					_, err := s.svc.Query(t.Context(), ann(), in.ID)
					return err
				case 2:
					_, err := s.svc.Cancel(t.Context(), ann(), in.ID, payment.CancelBuyer)
					if errors.Is(err, fault.FailedPrecondition) {
						return nil // it was paid before
					}
					return err
				}
				_, err := s.svc.Sweep(t.Context(), 10)
				return err
			}) {
				require.NoError(t, err, "caller %d", i)
			}
			in, err = s.svc.Get(t.Context(), ann(), in.ID)
			require.NoError(t, err)
			require.Equal(t, payment.IntentCaptured, in.State)
		}
		s.check()
	})
}

func TestRefundsInParallelNeverExceed(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *bunstore.DB, _ *statements) {
		t.Helper()
		s := newTill(t, db)
		in, err := s.open("g-1")
		require.NoError(t, err)
		in, err = s.svc.Pay(t.Context(), in)
		require.NoError(t, err)
		won := 0
		for _, err := range released(24, func(i int) error {
			r, err := s.svc.Refund(t.Context(), ref.Staff("eva"), payment.RefundInput{
				Intent: in.ID, Key: strconv.Itoa(i / 2), Reason: payment.ReasonReturned, Amount: money.New(200, "USD"),
			})
			if err != nil {
				return err
			}
			_, err = s.svc.SendRefund(t.Context(), ann(), r.ID)
			return err
		}) {
			if err == nil {
				won++
			} else {
				require.ErrorIs(t, err, fault.Exhausted)
			}
		}
		require.Equal(t, 10, won, "five keys, each asked for twice")
		require.Zero(t, s.bank.Net("USD"))
		in, err = s.svc.Get(t.Context(), ann(), in.ID)
		require.NoError(t, err)
		require.Equal(t, payment.IntentRefunded, in.State)
		s.check()
	})
}

func TestSweepersShareTheWork(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *bunstore.DB, _ *statements) {
		t.Helper()
		s := newTill(t, db)
		const n = 20
		for i := range n {
			s.bank.Trouble(fakepay.CallPay, fakepay.LostAfter)
			in, err := s.open(ref.GroupID("g-" + strconv.Itoa(i)))
			require.NoError(t, err)
			_, err = s.svc.Pay(t.Context(), in)
			require.NoError(t, err)
		}
		s.clock.Advance(5 * time.Second)
		swept := make([]payment.Swept, 4)
		for _, err := range released(len(swept), func(i int) error {
			for {
				got, err := s.svc.Sweep(t.Context(), 3)
				if err != nil || !got.Any() {
					return err
				}
				swept[i].Intents += got.Intents
				swept[i].Failed += got.Failed
			}
		}) {
			require.NoError(t, err)
		}
		total := payment.Swept{}
		for _, got := range swept {
			total.Intents += got.Intents
			total.Failed += got.Failed
		}
		require.Equal(t, payment.Swept{Intents: n}, total, "each was taken up once")
		p, err := s.svc.List(t.Context(), ref.Staff("bob"), payment.Query{State: payment.IntentCaptured}, page.Request{})
		require.NoError(t, err)
		require.Len(t, p.Items, n)
		require.EqualValues(t, n*1000, s.bank.Net("USD"))
		s.check()
	})
}
