package catalog

import (
	"slices"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// State says whether a product is shown in a channel.
type State string

// The states of a product in a channel.
const (
	Draft       State = "draft"       // was never shown
	Published   State = "published"   // is shown within its window
	Unpublished State = "unpublished" // was taken off
)

// A published product may be published again: that replaces the window.
var transitions = map[State][]State{
	Draft:       {Published},
	Published:   {Published, Unpublished},
	Unpublished: {Published},
}

// To reports whether a product in state s in a channel may move to next.
func (s State) To(next State) bool { return slices.Contains(transitions[s], next) }

// Publication is a product's state in one channel.
type Publication struct {
	Channel ref.ChannelID `json:"channel"`
	State   State         `json:"state"`
	// From and Until bound the half-open window [From, Until) in which a
	// published product is shown. They are evaluated when somebody looks, so
	// that a window opens and closes on time without any job; a zero time
	// leaves that side open.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until,omitzero"`
	// FirstAt is when the product was first published here: its age.
	FirstAt time.Time `json:"first_at,omitzero"`
}

// Open reports whether the product is shown at now.
func (p Publication) Open(now time.Time) bool {
	return p.State == Published && !now.Before(p.From) && (p.Until.IsZero() || now.Before(p.Until))
}

// Since is when buyers could first see the product in the current window.
func (p Publication) Since() time.Time {
	if p.From.After(p.FirstAt) {
		return p.From
	}
	return p.FirstAt
}

func (p *Publication) transition(to State) error {
	if !p.State.To(to) {
		return fault.New(fault.FailedPrecondition, "product.publication", "the product's state in the channel does not allow this").
			With("from", string(p.State)).With("to", string(to)).With("channel", string(p.Channel))
	}
	p.State = to
	return nil
}

// In returns the product's publication in a channel, a draft where it has none.
func (p Product) In(channel ref.ChannelID) Publication {
	if i, ok := p.publication(channel); ok {
		return p.Publications[i]
	}
	return Publication{Channel: channel, State: Draft}
}

// Shown reports whether buyers of a channel see the product at now.
func (p Product) Shown(channel ref.ChannelID, now time.Time) bool {
	return !p.Archived() && p.In(channel).Open(now)
}

func (p Product) publication(channel ref.ChannelID) (int, bool) {
	return slices.BinarySearchFunc(p.Publications, channel, func(have Publication, want ref.ChannelID) int {
		return strings.Compare(string(have.Channel), string(want))
	})
}

func (p *Product) publish(channel ref.ChannelID, from, until, now time.Time) error {
	if p.Archived() {
		return archived(p.ID)
	}
	if len(p.Active()) == 0 {
		return fault.New(fault.FailedPrecondition, "product.no_sku", "a product without a SKU cannot be published").
			With("product", string(p.ID))
	}
	pub := p.In(channel)
	if err := pub.transition(Published); err != nil {
		return err
	}
	pub.From, pub.Until = stored(from), stored(until)
	if pub.FirstAt.IsZero() {
		pub.FirstAt = now
	}
	return p.put(pub, now)
}

// stored is a time from outside in the form in which it comes back.
func stored(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return clock.Normalize(t)
}

func (p *Product) unpublish(channel ref.ChannelID, now time.Time) error {
	pub := p.In(channel)
	if err := pub.transition(Unpublished); err != nil {
		return err
	}
	return p.put(pub, now)
}

func (p *Product) put(pub Publication, now time.Time) error {
	i, ok := p.publication(pub.Channel)
	switch {
	case ok:
		p.Publications[i] = pub
	case len(p.Publications) == MaxChannels:
		return fault.New(fault.Exhausted, "product.channel_cap", "the product is published in too many channels").
			With("max", MaxChannels)
	default:
		p.Publications = slices.Insert(p.Publications, i, pub)
	}
	p.UpdatedAt = now
	return nil
}

func archived(id ProductID) error {
	return fault.New(fault.FailedPrecondition, "product.archived", "the product is archived").With("product", string(id))
}
