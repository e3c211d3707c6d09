package member

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
