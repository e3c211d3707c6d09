package access

import (
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// The bounds of an employee's texts, in characters.
const (
	MinLogin = 2
	MaxLogin = 64
	MaxName  = 100
)

// State says whether an employee may sign in.
type State string

// The states of an employee.
const (
	Active   State = "active"
	Disabled State = "disabled" // may come back
)

var transitions = map[State][]State{
	Active:   {Disabled},
	Disabled: {Active},
}

// To reports whether an employee in state s may move to next.
func (s State) To(next State) bool { return slices.Contains(transitions[s], next) }

// Staff is an employee of the site.
type Staff struct {
	ID ref.StaffID
	// Login is the name to sign in with, in small letters; it may be an
	// e-mail address.
	Login string
	Name  string
	Roles []Role // sorted
	State State
	// CredentialAt is when the password was set or the state changed: a
	// session begun before is over.
	CredentialAt time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
	// Version counts the writes; a store refuses an Update of another one.
	Version int64
}

// SessionOver reports whether a session that began at the given time is over.
func (s Staff) SessionOver(began time.Time) bool {
	return s.State != Active || began.Before(s.CredentialAt)
}

// String names the employee by id only.
func (s Staff) String() string { return "staff(" + string(s.ID) + ", " + string(s.State) + ")" }

// GoString keeps the person out of %#v too.
func (s Staff) GoString() string { return s.String() }

// LogValue keeps the person out of structured logs.
func (s Staff) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Account is an employee with what only the service and the store see.
type Account struct {
	Staff
	PasswordHash string // in PHC string format
}

// Clone returns a copy that shares nothing with a.
func (a Account) Clone() Account {
	a.Roles = slices.Clone(a.Roles)
	return a
}

func (a *Account) transition(to State, at time.Time) error {
	if !a.State.To(to) {
		return fault.New(fault.FailedPrecondition, "staff.state", "the employee's state does not allow this").
			With("from", string(a.State)).With("to", string(to))
	}
	a.State, a.CredentialAt = to, at
	return nil
}

// normalLogin returns a login as it is stored: ASCII, in small letters, so
// that no two of them look alike.
func normalLogin(login string) (string, bool) {
	login = strings.ToLower(strings.TrimSpace(login))
	ok := len(login) >= MinLogin && len(login) <= MaxLogin && !strings.ContainsFunc(login, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(".-_+@", r)
	})
	return login, ok
}

func checkName(v *fault.Violations, name string) string {
	switch {
	case utf8.RuneCountInString(name) > MaxName:
		v.Add("name", "too_long", fault.Params{"max": MaxName})
	case !ref.PlainText(name):
		v.Add("name", "text", nil)
	}
	return strings.TrimSpace(name)
}

// checkRoles returns the roles sorted, each once.
func checkRoles(v *fault.Violations, roles []Role) []Role {
	if len(roles) == 0 {
		v.Add("roles", "required", nil)
		return nil
	}
	for _, r := range roles {
		if !slices.Contains(Roles(), r) {
			v.Add("roles", "unknown", fault.Params{"allowed": Roles()})
			return nil
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(roles)))
}
