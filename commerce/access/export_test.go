package access

// Transitions is the state table, for the test that covers every pair.
func Transitions() map[State][]State { return transitions }

// Move is the one transition function.
func Move(a *Account, to State) error { return a.transition(to, a.UpdatedAt) }
