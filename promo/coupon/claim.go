package coupon

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Offer is a template as the coupon centre shows it.
type Offer struct {
	Template Template
	// Mine is how many the member was given, where the template bounds it.
	Mine int64
	// Blocked says why the member cannot claim one now, "" where that is
	// possible. A claim decides anew.
	Blocked Reason
}

// OfferQuery selects offers; zero fields select all.
type OfferQuery struct {
	Merchant ref.MerchantID
	// Site selects the site's own.
	Site bool
	// Channel selects those for a channel, and those for all of them.
	Channel ref.ChannelID
}

// Offers pages through what can be claimed, and what could be: templates that
// are active and neither closed nor over, the newest first. Everybody may see
// them; Mine is that of a member. At most two statements. Invalid.
func (s *Service) Offers(ctx context.Context, scope ref.Scope, q OfferQuery, p page.Request) (page.Page[Offer], error) {
	var v fault.Violations
	for path, id := range map[string]string{"merchant": string(q.Merchant), "channel": string(q.Channel)} {
		if id != "" && !ref.ValidID(id) {
			v.Add(path, "malformed", nil)
		}
	}
	if err := v.Err("coupon.invalid", "the query is not valid"); err != nil {
		return page.Page[Offer]{}, err
	}
	found, err := s.cfg.Templates.List(ctx,
		TemplateQuery{Merchant: q.Merchant, Site: q.Site, Channel: q.Channel, State: Active, Way: ByClaim}, p)
	if err != nil {
		return page.Page[Offer]{}, err
	}
	var counted []TemplateID
	for i := range found.Items {
		if found.Items[i].PerMember > 0 {
			counted = append(counted, found.Items[i].ID)
		}
	}
	var mine map[TemplateID]int64
	if scope.Member() != "" && len(counted) > 0 {
		if mine, err = s.cfg.Templates.Counts(ctx, scope.Member(), counted); err != nil {
			return page.Page[Offer]{}, err
		}
	}
	now := s.cfg.Clock.Now()
	out := page.Page[Offer]{Next: found.Next}
	for _, t := range found.Items {
		o := Offer{Template: t, Mine: mine[t.ID], Blocked: t.Closed(now)}
		if o.Blocked == ReasonOver {
			continue
		}
		left, limited := t.Left()
		switch {
		case o.Blocked != "":
		case t.PerMember > 0 && o.Mine >= t.PerMember:
			o.Blocked = ReasonMember
		case limited && left <= 0:
			o.Blocked = ReasonSoldOut
		}
		out.Items = append(out.Items, o)
	}
	return out, nil
}

// ClaimInput is what a member takes.
type ClaimInput struct {
	Template TemplateID
	// Key makes a repeated call give the same coupon: at most [MaxKey] bytes.
	// Defaults to none: then every call takes another one.
	Key string
}

// MaxKey bounds the key of a call, in bytes.
const MaxKey = 255

// Claim gives the member of the scope a coupon of a template that is offered.
// Kinds: Invalid; Unauthenticated for a guest; NotFound where it cannot be
// claimed at all; FailedPrecondition, code "coupon.closed", with the reason,
// where it cannot be claimed now; Exhausted, code "coupon.exhausted", with the
// reason, where a bound is reached.
func (s *Service) Claim(ctx context.Context, scope ref.Scope, in ClaimInput) (Coupon, error) {
	member, err := s.memberOf(scope)
	if err != nil {
		return Coupon{}, err
	}
	if err := checkKey(in.Key); err != nil {
		return Coupon{}, err
	}
	id := ID(s.cfg.IDs.New())
	if in.Key != "" {
		id = keyed(in.Template, member, "claim "+in.Key, 0)
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var c Coupon
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		t, err := s.template(ctx, in.Template)
		if err != nil {
			return err
		}
		if t.Way != ByClaim {
			return missingTemplate(in.Template)
		}
		c = t.made(id, member, ByClaim, "", now)
		return s.giveOne(ctx, &t, &c, now, eventID)
	})
	if err != nil {
		return Coupon{}, err
	}
	return c, nil
}

// giveOne gives a coupon out unless that was done before: then it reads what
// became of it. A repetition is answered whatever the template says by now.
func (s *Service) giveOne(ctx context.Context, t *Template, c *Coupon, now time.Time, eventID string) error {
	if why := t.Closed(now); why != "" {
		before, err := s.cfg.Coupons.GetMany(ctx, []ID{c.ID})
		if err == nil && len(before) == 0 {
			err = closed(t.ID, why)
		}
		if err == nil {
			*c = before[0]
		}
		return err
	}
	fresh, err := s.give(ctx, t, []Coupon{*c}, eventID)
	if err == nil && len(fresh) == 0 {
		*c, err = s.coupon(ctx, c.ID)
	}
	return err
}

