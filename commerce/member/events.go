package member

// Topic is the stream of members.
const Topic = "member"

// Registered says that a member joined.
type Registered struct {
	Member ID `json:"member"`
}

// EventName returns the wire name.
func (Registered) EventName() string { return "member.registered.v1" }

// StateChanged says that a member may or may no longer sign in.
type StateChanged struct {
	Member  ID    `json:"member"`
	From    State `json:"from"`
	To      State `json:"to"`
	Version int64 `json:"version"`
}

// EventName returns the wire name.
func (StateChanged) EventName() string { return "member.state_changed.v1" }

// PasswordChanged says that earlier sessions of a member are over.
type PasswordChanged struct {
	Member ID `json:"member"`
}

// EventName returns the wire name.
func (PasswordChanged) EventName() string { return "member.password_changed.v1" }

// Forgotten asks whoever keeps personal data of a member to erase it, as far
// as no law says to keep it.
type Forgotten struct {
	Member ID `json:"member"`
}

// EventName returns the wire name.
func (Forgotten) EventName() string { return "member.forgotten.v1" }
