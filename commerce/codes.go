package commerce

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/coupon"
)

// CodeInput is a code that a buyer typed.
type CodeInput struct {
	// Choice is what it is typed for. Its cart is enough.
	Choice checkout.Choice
	Code   string
	// Origin is where the request comes from, an IP address say, for the
	// limiter. Empty where it is not known.
	Origin string
}

// EnteredCode is what a typed code turned out to be: of a promotion, or of a
// coupon.
type EnteredCode struct {
	// Code goes among Choice.Codes from now on: a promotion's, as the shop
	// writes it. Empty where it was a coupon's.
	Code string
	// Coupon is what the member was given for a coupon's code; it may be named
	// in Choice.Coupons. Nil where the code was a promotion's.
	Coupon *coupon.Coupon
}

// EnterCode takes a code that a buyer typed, be it of a promotion or of a
// coupon, which a member is given for it. It is the way for a code to get into
// [checkout.Choice]: quotes look up the codes of their choice as often as they
// are asked, while EnterCode counts each try with CouponsConfig.Limiter before
// it looks, so that nobody guesses codes. A coupon that is given for a code
// forgets the tries; a promotion's code may be known to everybody, and forgets
// nothing.
//
// Kinds: Invalid, path "code", with "unknown" for a code of nothing, "required"
// or "too_many"; RateLimited, code "coupon.throttled"; for a coupon's code as
// [coupon.Service.Redeem], for the choice as [checkout.Service.Quote].
func (m *Marketplace) EnterCode(ctx context.Context, scope ref.Scope, in CodeInput) (EnteredCode, error) {
	in.Code = strings.TrimSpace(in.Code)
	if err := in.check(); err != nil {
		return EnteredCode{}, err
	}
	if m.mayBeCoupon(scope, in.Code) {
		c, err := m.Coupons.Redeem(ctx, scope, coupon.RedeemInput{Code: in.Code, Origin: in.Origin}) // which counts
		if err == nil {
			return EnteredCode{Coupon: &c}, nil
		}
		if !errors.Is(err, fault.NotFound) {
			return EnteredCode{}, err
		}
	} else if err := m.cfg.Coupons.Limiter.Attempt(ctx, scope, in.Origin); err != nil {
		return EnteredCode{}, err
	}
	in.Choice.Codes = append(slices.DeleteFunc(slices.Clone(in.Choice.Codes), in.same), in.Code)
	q, err := m.Checkout.Quote(ctx, scope, in.Choice)
	if err != nil {
		return EnteredCode{}, err
	}
	code, known := knownCode(&q.Promotions, in.Code)
	if !known {
		return EnteredCode{}, wrongCode("unknown", nil)
	}
	return EnteredCode{Code: code}, nil
}

func (in *CodeInput) check() error {
	switch {
	case in.Code == "":
		return wrongCode("required", nil)
	case len(in.Code) > checkout.MaxCode || !ref.PlainText(in.Code):
		return wrongCode("unknown", nil)
	case len(in.Choice.Codes) >= checkout.MaxCodes && !slices.ContainsFunc(in.Choice.Codes, in.same):
		return wrongCode("too_many", fault.Params{"max": checkout.MaxCodes})
	}
	return nil
}

// same reports whether a code is the one that was typed; case does not matter.
func (in *CodeInput) same(code string) bool { return strings.EqualFold(code, in.Code) }

// mayBeCoupon reports whether a code is looked up among those of coupons.
func (m *Marketplace) mayBeCoupon(scope ref.Scope, code string) bool {
	if m.Coupons == nil || len(m.cfg.Coupons.CodeKeys) == 0 || scope.Member() == "" {
		return false
	}
	_, err := coupon.ParseCode(code)
	return err == nil
}

// knownCode returns how the promotions of a quote write a code, and whether
// one of them is about it.
func knownCode(r *promo.Result, code string) (string, bool) {
	written := code
	for i := range r.Decisions {
		switch d := &r.Decisions[i]; {
		case d.Code == promo.CodeUnknown && d.Params.Code == code:
			return "", false
		case strings.EqualFold(d.Typed, code):
			written = d.Typed
		}
	}
	return written, len(r.Decisions) > 0
}

func wrongCode(why string, params fault.Params) error {
	return fault.New(fault.Invalid, "checkout.code", "the code cannot be taken").WithField("code", why, params)
}

// codeThrottle bounds the guessing of codes where sign-ins are counted, under
// keys of its own.
type codeThrottle struct{ *member.Throttle }

var _ coupon.Limiter = codeThrottle{}

const codeAttempts = "coupon code "

func codesOf(buyer ref.Scope) string {
	if guest := buyer.Guest(); guest != "" {
		return codeAttempts + "guest " + guest
	}
	return codeAttempts + buyer.String()
}

// Attempt implements [coupon.Limiter].
func (t codeThrottle) Attempt(ctx context.Context, buyer ref.Scope, origin string) error {
	if origin != "" {
		origin = codeAttempts + origin
	}
	err := t.Throttle.Attempt(ctx, codesOf(buyer), origin)
	var f *fault.Fault
	if errors.Is(err, fault.RateLimited) && errors.As(err, &f) {
		return fault.New(fault.RateLimited, "coupon.throttled", "too many codes; wait before the next one").
			With("retry_after", f.Params["retry_after"])
	}
	return err
}

// Succeeded implements [coupon.Limiter].
func (t codeThrottle) Succeeded(ctx context.Context, buyer ref.Scope) error {
	return t.Throttle.Succeeded(ctx, codesOf(buyer))
}
