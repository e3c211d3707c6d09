package pgtest

import "testing"

// Crash kills the server as a power cut would end it for its clients: without
// a word and without a checkpoint. Connections break; [Server.Restart] recovers
// what was committed.
func (s *Server) Crash(t testing.TB) {
	t.Helper()
	if err := s.command("crash"); err != nil {
		t.Fatalf("crash PostgreSQL: %v", err)
	}
}

// Restart starts a server that crashed, on the same port, and returns when it
// answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.command("start"); err != nil {
		t.Fatalf("restart PostgreSQL: %v", err)
	}
}
