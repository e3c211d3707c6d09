package main

import (
	_ "testing/fstest"
	_ "github.com/nats-io/nats-server/v2/server"
)
