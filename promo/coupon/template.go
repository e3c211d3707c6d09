package coupon

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// TemplateID names a template.
type TemplateID string

// TemplateState says whether coupons of a template are given out.
type TemplateState string

// The states of a template. Coupons that were given out stay good whatever
// becomes of their template.
const (
	Paused TemplateState = "paused" // gives out nothing for now; a new one is paused
	Active TemplateState = "active"
	Ended  TemplateState = "ended" // for good
)

// next returns the states that may follow.
func (s TemplateState) next() []TemplateState {
	switch s {
	case Paused:
		return []TemplateState{Active, Ended}
	case Active:
		return []TemplateState{Paused, Ended}
	case Ended:
	}
	return nil
}

// Way is how the coupons of a template come to their members. Besides, its
// owner may give any of them out by hand, see [Service.Issue].
type Way string

// The ways.
const (
	ByClaim        Way = "claim"        // members take them in the coupon centre
	ByCode         Way = "code"         // by typing a code of a batch
	ByHand         Way = "hand"         // staff or the merchant give them out
	ByRegistration Way = "registration" // to every new member
	ByReward       Way = "reward"       // for a paid order that a promotion rewards
)

// Valid reports whether there is such a way.
func (w Way) Valid() bool {
	return slices.Contains([]Way{ByClaim, ByCode, ByHand, ByRegistration, ByReward}, w)
}

// Validity is when the coupons of a template can be used.
type Validity struct {
	// From and Until are a half-open window; the zero time is open.
	From  time.Time
	Until time.Time
	// Days, if positive, ends a coupon that many days of 24 hours after it
	// was given out, or after From, and never later than Until.
	Days int
}

// Of returns the window of a coupon that is given out at a time; a zero end
// is never.
func (v Validity) Of(at time.Time) (from, until time.Time) {
	from, until = at, v.Until
	if v.From.After(at) {
		from = v.From
	}
	if v.Days > 0 {
		days := from.Add(time.Duration(v.Days) * 24 * time.Hour)
		if until.IsZero() || days.Before(until) {
			until = days
		}
	}
	return from, until
}

// Bounds of a template.
const (
	MaxName  = 120   // characters of a name
	MaxTerms = 2_000 // characters of the terms
	MaxDays  = 3_660
	MaxLimit = 1_000_000_000
)

// Terms are what a template says, and can say anew: coupons that were given
// out keep what it said then.
type Terms struct {
	// Promotion is what a coupon gives the right to.
	Promotion ref.PromotionID
	// Name is what members read: 1 to [MaxName] characters.
	Name string
	// Note tells members what else there is to know: at most [MaxTerms]
	// characters.
	Note string
	// Way is how the coupons come to their members.
	Way Way
	// Channel is where the coupons are offered and shown; empty for everywhere.
	Channel ref.ChannelID
	// Opens and Closes are when they are given out, half-open; the zero time
	// is open.
	Opens  time.Time
	Closes time.Time
	// Validity is when they can be used.
	Validity Validity
	// Total and PerMember bound how many are given out, in all and to one
	// member; zero for no bound. Nothing is counted where there is no bound,
	// so that one can be moved later but neither taken away nor introduced.
	Total     int64
	PerMember int64
	// Reusable gives the coupon back when the order it was used for is
	// canceled as a whole after it was paid, or was sent to be paid on delivery
	// and refused. Of an order that was neither every coupon comes back.
	Reusable bool
}

// Template is what coupons are made from.
type Template struct {
	ID TemplateID
	// Merchant owns it; empty for the site.
	Merchant ref.MerchantID
	Terms
	State TemplateState
	// Issued is how many were given out, where Total bounds them; else zero.
	// The store counts it; an Update leaves it alone.
	Issued    int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// Version counts the writes; a store refuses an Update of another one.
	Version int64
}

// Left is how many can still be given out; limited is false where nothing
// bounds them.
func (t *Template) Left() (left int64, limited bool) { return t.Total - t.Issued, t.Total > 0 }

