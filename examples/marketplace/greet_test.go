package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheGreetingNamesWhereItIsKept(t *testing.T) {
	t.Parallel()
	for url, kept := range map[string]string{
		"":                       "kept in memory",
		"sqlite:.souk/shop.db":   "kept in .souk); Ctrl-C closes it",
		"sqlite:x.db":            "kept in x.db)",
		"sqlite:x.db?_sync=full": "kept in x.db)",
		"postgres://u@host/shop": "kept in PostgreSQL)",
	} {
		var out bytes.Buffer
		h := &house{plan: plan{url: url, data: ".souk"}}
		h.greet(&out, "127.0.0.1:1")
		require.Contains(t, out.String(), kept, url)
	}
}

func TestWhatIsNoTerminalGetsOneLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	b := &bar{out: &out}
	b.Begin(3)
	for range 3 {
		b.Add(1)
	}
	require.Equal(t, "Filling the shelves with 3 products\n", out.String())
}

func TestAnExplanationIsOneWholeLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "no connection: dial tcp 127.0.0.1:1: refused", explain(errors.New("no connection:\n\tdial tcp 127.0.0.1:1: refused")))
}
