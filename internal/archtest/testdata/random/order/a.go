package order

import (
	_ "crypto/rand"
)
