package member

// Transitions is the state table, for the test that covers every pair.
func Transitions() map[State][]State { return transitions }

// Move is the one transition function.
func Move(a *Account, to State) error { return a.transition(to, a.UpdatedAt) }

// Busy takes every turn of a Hasher until done is called.
func Busy(h *Hasher) (done func()) {
	for range cap(h.turns) {
		h.turns <- struct{}{}
	}
	return func() {
		for range cap(h.turns) {
			<-h.turns
		}
	}
}
