package coupon

import (
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/ref"
)

// Topic is the stream of coupons. The aggregate of what happens to coupons is
// their member, that of the others the template.
const Topic = "coupon"

// Subject says which coupon an event is about.
type Subject struct {
	Coupon    ID              `json:"coupon"`
	Template  TemplateID      `json:"template"`
	Promotion ref.PromotionID `json:"promotion"`
	Member    ref.MemberID    `json:"member"`
}

func subject(c *Coupon) Subject {
	return Subject{Coupon: c.ID, Template: c.Template, Promotion: c.Promotion, Member: c.Member}
}

// Issued says that a member was given a coupon.
type Issued struct {
	Subject
	Way       Way       `json:"way"`
	Origin    string    `json:"origin,omitempty"`
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// EventName returns the wire name.
func (Issued) EventName() string { return "coupon.issued.v1" }

// WasUsed says that a coupon was used for an order that was paid.
type WasUsed struct {
	Subject
	Group ref.GroupID `json:"group"`
}

// EventName returns the wire name.
func (WasUsed) EventName() string { return "coupon.used.v1" }

// Returned says that a member has a coupon again that an order had held or
// used.
type Returned struct {
	Subject
	Group ref.GroupID `json:"group"`
}

// EventName returns the wire name.
func (Returned) EventName() string { return "coupon.returned.v1" }

// RanOut says that a coupon was not used in time.
type RanOut struct{ Subject }

// EventName returns the wire name.
func (RanOut) EventName() string { return "coupon.expired.v1" }

// TakenBack says that a coupon was revoked.
type TakenBack struct {
	Subject
	Origin string `json:"origin,omitempty"`
}

// EventName returns the wire name.
func (TakenBack) EventName() string { return "coupon.revoked.v1" }

// TemplateChanged says that a template is new, or says or does something else
// than before.
type TemplateChanged struct {
	Template TemplateID     `json:"template"`
	Merchant ref.MerchantID `json:"merchant,omitempty"`
	State    TemplateState  `json:"state"`
	Version  int64          `json:"version"`
}

// EventName returns the wire name.
func (TemplateChanged) EventName() string { return "coupon.template_changed.v1" }

// CodesMade says that a batch of codes was made.
type CodesMade struct {
	Batch    BatchID    `json:"batch"`
	Template TemplateID `json:"template"`
	Size     int        `json:"size"`
}

// EventName returns the wire name.
func (CodesMade) EventName() string { return "coupon.codes_made.v1" }

// CodesVoided says that what was left of a batch is void.
type CodesVoided struct {
	Batch    BatchID    `json:"batch"`
	Template TemplateID `json:"template"`
	Codes    int        `json:"codes"`
}

// EventName returns the wire name.
func (CodesVoided) EventName() string { return "coupon.codes_voided.v1" }

// records announces what happened to coupons, one record each. Their ids begin
// with one that was minted before the unit.
func records(id string, cs []Coupon, at time.Time, payload func(c *Coupon) event.Payload) ([]event.Record, error) {
	out := make([]event.Record, len(cs))
	for i := range cs {
		var err error
		if out[i], err = event.New(id+"/"+string(cs[i].ID), Topic, string(cs[i].Member), at, payload(&cs[i])); err != nil {
			return nil, err
		}
	}
	return out, nil
}
