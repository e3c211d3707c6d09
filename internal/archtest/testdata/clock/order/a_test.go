package order_test

import "time"

func wait() time.Time {
	time.Sleep(50 * time.Millisecond)
	time.Sleep(51 * time.Millisecond)
	time.Sleep(1 * time.Second)
	time.Sleep(time.Millisecond)
	return time.Now()
}
