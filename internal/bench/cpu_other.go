//go:build !linux

package bench

import "time"

// Spent returns the time of the clock.
func Spent() time.Duration { return time.Duration(time.Now().UnixNano()) }
