//go:build !unix

package pgtest

type supervisor struct{}

func start(Options) (*Server, error) {
	return nil, missingError("a throw-away server needs a Unix system")
}

// Available reports whether PostgreSQL is installed.
func Available() bool { return false }

func (s *Server) stop() {}

func (s *Server) command(string) error { return missingError("no server runs") }
