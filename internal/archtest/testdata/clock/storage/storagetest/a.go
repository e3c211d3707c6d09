package storagetest

import "time"

func nap() {
	time.Sleep(2 * time.Millisecond)
	_ = time.Now()
}
