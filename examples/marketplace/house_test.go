package main

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
