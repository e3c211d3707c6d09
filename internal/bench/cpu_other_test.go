//go:build !linux

package bench_test

import "time"

var begin = time.Now()

// spent returns the time that has passed.
func spent() time.Duration { return time.Since(begin) }
