package campaign

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// ID names a promotion, and the campaign that it is kept in.
type ID = ref.PromotionID

// State says whether a promotion is offered.
type State string

// The states of a campaign.
const (
	Draft  State = "draft"  // never offered so far
	Active State = "active" // offered in its window
	Paused State = "paused" // not offered for now
	Ended  State = "ended"  // for good
)

var transitions = map[State][]State{
	Draft:  {Active, Ended},
	Active: {Paused, Ended},
	Paused: {Active, Ended},
	Ended:  {},
}

// To reports whether a campaign in state s may move to next.
func (s State) To(next State) bool { return slices.Contains(transitions[s], next) }

// MaxBody bounds the JSON form of a promotion, in bytes.
const MaxBody = 256 << 10

// Campaign is a promotion as it is kept.
type Campaign struct {
	ID       ID
	Merchant ref.MerchantID // the owner; empty for the site
	State    State
	// Promotion is its newest version; Promotion.Version counts them from 1.
	Promotion promo.Promotion
	CreatedAt time.Time
	UpdatedAt time.Time
	// Version counts the writes; a store refuses an Update of another one.
	Version int64
}

func (c *Campaign) transition(to State, at time.Time) error {
	if !c.State.To(to) {
		return fault.New(fault.FailedPrecondition, "campaign.state", "the campaign's state does not allow this").
			With("from", string(c.State)).With("to", string(to))
	}
	c.State, c.UpdatedAt = to, at
	return nil
}

// Group is an exclusion group of the shop, beside promo.StandardGroups.
type Group struct {
	promo.Group

	CreatedAt time.Time
	UpdatedAt time.Time
	// Version counts the writes; a store refuses an Update of another one.
	Version int64
}

// Encode returns the text under which stores keep a promotion. Kinds: Invalid.
func Encode(p *promo.Promotion) (string, error) {
	body, err := json.Marshal(p)
	if err != nil {
		return "", fault.Wrap(err, fault.Invalid, "campaign.body", "the promotion has no JSON form")
	}
	return string(body), nil
}

// Decode reads what Encode wrote. Fields that a newer binary added are passed
// over. Kinds: Internal.
func Decode(body string) (promo.Promotion, error) {
	var p promo.Promotion
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		return promo.Promotion{}, fault.Wrap(err, fault.Internal, "campaign.body", "the stored promotion cannot be read")
	}
	return p, nil
}

// canonical returns a promotion as a store will return it, and its body.
func canonical(p promo.Promotion) (promo.Promotion, string, error) {
	if !p.From.IsZero() {
		p.From = clock.Normalize(p.From)
	}
	if !p.Until.IsZero() {
		p.Until = clock.Normalize(p.Until)
	}
	body, err := Encode(&p)
	if err != nil {
		return promo.Promotion{}, "", err
	}
	if len(body) > MaxBody {
		return promo.Promotion{}, "", fault.New(fault.Invalid, "campaign.invalid", "the promotion is too large").
			WithField("promotion", "too_long", fault.Params{"max": MaxBody})
	}
	p, err = Decode(body)
	return p, body, err
}
