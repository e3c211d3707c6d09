package pgtest

import "time"

func deadline() time.Time { return time.Now() }
