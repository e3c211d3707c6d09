package order

import "time"

func age(t time.Time) time.Duration {
	time.Sleep(time.Millisecond)
	_ = time.Now
	_ = time.Until(t)
	_ = time.NewTimer(time.Second)
	return time.Since(t)
}

type source struct{}

func (source) Now() int { return 0 }

func local() int {
	time := source{}
	return time.Now()
}
