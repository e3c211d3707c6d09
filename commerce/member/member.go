package member

import (
	"log/slog"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// ID names a member.
type ID = ref.MemberID

// State says whether a member may sign in.
type State string

// The states of a member.
const (
	Active  State = "active"
	Blocked State = "blocked" // by staff, for now
	Erased  State = "erased"  // nothing personal is left; for good
)

var transitions = map[State][]State{
	Active:  {Blocked, Erased},
	Blocked: {Active, Erased},
	Erased:  {},
}

// To reports whether a member in state s may move to next.
func (s State) To(next State) bool { return slices.Contains(transitions[s], next) }

// Member is a registered buyer.
type Member struct {
	ID    ID
	State State
	// Email is where mail goes, as the member wrote it; Name and Phone (E.164)
	// are optional. All three are empty once the member is forgotten.
	Email string
	Name  string
	Phone string
	// Locale is the language of mail and pages; empty for the channel's.
	Locale ref.Locale
	// CredentialAt is when the password was set or the member was blocked: a
	// session begun before is over. Zero without a password.
	CredentialAt time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
	// Version counts the writes; a store refuses an Update of another one.
	Version int64
}

// String names the member and says nothing of the person.
func (m Member) String() string { return "member(" + string(m.ID) + ", " + string(m.State) + ")" }

// GoString keeps the person out of %#v too.
func (m Member) GoString() string { return m.String() }

// LogValue keeps the person out of structured logs.
func (m Member) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Account is a member with what only the service and the store see.
type Account struct {
	Member
	// EmailKey is the form of Email under which it is unique, see [EmailKey].
	EmailKey string
	// PasswordHash is in PHC string format; empty for a member who cannot sign
	// in with a password.
	PasswordHash string
}

func (a *Account) transition(to State, at time.Time) error {
	if !a.State.To(to) {
		return fault.New(fault.FailedPrecondition, "member.state", "the member's state does not allow this").
			With("from", string(a.State)).With("to", string(to))
	}
	a.State, a.UpdatedAt, a.CredentialAt = to, at, at
	return nil
}

// forget empties whatever is personal.
func (a *Account) forget(at time.Time) error {
	if err := a.transition(Erased, at); err != nil {
		return err
	}
	a.Email, a.EmailKey, a.Name, a.Phone, a.Locale, a.PasswordHash = "", "", "", "", "", ""
	return nil
}
