package order_test

import (
	_ "crypto/rand"
	_ "math/rand"
)
