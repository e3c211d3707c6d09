package web

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
)

// SessionConfig says how sessions are kept.
type SessionConfig struct {
	// Store keeps them on the server; the browser has a random token only.
	// Required: see [MemorySessions] and [NewSQLSessions].
	Store scs.Store
	// Cookie names the cookie and the part of the site it is sent to.
	Cookie, Path string
	// Lifetime ends a session however much it is used; Idle ends one that is not.
	Lifetime, Idle time.Duration
	// Strict keeps the cookie back when another site links here.
	Strict bool
	// Secure sends the cookie by HTTPS only.
	Secure bool
	// Fail answers a request whose session cannot be loaded. Required.
	Fail func(http.ResponseWriter, *http.Request, error)
}

// Sessions remembers who is who between requests.
type Sessions struct{ scs *scs.SessionManager }

// NewSessions returns sessions that are kept as c says.
func NewSessions(c SessionConfig) *Sessions {
	m := scs.New() // its own empty store goes on ticking once a minute: stopping it is a race
	m.Store, m.HashTokenInStore = c.Store, true
	m.Lifetime, m.IdleTimeout = c.Lifetime, c.Idle
	m.Cookie.Name, m.Cookie.Path = c.Cookie, c.Path
	m.Cookie.HttpOnly, m.Cookie.Secure = true, c.Secure
	m.Cookie.SameSite = http.SameSiteLaxMode
	if c.Strict {
		m.Cookie.SameSite = http.SameSiteStrictMode
	}
	m.ErrorFunc = c.Fail
	return &Sessions{scs: m}
}

// Load is the middleware that brings the session into the request's context
// and saves it before the answer's first byte.
func (s *Sessions) Load(next http.Handler) http.Handler { return s.scs.LoadAndSave(next) }

// The keys of a session's values; all of them are text.
const (
	keyMember  = "member"
	keyName    = "name"
	keyStaff   = "staff"
	keyGuest   = "guest"
	keyNotices = "notices"
)

// Scope returns on whose behalf the visitor acts: the member who signed in,
// else the guest of this session, else nobody.
func (s *Sessions) Scope(ctx context.Context) ref.Scope {
	if id := s.Member(ctx); id != "" {
		return ref.Member(id)
	}
	return ref.Guest(s.Guest(ctx))
}

// Member returns the id of the member who is signed in, "" for nobody.
func (s *Sessions) Member(ctx context.Context) ref.MemberID {
	return ref.MemberID(s.scs.GetString(ctx, keyMember))
}

// Name returns the name of whoever is signed in.
func (s *Sessions) Name(ctx context.Context) string { return s.scs.GetString(ctx, keyName) }

// Staff returns the id of the employee who is signed in, "" for nobody.
func (s *Sessions) Staff(ctx context.Context) ref.StaffID {
	return ref.StaffID(s.scs.GetString(ctx, keyStaff))
}

// Guest returns the guest's secret token, "" for a visitor who has none yet.
func (s *Sessions) Guest(ctx context.Context) string { return s.scs.GetString(ctx, keyGuest) }

// MustGuest returns the guest's secret token and mints one at first.
func (s *Sessions) MustGuest(ctx context.Context) string {
	if token := s.Guest(ctx); token != "" {
		return token
	}
	token := base64.RawURLEncoding.EncodeToString(Secret(24))
	s.scs.Put(ctx, keyGuest, token)
	return token
}

// Secret returns n bytes that nobody can guess.
func Secret(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails on the platforms Go supports
	return b
}

// SignIn makes the visitor a member under a new session token, so that a
// token somebody planted before is worth nothing. The guest's token stays
// until [Sessions.ForgetGuest], for merging the carts.
func (s *Sessions) SignIn(ctx context.Context, id ref.MemberID, name string) error {
	if err := s.scs.RenewToken(ctx); err != nil {
		return err
	}
	s.scs.Put(ctx, keyMember, string(id))
	s.scs.Put(ctx, keyName, name)
	return nil
}

// SignInStaff is SignIn for an employee.
func (s *Sessions) SignInStaff(ctx context.Context, id ref.StaffID, name string) error {
	if err := s.scs.RenewToken(ctx); err != nil {
		return err
	}
	s.scs.Put(ctx, keyStaff, string(id))
	s.scs.Put(ctx, keyName, name)
	return nil
}

// ForgetGuest drops the guest's token: what it owned belongs to a member now.
func (s *Sessions) ForgetGuest(ctx context.Context) { s.scs.Remove(ctx, keyGuest) }

// SignOut ends the session on the server and starts an empty one.
func (s *Sessions) SignOut(ctx context.Context) error {
	if err := s.scs.RenewToken(ctx); err != nil {
		return err
	}
	return s.scs.Clear(ctx)
}

// Put keeps a value that has a JSON form under a name of the caller's.
func (s *Sessions) Put(ctx context.Context, name string, value any) error {
	raw, err := json.Marshal(value)
	if err == nil {
		s.scs.Put(ctx, "value."+name, string(raw))
	}
	return err
}

// Get reads a value into target and reports whether there was one.
func (s *Sessions) Get(ctx context.Context, name string, target any) bool {
	raw := s.scs.GetString(ctx, "value."+name)
	return raw != "" && json.Unmarshal([]byte(raw), target) == nil
}

// Drop forgets a value.
func (s *Sessions) Drop(ctx context.Context, name string) { s.scs.Remove(ctx, "value."+name) }

// Tell leaves a notice for the next page.
func (s *Sessions) Tell(ctx context.Context, n view.Notice) {
	raw, err := json.Marshal(append(s.notices(s.scs.GetString(ctx, keyNotices)), n))
	if err == nil { // a notice that cannot be kept is not worth a failed request
		s.scs.Put(ctx, keyNotices, string(raw))
	}
}

// Notices returns what was left for this page and forgets it.
func (s *Sessions) Notices(ctx context.Context) []view.Notice {
	if !s.scs.Exists(ctx, keyNotices) {
		return nil // reading must not make the session change
	}
	return s.notices(s.scs.PopString(ctx, keyNotices))
}

func (s *Sessions) notices(raw string) []view.Notice {
	var ns []view.Notice
	if raw != "" {
		_ = json.Unmarshal([]byte(raw), &ns) // what an older version left is dropped
	}
	return ns
}
