package main

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// giveBack returns memory to the system whenever the program has come to rest
// after it was busy, until ctx ends: the collector sizes the heap by what was
// alive when it last ran, which at the end of a burst (an index that was filled
// anew) is much more than is needed, and runs again after two minutes at the
// latest. At rest is an interval in which it did not run.
func giveBack(ctx context.Context, interval time.Duration) {
	t := time.NewTicker(interval)
	defer t.Stop()
	seen := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}}
	collected := func() uint64 {
		metrics.Read(seen)
		return seen[0].Value.Uint64()
	}
	last, busy := collected(), true
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		switch now := collected(); {
		case now != last:
			last, busy = now, true
		case busy:
			debug.FreeOSMemory()
			last, busy = now+1, false // that was one; what ran beside it is work
		}
	}
}
