package uid

import (
	_ "crypto/rand"
)
