package main

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/examples/marketplace/internal/shop"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

// Whatever drops sessions has ended when serve returns: the stores are closed
// next.
func TestServeWaitsForTheTidying(t *testing.T) {
	t.Parallel()
	m, err := commerce.New(commerce.Config{})
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	begun, over := make(chan struct{}), atomic.Bool{}
	h := &house{log: log, market: m, shop: &shop.Shop{}, health: web.NewHealth(log, nil), every: time.Millisecond}
	h.purge = func(ctx context.Context) error {
		if ctx.Err() == nil {
			close(begun)
			<-ctx.Done()
			<-time.After(50 * time.Millisecond) // what a database takes to give up
			over.Store(true)
		}
		return nil
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ln, err := web.Listen(ctx, "127.0.0.1:0")
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- h.serve(ctx, ln) }()
	<-begun
	cancel()
	require.NoError(t, <-ended)
	require.True(t, over.Load())
}

// A defect in dropping sessions is logged, and they are dropped the next time.
func TestTidyingSurvivesAPanic(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var log output
	times := 0
	h := &house{log: slog.New(slog.NewTextHandler(&log, nil)), purge: func(context.Context) error {
		if times++; times == 1 {
			panic("a defect")
		}
		cancel()
		return nil
	}}
	h.tidy(ctx, time.Millisecond)
	require.GreaterOrEqual(t, times, 2)
	require.Contains(t, log.String(), "a defect")
}
