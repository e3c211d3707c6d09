package event

import "sync"

// Signal is what a [Log] needs to be a [Watcher]. The zero value is ready to
// use.
type Signal struct {
	mu   sync.Mutex
	next int
	wake map[int]func()
}

// Watch implements [Watcher].
func (s *Signal) Watch(wake func()) (stop func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wake == nil {
		s.wake = map[int]func(){}
	}
	s.next++
	id := s.next
	s.wake[id] = wake
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.wake, id)
	}
}

// Send wakes everybody who watches.
func (s *Signal) Send() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, wake := range s.wake {
		wake()
	}
}
