package crashtest_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"
)

// wire is the way to PostgreSQL: it reads what the shop says, and hands it to
// a proxy that can swallow what the server answers.
//
//	shop -> wire -> toxiproxy -> PostgreSQL
type wire struct {
	proxy    *toxiproxy.Proxy
	listener net.Listener
	wg       sync.WaitGroup

	mu      sync.Mutex
	fail    error
	until   int // COMMITs to come until one whose answer is lost; 0 for none
	lost    int // answers
	engaged net.Conn
}

// newWire puts a wire before a server and returns the database's address on it.
func newWire(t *testing.T, direct string) (*wire, string) {
	t.Helper()
	u, err := url.Parse(direct)
	require.NoError(t, err)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	w := &wire{proxy: toxiproxy.NewProxy(server, "postgres", "127.0.0.1:0", u.Host)}
	require.NoError(t, w.proxy.Start())
	w.listener, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.wg.Go(w.serve)
	t.Cleanup(func() {
		_ = w.listener.Close()
		w.proxy.Stop()
		w.wg.Wait()
		require.NoError(t, w.fail)
	})
	u.Host = w.listener.Addr().String()
	return w, u.String()
}

// lose lets the answer to the n-th COMMIT from now on be lost.
func (w *wire) lose(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.until = n
}

// losses returns how many answers were lost.
func (w *wire) losses() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lost
}

func (w *wire) serve() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return // closed
		}
		server, err := net.Dial("tcp", w.proxy.Listen) //nolint:noctx // ends with the listener
		if err != nil {
			_ = client.Close()
			continue
		}
		w.wg.Go(func() {
			w.ask(client, server)
			_ = server.Close()
		})
		w.wg.Go(func() {
			_, _ = io.Copy(client, server)
			w.mend(client) // before the shop learns that its connection is gone
			_ = client.Close()
		})
	}
}

// ask passes on what the shop says, message by message.
func (w *wire) ask(client, server net.Conn) {
	for head := 4; ; head = 5 { // the first message has no type
		message := make([]byte, head)
		if _, err := io.ReadFull(client, message); err != nil {
			return
		}
		size := int(binary.BigEndian.Uint32(message[head-4:]))
		message = append(message, make([]byte, size-4)...)
		if _, err := io.ReadFull(client, message[head:]); err != nil {
			return
		}
		if bytes.EqualFold(message[head:], []byte("commit\x00")) && message[0] == 'Q' {
			w.commit(client)
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

const toxic = "lost"

// commit engages the toxic, where it is due, before COMMIT is passed on: the
// connection ends with the first byte that the server answers, and without it.
func (w *wire) commit(client net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.until == 0 {
		return
	}
	if w.until--; w.until > 0 {
		return
	}
	_, err := w.proxy.Toxics.AddToxicJson(strings.NewReader(
		`{"name": ` + strconv.Quote(toxic) + `, "type": "limit_data", "stream": "downstream", "attributes": {"bytes": 0}}`))
	if err != nil {
		w.fail = err
	}
	w.engaged = client
}

// mend takes the toxic away when it has struck.
func (w *wire) mend(client net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.engaged != client {
		return
	}
	w.engaged = nil
	w.lost++
	if err := w.proxy.Toxics.RemoveToxic(context.Background(), toxic); err != nil {
		w.fail = err
	}
}
