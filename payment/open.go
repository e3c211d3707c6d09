package payment

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// OpenInput is what is to be paid, by whom and how.
type OpenInput struct {
	Group  ref.GroupID
	Member ref.MemberID
	Guest  string // the guest's key where there is no member
	Quote  string // hash of the accepted quote
	// Payable is what the buyer pays, zero or more.
	Payable money.Money
	// Gateway is the code of a configured gateway; "" only where nothing is to
	// be paid.
	Gateway string
	Instruction
	// PayBy is when an unpaid intent is given up. Defaults to never; a gateway
	// that is paid on delivery has none.
	PayBy time.Time
}

// The bounds of an instruction.
const (
	maxText   = 500
	maxParams = 32
)

// Draft checks the input and mints a new intent with its first attempt, ready
// for [Service.Open]. It writes nothing, so that it can be called before the
// unit. Kinds: Invalid.
func (s *Service) Draft(in OpenInput) (Intent, error) {
	now := s.cfg.Clock.Now()
	var v fault.Violations
	if in.Group == "" {
		v.Add("group", "required", nil)
	}
	if err := in.Payable.Check(); err != nil {
		v.Add("payable", fault.CodeOf(err), nil)
	}
	if in.Payable.Minor() < 0 {
		v.Add("payable", "negative", nil)
	}
	if !in.PayBy.IsZero() && !in.PayBy.After(now) {
		v.Add("pay_by", "past", nil)
	}
	free := in.Payable.Minor() == 0
	if !free || in.Gateway != "" {
		s.checkChoice(&v, in.Gateway, in.Instruction, in.Payable)
	}
	if err := v.Err("payment.invalid", "the payment is not valid"); err != nil {
		return Intent{}, err
	}
	if s.gateways[in.Gateway].caps.Terms == TermsOnDelivery {
		in.PayBy = time.Time{}
	}
	id := IntentID(s.cfg.IDs.New())
	it := Intent{
		ID: id, Number: number(intentPrefix, string(id)), Group: in.Group, Member: in.Member, Guest: in.Guest,
		Quote: in.Quote, State: IntentOpen, Payable: in.Payable, Refunded: money.Zero(in.Payable.Currency()),
		PayBy: in.PayBy, CreatedAt: now, UpdatedAt: now, NextAt: now,
	}
	if !free {
		it.Tenders = []Tender{{Seq: 1, Kind: TenderExternal, Amount: in.Payable}}
		it.Attempts = []Attempt{s.attempt(AttemptID(s.cfg.IDs.New()), in.Gateway, in.Instruction, in.Payable, in.PayBy, now)}
	}
	return it, nil
}

// checkChoice notes what is wrong with a chosen gateway and its instruction.
func (s *Service) checkChoice(v *fault.Violations, code string, ins Instruction, amount money.Money) {
	p, ok := s.gateways[code]
	switch {
	case code == "":
		v.Add("gateway", "required", nil)
	case !ok:
		v.Add("gateway", "unknown", fault.Params{"gateway": code})
	case amount.Minor() > 0 && !p.caps.Takes(amount):
		v.Add("gateway", "amount", fault.Params{"gateway": code, "amount": amount})
	}
	if ok && ins.ManualCapture && (!p.caps.ManualCapture || p.capturer == nil) {
		v.Add("manual_capture", "unsupported", nil)
	}
	texts := []struct{ path, text string }{
		{"method", ins.Method}, {"description", ins.Description}, {"return_url", ins.ReturnURL}, {"locale", ins.Locale},
	}
	for _, t := range texts {
		if !plain(t.text) {
			v.Add(t.path, "text", fault.Params{"max": maxText})
		}
	}
	if len(ins.Params) > maxParams {
		v.Add("params", "too_many", fault.Params{"max": maxParams})
	}
	for k, t := range ins.Params {
		if !plain(k) || !plain(t) {
			v.Add("params", "text", fault.Params{"max": maxText})
			break
		}
	}
}

// plain reports whether a text is short and can be stored everywhere.
func plain(s string) bool {
	return len(s) <= maxText && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

func (s *Service) attempt(id AttemptID, gateway string, ins Instruction, amount money.Money, payBy, now time.Time) Attempt {
	return Attempt{
		ID: id, Number: number(attemptPrefix, string(id)), Seq: 1, Gateway: gateway, State: AttemptNew, Amount: amount,
		Instruction: ins.clone(), ExpiresAt: payBy, CreatedAt: now, CallBy: now.Add(s.gateways[gateway].caps.CallTimeout),
	}
}

// Open writes a drafted intent, its tenders and its first attempt as sent,
// inside the caller's unit; [Service.Pay] then makes the call, after the
// commit. Kinds: FailedPrecondition outside a unit or for an intent that is
// no draft, AlreadyExists.
func (s *Service) Open(ctx context.Context, draft Intent) (Intent, error) {
	in := draft.Clone()
	if in.State != IntentOpen || len(in.Attempts) > 1 || (len(in.Attempts) == 1 && in.Attempts[0].State != AttemptNew) {
		return Intent{}, badTransition(OfIntent, string(in.ID), string(in.State), string(IntentOpen))
	}
	var sum int64
	for _, t := range in.Tenders {
		sum += t.Amount.Minor()
	}
	if sum != in.Payable.Minor() {
		return Intent{}, fault.New(fault.Invalid, "payment.tenders", "the tenders do not add up to what is payable")
	}
	c := s.newChange(&in, in.CreatedAt)
	c.history = append(c.history, Event{
		ID: EventID(s.cfg.IDs.New()), Intent: in.ID, Of: OfIntent, Object: string(in.ID), Kind: EventMoved,
		To: string(IntentOpen), Source: SourceShop, Amount: in.Payable, At: in.CreatedAt,
	})
	opened := Opened{Intent: in.ID, Group: in.Group, Payable: in.Payable}
	if len(in.Attempts) > 0 {
		opened.Gateway = in.Attempts[0].Gateway
		c.send(&in.Attempts[0], in.Attempts[0].CallBy)
	}
	c.events = append(c.events, opened)
	in.schedule(in.CreatedAt, s.queryable)
	if err := s.save(ctx, c, s.cfg.Store.Insert); err != nil {
		return Intent{}, err
	}
	return in, nil
}
