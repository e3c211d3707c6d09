package payment

import "time"

// graceNotFound is how long a provider may take to know a number: until then
// NotFound proves nothing.
const graceNotFound = 60 * time.Second

// maxSends bounds how often a payment that provably had no effect is sent
// again by itself.
const maxSends = 5

// backoff is how long to wait before asking a provider again: 2, 5, 15, 30
// seconds, then 1, 5, 15 minutes, until there is a definite answer.
func backoff(asked int) time.Duration {
	waits := [...]time.Duration{
		2 * time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 5 * time.Minute, 15 * time.Minute,
	}
	return waits[min(max(asked, 0), len(waits)-1)]
}

// step is what an intent needs next.
type step uint8

const (
	stepNone   step = iota
	stepSettle      // nothing is to be paid: capture without a provider
	stepExpire      // PayBy has passed: give it up
	stepDrop        // an attempt that was never executed is not wanted any more
	stepResend      // send an attempt again that was never executed
	stepPay         // make the call of the attempt that was just written down
	stepLapse       // the call has no answer in time: unknown
	stepQuery       // ask how it stands
	stepCancel      // close it at the provider
)

// giveUp is when the intent is given up unpaid; zero means never. What the
// provider holds for the shop is not: it waits until it is captured, canceled,
// or lapses at the provider.
func (in *Intent) giveUp() time.Time {
	if !in.State.Alive() || in.State == IntentAuthorized {
		return time.Time{}
	}
	return in.PayBy
}

// next says what the intent needs and for which attempt. Due says that the
// time has come to ask the provider; calling that the caller is the one who
// wrote the attempt down, and so makes the call.
func (in *Intent) next(now time.Time, due, calling bool, queryable func(gateway string) bool) (step, *Attempt) {
	alive := in.State.Alive()
	if in.State == IntentOpen && in.Payable.Minor() == 0 {
		return stepSettle, nil
	}
	if by := in.giveUp(); !by.IsZero() && !now.Before(by) {
		return stepExpire, nil
	}
	a := in.underway()
	if a == nil {
		return stepNone, nil
	}
	due = due || (!in.NextAt.IsZero() && !now.Before(in.NextAt))
	switch {
	case a.State == AttemptSent:
		switch {
		case !now.Before(a.CallBy):
			return stepLapse, a
		case calling && alive:
			return stepPay, a
		}
		return stepNone, nil
	case a.State == AttemptNew && !alive:
		return stepDrop, a
	case !due:
		return stepNone, nil
	case a.State == AttemptNew:
		return stepResend, a
	case !alive && (a.State != AttemptUnknown || a.Asks%2 == 0 || !queryable(a.Gateway)):
		// What is unknown is closed and asked about in turns: either answer
		// can be the first to be definite.
		return stepCancel, a
	case queryable(a.Gateway):
		return stepQuery, a
	}
	return stepNone, nil
}

// schedule sets when the sweeper looks at the intent again. Queryable says
// whether the gateway of an attempt can be asked.
func (in *Intent) schedule(now time.Time, queryable func(gateway string) bool) {
	alive, at := in.State.Alive(), in.giveUp()
	sooner := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if in.State == IntentOpen {
		sooner(now)
	}
	if a := in.underway(); a != nil {
		switch {
		case a.State == AttemptSent:
			sooner(a.CallBy)
		case a.State == AttemptNew && alive:
			sooner(now.Add(backoff(a.Sends - 1)))
		case a.State == AttemptNew:
			sooner(now)
		case !alive && a.Asks == 0:
			sooner(now)
		case !alive || queryable(a.Gateway):
			sooner(now.Add(backoff(a.Asks)))
		}
	}
	in.NextAt = at
}
