package merchant

import (
	"slices"
	"time"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// ID names a merchant.
type ID = ref.MerchantID

// State says whether a merchant may sell.
type State string

// The states of a merchant.
const (
	Active    State = "active"    // sells
	Suspended State = "suspended" // sells nothing for now
	Closed    State = "closed"    // for good
)

var transitions = map[State][]State{
	Active:    {Suspended, Closed},
	Suspended: {Active, Closed},
	Closed:    {},
}

// To reports whether a merchant in state s may move to next.
func (s State) To(next State) bool { return slices.Contains(transitions[s], next) }

// MaxName bounds a merchant's name, in characters.
const MaxName = 120

// Merchant is a seller.
type Merchant struct {
	ID        ID
	Name      string
	State     State
	CreatedAt time.Time
	UpdatedAt time.Time
	// Version counts the writes; a store refuses an Update of another one.
	Version int64
}

// Sells reports whether the merchant's goods can be bought now.
func (m Merchant) Sells() bool { return m.State == Active }

func (m *Merchant) transition(to State, at time.Time) error {
	if !m.State.To(to) {
		return fault.New(fault.FailedPrecondition, "merchant.state", "the merchant's state does not allow this").
			With("from", string(m.State)).With("to", string(to))
	}
	m.State, m.UpdatedAt = to, at
	return nil
}

func (in RegisterInput) check() error {
	var v fault.Violations
	if in.ID != "" && !ref.ValidID(string(in.ID)) {
		v.Add("id", "malformed", nil)
	}
	switch n := utf8.RuneCountInString(in.Name); {
	case n == 0:
		v.Add("name", "required", nil)
	case n > MaxName:
		v.Add("name", "too_long", fault.Params{"max": MaxName})
	case !ref.PlainText(in.Name):
		v.Add("name", "text", nil)
	}
	return v.Err("merchant.invalid", "the merchant is not valid")
}
