package merchant

// Topic is the stream of merchants.
const Topic = "merchant"

// Registered says that a merchant joined.
type Registered struct {
	Merchant ID `json:"merchant"`
}

// EventName returns the wire name.
func (Registered) EventName() string { return "merchant.registered.v1" }

// StateChanged says that a merchant may or may no longer sell.
type StateChanged struct {
	Merchant ID    `json:"merchant"`
	From     State `json:"from"`
	To       State `json:"to"`
	Version  int64 `json:"version"`
}

// EventName returns the wire name.
func (StateChanged) EventName() string { return "merchant.state_changed.v1" }