func closed(t TemplateID, why Reason) error {
	return fault.New(fault.FailedPrecondition, "coupon.closed", "these coupons cannot be had now").
		With("template", string(t)).With("reason", string(why))
}

func (s *Service) memberOf(scope ref.Scope) (ref.MemberID, error) {
	switch {
	case scope.Member() != "":
		return scope.Member(), nil
	case scope.Guest() != "" || scope == ref.Scope{}:
		return "", fault.New(fault.Unauthenticated, "coupon.sign_in", "coupons belong to members: sign in first")
	}
	return "", denied()
}

func checkKey(key string) error {
	if len(key) > MaxKey || !ref.PlainText(key) {
		return fault.New(fault.Invalid, "coupon.invalid", "the key is not valid").
			WithField("key", "malformed", fault.Params{"max": MaxKey})
	}
	return nil
}

// IssueInput is what is given to members by hand.
type IssueInput struct {
	Template TemplateID
	// Members are those who get a coupon each: 1 to [MaxIssue].
	Members []ref.MemberID
	// Key makes a repeated call give the same coupons: at most [MaxKey] bytes.
	// Defaults to none: then every call gives others.
	Key string
}

// MaxIssue bounds the members of one call.
const MaxIssue = 1_000

// Issue gives each of the members a coupon of a template, whatever its way,
// even while it is paused: all of them or none. Its merchant, staff and
// system. Kinds: Invalid with every wrong member; NotFound; FailedPrecondition
// where it has ended or its coupons could not be used any more; Exhausted.
func (s *Service) Issue(ctx context.Context, scope ref.Scope, in IssueInput) ([]Coupon, error) {
	if _, err := s.Template(ctx, scope, in.Template); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	ids := make([]ID, len(in.Members))
	for i, m := range in.Members {
		ids[i] = ID(s.cfg.IDs.New())
		if in.Key != "" {
			ids[i] = keyed(in.Template, m, "hand "+in.Key, 0)
		}
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var out []Coupon
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		t, err := s.template(ctx, in.Template)
		if err != nil {
			return err
		}
		if _, until := t.Validity.Of(now); t.State == Ended || !until.IsZero() && !now.Before(until) {
			return closed(t.ID, ReasonOver)
		}
		cs := make([]Coupon, len(ids))
		for i, m := range in.Members {
			cs[i] = t.made(ids[i], m, ByHand, "", now)
		}
		if _, err := s.give(ctx, &t, cs, eventID); err != nil {
			return err
		}
		out, err = s.cfg.Coupons.GetMany(ctx, ids)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (in *IssueInput) check() error {
	var v fault.Violations
	v.Merge("", checkKey(in.Key))
	if n := len(in.Members); n == 0 || n > MaxIssue {
		v.Add("members", "out_of_range", fault.Params{"min": 1, "max": MaxIssue})
	}
	seen := map[ref.MemberID]bool{}
	for i, m := range in.Members[:min(len(in.Members), MaxIssue)] {
		switch {
		case !ref.ValidID(string(m)):
			v.Add(fmt.Sprintf("members[%d]", i), "malformed", nil)
		case seen[m]:
			v.Add(fmt.Sprintf("members[%d]", i), "twice", nil)
		}
		seen[m] = true
	}
	return v.Err("coupon.invalid", "the members are not valid")
}

// Revoke takes coupons back that their members did not use; what is held,
// used or over is left alone. It returns those it took. Staff and system.
// Kinds: PermissionDenied, Invalid.
func (s *Service) Revoke(ctx context.Context, scope ref.Scope, ids ...ID) ([]Coupon, error) {
	if !scope.All() {
		return nil, denied()
	}
	if len(ids) > MaxIssue {
		return nil, fault.New(fault.Invalid, "coupon.invalid", "these are too many at once").
			WithField("ids", "out_of_range", fault.Params{"max": MaxIssue})
	}
	var known []ID
	for _, id := range ids {
		if ref.ValidID(string(id)) {
			known = append(known, id)
		}
	}
	now, eventID := s.cfg.Clock.Now(), s.cfg.IDs.New()
	var out []Coupon
	err := s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		var err error
		out, err = s.takeBack(ctx, known, now, eventID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *Service) takeBack(ctx context.Context, ids []ID, now time.Time, eventID string) ([]Coupon, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	taken, err := s.cfg.Coupons.Revoke(ctx, ids, now)
	if err != nil || len(taken) == 0 {
		return nil, err
	}
	recs, err := records(eventID, taken, now, func(c *Coupon) event.Payload {
		return TakenBack{Subject: subject(c), Origin: c.Origin}
	})
	if err != nil {
		return nil, err
	}
	return taken, s.cfg.Events.Append(ctx, recs...)
}
