package coupon

import (
	"context"
	"errors"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// MaxCodes bounds the codes of one batch.
const MaxCodes = 5_000

// MakeCodes makes a batch of n codes of a template that is had [ByCode], and
// returns them, grouped for the eye: this is the only time that anybody sees
// them. The template's merchant, staff and system. Kinds: NotFound; Invalid;
// FailedPrecondition where the template is had in another way or has ended, or
// where there is no code key; Unavailable.
func (s *Service) MakeCodes(ctx context.Context, scope ref.Scope, id TemplateID, n int) (Batch, []string, error) {
	if n < 1 || n > MaxCodes {
		return Batch{}, nil, fault.New(fault.Invalid, "coupon.invalid", "the number of codes is not valid").
			WithField("n", "out_of_range", fault.Params{"min": 1, "max": MaxCodes})
	}
	if len(s.cfg.CodeKeys) == 0 {
		return Batch{}, nil, fault.New(fault.FailedPrecondition, "coupon.no_code_key", "this shop has no key for coupon codes")
	}
	if _, err := s.Template(ctx, scope, id); err != nil {
		return Batch{}, nil, err
	}
	now := s.cfg.Clock.Now()
	b := Batch{ID: BatchID(s.cfg.IDs.New()), Template: id, Size: n, MadeAt: now}
	texts, codes := make([]string, n), make([]Code, n)
	key := s.cfg.CodeKeys[0]
	for i := range codes {
		text, err := newCode(s.cfg.Random)
		if err != nil {
			return Batch{}, nil, err
		}
		texts[i] = FormatCode(text)
		codes[i] = Code{Digest: key.digest(text), Key: key.ID, Batch: b.ID, Template: id, State: Fresh}
	}
	rec, err := event.New(s.cfg.IDs.New(), Topic, string(id), now, CodesMade{Batch: b.ID, Template: id, Size: n})
	if err != nil {
		return Batch{}, nil, err
	}
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		t, err := s.template(ctx, id)
		if err != nil {
			return err
		}
		if t.Way != ByCode || t.State == Ended {
			return fault.New(fault.FailedPrecondition, "coupon.no_codes", "there are no codes for these coupons").
				With("template", string(id))
		}
		if err := s.cfg.Codes.Insert(ctx, b, codes); err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return Batch{}, nil, err
	}
	return b, texts, nil
}

// Batches pages through the batches of a template, the newest first. Its
// merchant, staff and system. Kinds: NotFound, Invalid.
func (s *Service) Batches(ctx context.Context, scope ref.Scope, id TemplateID, p page.Request) (page.Page[Batch], error) {
	if _, err := s.Template(ctx, scope, id); err != nil {
		return page.Page[Batch]{}, err
	}
	return s.cfg.Codes.Batches(ctx, id, p)
}

// VoidBatch makes the codes of a batch of a template void that nobody has
// redeemed, and returns how many there were. The template's merchant, staff
// and system. NotFound.
func (s *Service) VoidBatch(ctx context.Context, scope ref.Scope, id TemplateID, batch BatchID) (int, error) {
	if _, err := s.Template(ctx, scope, id); err != nil {
		return 0, err
	}
	if !ref.ValidID(string(batch)) {
		return 0, missingBatch(batch)
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	n := 0
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		if n, err = s.cfg.Codes.Void(ctx, id, batch, now); err != nil {
			return err
		}
		rec, err := event.New(eventID, Topic, string(id), now, CodesVoided{Batch: batch, Template: id, Codes: n})
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// RedeemInput is a code that a member typed.
type RedeemInput struct {
	Code string
	// Origin is where the request comes from, an IP address say, for the
	// [Limiter]. Empty where it is not known.
	Origin string
}

// Redeem gives the member of the scope the coupon of a code. A member who
// redeems a code again gets the same coupon. Kinds: Unauthenticated for a
// guest; Invalid where it cannot be a code; RateLimited; NotFound, code
// "coupon.code_unknown"; FailedPrecondition, code "coupon.code_used" or
// "coupon.code_void", or "coupon.closed" with the reason; Exhausted.
func (s *Service) Redeem(ctx context.Context, scope ref.Scope, in RedeemInput) (Coupon, error) {
	member, err := s.memberOf(scope)
	if err != nil {
		return Coupon{}, err
	}
	text, err := ParseCode(in.Code)
	if err != nil {
		return Coupon{}, err
	}
	if len(s.cfg.CodeKeys) == 0 {
		return Coupon{}, unknownCode()
	}
	if err := s.cfg.Limiter.Attempt(ctx, ref.Member(member), in.Origin); err != nil {
		return Coupon{}, err
	}
	digests := make([]string, len(s.cfg.CodeKeys))
	for i, k := range s.cfg.CodeKeys {
		digests[i] = k.digest(text)
	}
	code, err := s.cfg.Codes.Find(ctx, digests)
	if errors.Is(err, fault.NotFound) {
		return Coupon{}, unknownCode()
	}
	if err != nil {
		return Coupon{}, err
	}
	c, first, err := s.redeem(ctx, member, code)
	if err != nil {
		return Coupon{}, err
	}
	if first { // a code that is typed again is no way to guess on
		err = s.cfg.Limiter.Succeeded(ctx, ref.Member(member))
	}
	return c, err
}

// redeem also returns whether it is the first time.
func (s *Service) redeem(ctx context.Context, member ref.MemberID, code Code) (c Coupon, first bool, err error) {
	id := keyed(code.Template, member, "code "+code.Digest, 0)
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		if first, err = s.cfg.Codes.Redeem(ctx, code.Digest, member, id, now); err != nil {
			return err
		}
		if !first {
			c, err = s.redeemed(ctx, member, code.Digest)
			return err
		}
		t, err := s.template(ctx, code.Template)
		if err != nil {
			return err
		}
		if why := t.Closed(now); why != "" {
			return closed(t.ID, why)
		}
		c = t.made(id, member, ByCode, string(code.Batch), now)
		_, err = s.give(ctx, &t, []Coupon{c}, eventID)
		return err
	})
	if err != nil {
		return Coupon{}, false, err
	}
	return c, first, nil
}

// redeemed returns the coupon of a code that is not fresh, to who redeemed it.
func (s *Service) redeemed(ctx context.Context, member ref.MemberID, digest string) (Coupon, error) {
	code, err := s.cfg.Codes.Find(ctx, []string{digest})
	switch {
	case err != nil:
		return Coupon{}, err
	case code.State == Void:
		return Coupon{}, fault.New(fault.FailedPrecondition, "coupon.code_void", "the code is not good any more")
	case code.Member != member:
		return Coupon{}, fault.New(fault.FailedPrecondition, "coupon.code_used", "the code was redeemed already")
	}
	return s.coupon(ctx, code.Coupon)
}

func unknownCode() error {
	return fault.New(fault.NotFound, "coupon.code_unknown", "there is no such code")
}

func missingBatch(id BatchID) error {
	return fault.New(fault.NotFound, "coupon.batch_not_found", "no such batch").With("id", string(id))
}
