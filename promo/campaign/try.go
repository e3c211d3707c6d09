package campaign

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// TryInput is a promotion on a sample cart.
type TryInput struct {
	Promotion promo.Promotion
	Cart      promo.Cart
	// Alone leaves out what is live.
	Alone bool
	// At is when. Defaults to now.
	At time.Time
}

// SampleCoupon is the coupon that a buyer of a sample cart holds.
const SampleCoupon ref.CouponID = "sample"

// Try evaluates a promotion, which need not be saved, on a sample cart beside
// what is live, as if the buyer had typed its code or held a coupon for it,
// and explains the result. Limits and others' coupons are left out. Kinds:
// Invalid for the promotion, as for Save, or the cart, below "cart";
// PermissionDenied.
func (s *Service) Try(ctx context.Context, scope ref.Scope, in TryInput) (promo.Result, error) {
	p, live, err := s.sample(ctx, scope, in.Promotion)
	if err != nil {
		return promo.Result{}, err
	}
	if in.At.IsZero() {
		in.At = s.cfg.Clock.Now()
	}
	mine := promo.Candidate{Promotion: p}
	switch p.Redeem {
	case promo.RedeemCoupon:
		mine.Coupon = &promo.Coupon{ID: SampleCoupon}
	case promo.RedeemCode:
		in.Cart.Codes = append(slices.Clone(in.Cart.Codes), p.Code)
	case promo.RedeemNothing:
	}
	candidates := []promo.Candidate{mine}
	for i := range live.Promotions {
		q := &live.Promotions[i]
		if !in.Alone && q.ID != p.ID && q.Redeem == promo.RedeemNothing && Concerns(q, &in.Cart) {
			candidates = append(candidates, promo.Candidate{Promotion: *q})
		}
	}
	return s.cfg.Engine.Evaluate(promo.Input{Cart: in.Cart, Candidates: candidates, Groups: live.Groups, Now: in.At.In(s.cfg.Location)})
}

// Concerns reports whether a promotion is the site's, or one of a merchant
// whose goods are in the cart.
func Concerns(p *promo.Promotion, cart *promo.Cart) bool {
	return p.Merchant == "" || slices.ContainsFunc(cart.Lines, func(l promo.Line) bool { return l.Merchant == p.Merchant })
}

// Templates returns the activity templates.
func (s *Service) Templates() []promo.Template {
	out := slices.Clone(s.cfg.Templates)
	for i := range out {
		out[i].Parameters = slices.Clone(out[i].Parameters)
		out[i].Body = slices.Clone(out[i].Body)
	}
	return out
}

// StampInput is a template with values for its parameters.
type StampInput struct {
	Template string
	// Values by parameter. One named "id" defaults to a minted id; for a
	// merchant one named "merchant" is the own id.
	Values map[string]json.RawMessage
}

// Stamp makes a promotion from a template, to be tried and saved. Kinds:
// NotFound for an unknown template; Invalid with every wrong value;
// PermissionDenied.
func (s *Service) Stamp(_ context.Context, scope ref.Scope, in StampInput) (promo.Promotion, error) {
	if err := writer(scope); err != nil {
		return promo.Promotion{}, err
	}
	i := slices.IndexFunc(s.cfg.Templates, func(t promo.Template) bool { return t.ID == in.Template })
	if i < 0 {
		return promo.Promotion{}, fault.New(fault.NotFound, "campaign.template", "no such template").With("id", in.Template)
	}
	t := &s.cfg.Templates[i]
	values := map[string]json.RawMessage{}
	for name, value := range in.Values {
		values[name] = value
	}
	set := func(name, value string) {
		if slices.ContainsFunc(t.Parameters, func(p promo.Parameter) bool { return p.Name == name }) {
			values[name] = json.RawMessage(strconv.Quote(value))
		}
	}
	if values["id"] == nil {
		set("id", s.cfg.IDs.New())
	}
	if !scope.All() {
		set("merchant", string(scope.Merchant()))
	}
	return s.cfg.Engine.Stamp(t, values)
}
