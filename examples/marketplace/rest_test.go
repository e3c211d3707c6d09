package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

//nolint:paralleltest // others would keep the program busy
func TestMemoryIsGivenBackOnceAtRest(t *testing.T) {
	percent := debug.SetGCPercent(-1) // so that nobody else collects
	defer debug.SetGCPercent(percent)
	forced := func() uint64 {
		m := []metrics.Sample{{Name: "/gc/cycles/forced:gc-cycles"}}
		metrics.Read(m)
		return m[0].Value.Uint64()
	}
	before := forced()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); giveBack(ctx, time.Millisecond) }()
	require.Eventually(t, func() bool { return forced() > before }, 10*time.Second, time.Millisecond)
	once := forced()
	time.Sleep(50 * time.Millisecond)
	require.Equal(t, once, forced(), "at rest there is nothing more to give")
	debug.FreeOSMemory() // busy again
	require.Eventually(t, func() bool { return forced() > once+1 }, 10*time.Second, time.Millisecond)
	cancel()
	<-ended
}
