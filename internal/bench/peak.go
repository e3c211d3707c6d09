package bench

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// Peak runs fn and returns the most bytes that the heap held meanwhile, with
// what is garbage already, as was seen every millisecond; and how long fn took.
func Peak(fn func()) (bytes uint64, took time.Duration) {
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() {
		metrics.Read(sample)
		bytes = max(bytes, sample[0].Value.Uint64())
	}
	read()
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				read()
			}
		}
	}()
	began := time.Now()
	fn()
	took = time.Since(began)
	close(done)
	<-stopped
	read()
	return bytes, took
}