// Closed says why a template gives out nothing at a time, "" where it does:
// one of the [Reason]s.
func (t *Template) Closed(at time.Time) Reason {
	_, until := t.Validity.Of(at)
	switch {
	case t.State != Active:
		return ReasonInactive
	case at.Before(t.Opens):
		return ReasonNotYet
	case !t.Closes.IsZero() && !at.Before(t.Closes), !until.IsZero() && !at.Before(until):
		return ReasonOver
	}
	return ""
}

// Reason says why a coupon cannot be had or used. It is the parameter
// "reason" of the faults of this package.
type Reason string

// The reasons.
const (
	ReasonInactive Reason = "inactive" // the template is paused or has ended
	ReasonNotYet   Reason = "not_yet"
	ReasonOver     Reason = "over"
	ReasonSoldOut  Reason = "sold_out"     // Total is reached
	ReasonMember   Reason = "member_limit" // PerMember is reached
	ReasonMissing  Reason = "missing"      // there is no such coupon of this member
	ReasonHeld     Reason = "held"         // another order holds it
	ReasonUsed     Reason = "used"
	ReasonRevoked  Reason = "revoked"
)

func (t *Template) transition(to TemplateState, at time.Time) error {
	if !slices.Contains(t.State.next(), to) {
		return fault.New(fault.FailedPrecondition, "coupon.template_state", "the template's state does not allow this").
			With("from", string(t.State)).With("to", string(to))
	}
	t.State, t.UpdatedAt = to, at
	return nil
}

// check gathers what is wrong, and brings times to the precision that every
// backend keeps.
func (in *Terms) check(v *fault.Violations) {
	switch {
	case in.Promotion == "":
		v.Add("promotion", "required", nil)
	case !ref.ValidID(string(in.Promotion)):
		v.Add("promotion", "malformed", nil)
	}
	switch n := utf8.RuneCountInString(in.Name); {
	case n == 0:
		v.Add("name", "required", nil)
	case n > MaxName:
		v.Add("name", "too_long", fault.Params{"max": MaxName})
	case !ref.PlainText(in.Name):
		v.Add("name", "text", nil)
	}
	switch {
	case utf8.RuneCountInString(in.Note) > MaxTerms:
		v.Add("note", "too_long", fault.Params{"max": MaxTerms})
	case !ref.PlainLines(in.Note):
		v.Add("note", "text", nil)
	}
	if in.Channel != "" && !ref.ValidID(string(in.Channel)) {
		v.Add("channel", "malformed", nil)
	}
	if !in.Way.Valid() {
		v.Add("way", "unknown", nil)
	}
	window(v, "opens", &in.Opens, "closes", &in.Closes)
	window(v, "validity.from", &in.Validity.From, "validity.until", &in.Validity.Until)
	if in.Validity.Days < 0 || in.Validity.Days > MaxDays {
		v.Add("validity.days", "out_of_range", fault.Params{"min": 0, "max": MaxDays})
	}
	bound(v, "total", in.Total)
	bound(v, "per_member", in.PerMember)
}

// lastYear is far from the last one that backends and cursors can write down.
const lastYear = 9_000

func window(v *fault.Violations, begin string, from *time.Time, end string, until *time.Time) {
	for path, t := range map[string]*time.Time{begin: from, end: until} {
		if t.IsZero() {
			*t = time.Time{}
			continue
		}
		*t = clock.Normalize(*t)
		if t.Year() < 1970 || t.Year() > lastYear {
			v.Add(path, "out_of_range", fault.Params{"min": 1970, "max": lastYear})
		}
	}
	if !until.IsZero() && !until.After(*from) {
		v.Add(end, "before_start", nil)
	}
}

func bound(v *fault.Violations, path string, n int64) {
	if n < 0 || n > MaxLimit {
		v.Add(path, "out_of_range", fault.Params{"min": 0, "max": MaxLimit})
	}
}

// movable notes a bound that would appear or vanish.
func movable(v *fault.Violations, path string, from, to int64) {
	if (from == 0) != (to == 0) {
		v.Add(path, "fixed", nil)
	}
}
