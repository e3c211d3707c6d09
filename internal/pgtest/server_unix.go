//go:build unix

package pgtest

import (
	"bufio"
	"crypto/rand"
	_ "embed" // supervise.sh
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/soukhq/souk/internal/scratch"
)

//go:embed supervise.sh
var supervise string

// portTries is how often a port is chosen anew: between the choice and the
// server's bind another process may take it.
const portTries = 5

// supervisor is the shell that owns a server and outlives this process by the
// moment it takes to clean up.
type supervisor struct {
	mu      sync.Mutex
	cmd     *exec.Cmd
	control io.WriteCloser
	answers *bufio.Reader
}

func start(opts Options) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	owner, err := owner()
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		s, err := launch(bin, owner, opts)
		if err == nil {
			return s, nil
		}
		if try == portTries || !strings.Contains(err.Error(), "could not bind") {
			return nil, err
		}
	}
}

// launch creates a server in a new folder and waits until it answers.
func launch(bin string, owner *syscall.Credential, opts Options) (*Server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &Server{port: port, password: rand.Text()}
	dir := os.TempDir()
	if opts.NoSync {
		dir = scratch.Dir()
	}
	root, err := folder(base(dir, owner), owner, map[string]string{
		"password": s.password + "\n",
		"settings": settings(port, opts),
	})
	if err != nil {
		return nil, err
	}

	cmd := exec.Command("/bin/sh", "-c", supervise, "pgtest", bin, root) //nolint:noctx // ends with its input
	cmd.Dir = root
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "PG") }), "LC_ALL=C")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: owner}
	control, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("pipe: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("run the supervisor: %w", err), os.RemoveAll(root))
	}
	s.super = &supervisor{cmd: cmd, control: control, answers: bufio.NewReader(out)}
	if err := s.super.answer(); err != nil {
		s.stop()
		return nil, err
	}
	version, err := os.ReadFile(filepath.Join(root, "data", "PG_VERSION"))
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("read the version: %w", err)
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(version)))
	s.copyFiles = opts.NoSync && err == nil && major >= 15 // earlier ones know no other way
	return s, nil
}

// stop ends the server and returns when its folder is gone.
func (s *Server) stop() {
	s.super.mu.Lock()
	defer s.super.mu.Unlock()
	_ = s.super.control.Close()
	_ = s.super.cmd.Wait() // its exit code is that of rm
}

// command has the supervisor do something and waits for its answer.
func (s *Server) command(name string) error {
	s.super.mu.Lock()
	defer s.super.mu.Unlock()
	if _, err := io.WriteString(s.super.control, name+"\n"); err != nil {
		return fmt.Errorf("tell the supervisor: %w", err)
	}
	return s.super.answer()
}

func (v *supervisor) answer() error {
	line, err := v.answers.ReadString('\n')
	switch {
	case err != nil:
		return fmt.Errorf("the supervisor is gone: %w", err)
	case line != "ok\n":
		return errors.New(strings.TrimSpace(line))
	}
	return nil
}

// folder makes a temporary folder in dir that belongs to owner, with files in
// it.
func folder(dir string, owner *syscall.Credential, files map[string]string) (root string, err error) {
	root, err = os.MkdirTemp(dir, "souk-pg-")
	if err != nil {
		return "", fmt.Errorf("make a folder: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(root)
		}
	}()
	for name, content := range files {
		path := filepath.Join(root, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			return "", fmt.Errorf("write %s: %w", name, err)
		}
		if owner != nil {
			if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
				return "", fmt.Errorf("give %s away: %w", name, err)
			}
		}
	}
	if owner != nil {
		if err := os.Chown(root, int(owner.Uid), int(owner.Gid)); err != nil {
			return "", fmt.Errorf("give the folder away: %w", err)
		}
	}
	return root, nil
}

// base is where the folder goes: the usual place, or /tmp where another user
// could not enter the usual place.
func base(usual string, owner *syscall.Credential) string {
	if owner == nil {
		return usual
	}
	for dir := filepath.Clean(usual); dir != "/" && dir != "."; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return "/tmp"
		}
	}
	return usual
}

// owner returns whom the server runs as: nil for the current user, and under
// root, whom PostgreSQL refuses, an unprivileged one.
func owner() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil //nolint:nilnil // nil is how syscall says the current user
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(u.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(u.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, missingError("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")
}

// Available reports whether PostgreSQL is installed.
func Available() bool {
	_, err := binaries()
	return err == nil
}

// binaries returns the folder that holds initdb and pg_ctl: of the newest
// version where there are several.
func binaries() (string, error) {
	dirs := []string{os.Getenv("PG_BIN")}
	if path, err := exec.LookPath("pg_ctl"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", // Debian
		"/usr/pgsql-*/bin",          // Red Hat
		"/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin",
		"/usr/local/pgsql/bin",
	} {
		found, _ := filepath.Glob(pattern) // fails for a bad pattern only
		slices.Reverse(found)
		dirs = append(dirs, found...)
	}
	for _, dir := range dirs {
		if dir != "" && runnable(filepath.Join(dir, "initdb")) && runnable(filepath.Join(dir, "pg_ctl")) {
			return dir, nil
		}
	}
	return "", missingError("initdb and pg_ctl are neither in PG_BIN nor in PATH nor in /usr/lib/postgresql/*/bin" +
		" (Debian: apt-get install postgresql)")
}

func runnable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // returns at once
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return 0, fmt.Errorf("free the port: %w", err)
	}
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, fmt.Errorf("read the address: %w", err)
	}
	return strconv.Atoi(port)
}
