package ref

import (
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
)

// ScopeKind is what a scope stands for.
type ScopeKind uint8

// The kinds of scope. The zero kind sees nothing.
const (
	NoScope ScopeKind = iota
	GuestScope
	MemberScope
	MerchantScope
	StaffScope
	SystemScope
)

// Scope says on whose behalf a call is made. It is a comparable value; the
// zero value sees nothing. It can be minted only by the functions below.
type Scope struct {
	kind ScopeKind
	id   string
}

// Guest is an anonymous shopper, known by the secret token of the session.
// The scope keeps a digest of the token only, the guest's key: that is what
// carts and orders store, so that nobody who reads them can be the guest.
func Guest(token string) Scope {
	if token == "" {
		return Scope{}
	}
	sum := sha256.Sum256([]byte("souk guest " + token))
	return scope(GuestScope, base64.RawURLEncoding.EncodeToString(sum[:24]))
}

// Member is a signed-in buyer.
func Member(id MemberID) Scope { return scope(MemberScope, string(id)) }

// Merchant is a seller, who sees the own part of an order group only.
func Merchant(id MerchantID) Scope { return scope(MerchantScope, string(id)) }

// Staff is an employee of the site, who sees everything the permissions that
// the caller checked beforehand allow.
func Staff(id StaffID) Scope { return scope(StaffScope, string(id)) }

// System is a worker or a verified notice of a provider. The architecture
// test lists the files that may call it.
func System() Scope { return Scope{kind: SystemScope} }

func scope(k ScopeKind, id string) Scope {
	if id == "" {
		return Scope{}
	}
	return Scope{kind: k, id: id}
}

// Kind returns what the scope stands for.
func (s Scope) Kind() ScopeKind { return s.kind }

// Member returns the member's id, "" for every other kind.
func (s Scope) Member() MemberID {
	if s.kind != MemberScope {
		return ""
	}
	return MemberID(s.id)
}

// Guest returns the guest's key, "" for every other kind.
func (s Scope) Guest() string {
	if s.kind != GuestScope {
		return ""
	}
	return s.id
}

// Merchant returns the merchant's id, "" for every other kind.
func (s Scope) Merchant() MerchantID {
	if s.kind != MerchantScope {
		return ""
	}
	return MerchantID(s.id)
}

// Staff returns the employee's id, "" for every other kind.
func (s Scope) Staff() StaffID {
	if s.kind != StaffScope {
		return ""
	}
	return StaffID(s.id)
}

// All reports whether the scope sees every object: staff and system.
func (s Scope) All() bool { return s.kind == StaffScope || s.kind == SystemScope }

// Owns reports whether a buyer's object is inside the scope: the member's
// own, the guest's own by key, or any for staff and system. A merchant owns
// no buyer's object; what a merchant may see of an order, order decides.
func (s Scope) Owns(member MemberID, guest string) bool {
	switch s.kind {
	case StaffScope, SystemScope:
		return true
	case MemberScope:
		return member != "" && MemberID(s.id) == member
	case GuestScope:
		return member == "" && guest != "" && s.id == guest
	case NoScope, MerchantScope:
	}
	return false
}

// String names the scope for logs and never shows a guest's key.
func (s Scope) String() string {
	switch s.kind {
	case GuestScope:
		return "guest"
	case MemberScope:
		return "member:" + s.id
	case MerchantScope:
		return "merchant:" + s.id
	case StaffScope:
		return "staff:" + s.id
	case SystemScope:
		return "system"
	case NoScope:
	}
	return "nobody"
}

// LogValue keeps a guest's key out of structured logs too.
func (s Scope) LogValue() slog.Value { return slog.StringValue(s.String()) }
