package bench

import (
	"syscall"
	"time"
	"unsafe"
)

// Spent returns the time that the calling thread has worked, which is to be
// locked: other programs of a busy machine do not count.
func Spent() time.Duration {
	const threadClock = 3 // CLOCK_THREAD_CPUTIME_ID, which package syscall lacks
	var now syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&now)), 0)
	if errno != 0 {
		return 0
	}
	return time.Duration(now.Nano())
}
