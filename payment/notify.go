package payment

import (
	"context"
	"errors"
	"time"

	"github.com/soukhq/souk/commerce/fault"
)

// Notify takes a request that a provider sent by itself: it is verified,
// stored, and then looked at. The reply is what the provider wants to be
// answered and is acknowledging as soon as everything is stored, whatever
// comes of it; a repetition is acknowledged and changes nothing. With an
// error, reply asks the provider to send again. Never call it inside a unit.
// Kinds: NotFound for an unknown gateway or one that sends nothing; Invalid;
// Unauthenticated where it cannot be verified; those of the store.
func (s *Service) Notify(ctx context.Context, gateway string, raw RawRequest) (Reply, error) {
	p, ok := s.gateways[gateway]
	if !ok || p.notifier == nil {
		return Reply{Status: 404}, fault.New(fault.NotFound, "payment.gateway", "no such gateway").With("gateway", gateway)
	}
	if len(raw.Body) > MaxNoticeBody {
		return Reply{Status: 413}, fault.New(fault.Invalid, "payment.notice_size", "the notice is too long").
			With("max", MaxNoticeBody)
	}
	n, err := p.notifier.ParseNotify(ctx, raw)
	if err != nil {
		return n.Nack, notifyFault(err)
	}
	now := s.cfg.Clock.Now()
	fresh := make([]Notice, 0, len(n.Messages))
	for _, m := range n.Messages {
		if !m.sound() {
			return n.Nack, notifyFault(Fail(Invalid, "malformed", nil))
		}
		notice := newNotice(gateway, m, raw.Body, now)
		stored, err := s.keep(ctx, notice)
		if err != nil {
			return n.Nack, err
		}
		if stored.State == NoticeStored {
			fresh = append(fresh, stored)
		}
	}
	for _, notice := range fresh {
		if err := s.read(context.WithoutCancel(ctx), notice.ID); err != nil {
			// It is stored: the sweeper reads it again.
			s.cfg.Log.ErrorContext(ctx, "payment: notice not applied", "notice", notice.ID, "gateway", gateway,
				"number", notice.Number, "error", err)
		}
	}
	return n.Ack, nil
}

func notifyFault(err error) error {
	f := FailureOf(err)
	if f.Class == Auth {
		return fault.Wrap(err, fault.Unauthenticated, "payment.notice_proof", "the notice cannot be verified")
	}
	if f.Class == Invalid {
		return fault.Wrap(err, fault.Invalid, "payment.notice_invalid", "the notice cannot be understood")
	}
	return fault.Wrap(err, fault.Unavailable, "payment.notice", "the notice cannot be checked now")
}

// keep stores a notice, or returns the one that was kept under its key
// before. Two that share a key and say different things make a case.
func (s *Service) keep(ctx context.Context, n Notice) (Notice, error) {
	err := s.cfg.Notices.Insert(ctx, &n)
	if !errors.Is(err, fault.AlreadyExists) {
		return n, err
	}
	first, err := s.cfg.Notices.Get(ctx, n.ID)
	if err != nil || first.same(n) {
		return first, err
	}
	r := s.recorder(IntentID(""), n.CreatedAt)
	r.open(CaseContradicts, string(n.ID), Case{Notice: n.ID, Amount: n.Amount, Code: n.ProviderRef})
	return first, s.cfg.Units.Do(ctx, func(ctx context.Context) error { return s.saveRecord(ctx, r, 0) })
}

// read lets a stored notice take effect, in one unit with its new state.
func (s *Service) read(ctx context.Context, id NoticeID) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.RecordTimeout)
	defer cancel()
	for try := 1; ; try++ {
		err := s.cfg.Units.Do(ctx, func(ctx context.Context) error { return s.readUnit(ctx, id) })
		if err == nil || try == maxRaces || !raced(err) || ctx.Err() != nil {
			return err
		}
	}
}

func (s *Service) readUnit(ctx context.Context, id NoticeID) error {
	n, err := s.cfg.Notices.Get(ctx, id)
	if err != nil || n.State != NoticeStored {
		return err
	}
	switch n.Kind {
	case MessagePayment:
		n.State, err = s.readPayment(ctx, n)
	case MessageRefund:
		n.State, err = s.readRefund(ctx, n)
	default:
		n.State, err = s.orphan(ctx, n)
	}
	if err != nil {
		return err
	}
	n.UpdatedAt, n.NextAt = s.cfg.Clock.Now(), time.Time{}
	return s.cfg.Notices.Update(ctx, &n)
}

func (s *Service) readPayment(ctx context.Context, n Notice) (NoticeState, error) {
	in, err := s.cfg.Store.ByAttempt(ctx, n.Number)
	if errors.Is(err, fault.NotFound) {
		return s.orphan(ctx, n)
	}
	if err != nil {
		return "", err
	}
	state := NoticeApplied
	_, err = s.changeOnce(ctx, in.ID, func(c *change) error {
		for i := range c.in.Attempts {
			a := &c.in.Attempts[i]
			if a.Number != n.Number {
				continue
			}
			if a.Gateway != n.Gateway { // a valid signature of another provider is not this one's word
				state = NoticeOrphan
				return nil
			}
			c.hear(a, finding{source: SourceNotice, call: noCall, evidence: string(n.ID), outcome: n.payment()})
			if a.Conflict == amountText(n.Amount) {
				state = NoticeConflict
			}
		}
		return nil
	})
	if err == nil && state == NoticeOrphan {
		return s.orphan(ctx, n)
	}
	return state, err
}

func (s *Service) readRefund(ctx context.Context, n Notice) (NoticeState, error) {
	num, seq, ok := refundNumber(n.Number)
	if !ok {
		return s.orphan(ctx, n)
	}
	r, err := s.cfg.Refunds.ByNumber(ctx, num)
	if errors.Is(err, fault.NotFound) || (err == nil && (seq < 1 || seq > len(r.Legs))) {
		return s.orphan(ctx, n)
	}
	if err != nil {
		return "", err
	}
	state := NoticeApplied
	err = s.refundUnit(ctx, &r, s.cfg.Clock.Now(), func(c *refundChange) {
		l := &c.r.Legs[seq-1]
		if a := c.in.attempt(l.Attempt); a == nil || a.Gateway != n.Gateway {
			state = NoticeOrphan
			return
		}
		c.hear(l, refundFinding{source: SourceNotice, query: true, evidence: string(n.ID), outcome: n.refund()})
		if l.Conflict == amountText(n.Amount) {
			state = NoticeConflict
		}
	})
	if err == nil && state == NoticeOrphan {
		return s.orphan(ctx, n)
	}
	return state, err
}

// orphan opens a case for a verified notice about a number that is none of
// ours, or not of this gateway: somebody's money is waiting.
func (s *Service) orphan(ctx context.Context, n Notice) (NoticeState, error) {
	r := s.recorder(IntentID(""), s.cfg.Clock.Now())
	r.open(CaseOrphan, n.Gateway+"/"+n.Number, Case{
		Notice: n.ID, Amount: n.Amount, Code: n.ProviderRef,
	})
	return NoticeOrphan, s.saveRecord(ctx, r, 0)
}
