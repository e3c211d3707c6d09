package lottery

import (
	_ "math/rand"
)
