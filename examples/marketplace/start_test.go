//go:build linux

package main

import (
	"bufio"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// settled is when the memory of a started shop is read.
const settled = 30 * time.Second

// BenchmarkStart starts the built program on a database that is filled with
// the demo. It reports the seconds from the start to the answered first page,
// and the resident memory half a minute after the start, in MB of 1,000,000
// bytes, and fails beyond 1 and 120.
func BenchmarkStart(b *testing.B) {
	program := filepath.Join(b.TempDir(), "marketplace")
	out, err := exec.CommandContext(b.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(b, err, "%s", out)
	data := b.TempDir()
	launch(b, program, data).stop(b) // fills the database

	var first, memory float64
	for b.Loop() {
		p := launch(b, program, data)
		first = p.firstPage(b).Seconds()
		<-time.After(time.Until(p.begun.Add(settled)))
		memory = p.resident(b)
		p.stop(b)
	}
	b.ReportMetric(first, "s/first_page")
	b.ReportMetric(memory, "MB_resident")
	b.ReportMetric(0, "ns/op") // which is the wait
	require.Less(b, first, 1.0, "seconds to the first page")
	require.Less(b, memory, 120.0, "MB half a minute later")
}

// child is a running program.
type child struct {
	cmd   *exec.Cmd
	begun time.Time
	url   string
}

// launch starts the program and waits until it says that it is open.
func launch(b *testing.B, program, data string) *child {
	b.Helper()
	cmd := exec.CommandContext(context.WithoutCancel(b.Context()), program, "--data", data, "--addr", "127.0.0.1:0")
	cmd.Env = []string{}
	stdout, err := cmd.StdoutPipe()
	require.NoError(b, err)
	p := &child{cmd: cmd, begun: time.Now()}
	require.NoError(b, cmd.Start())
	b.Cleanup(func() { _ = cmd.Process.Kill() }) // where the benchmark failed
	open := regexp.MustCompile(`open: (http://\S+)`)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if m := open.FindStringSubmatch(lines.Text()); m != nil {
			p.url = m[1]
			break
		}
	}
	require.NotEmpty(b, p.url, "it ended by itself")
	return p
}

// firstPage asks for the home page and returns how long after the start it was
// there.
func (p *child) firstPage(b *testing.B) time.Duration {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), http.MethodGet, p.url+"/en/", nil)
	require.NoError(b, err)
	res, err := http.DefaultClient.Do(req)
	require.NoError(b, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(b, http.StatusOK, res.StatusCode)
	return time.Since(p.begun)
}

// resident returns the program's resident memory in megabytes.
func (p *child) resident(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/" + strconv.Itoa(p.cmd.Process.Pid) + "/status")
	require.NoError(b, err)
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	require.NotNil(b, m)
	kb, err := strconv.ParseFloat(string(m[1]), 64)
	require.NoError(b, err)
	return kb * 1024 / 1e6
}

func (p *child) stop(b *testing.B) {
	b.Helper()
	require.NoError(b, p.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(b, p.cmd.Wait())
}
