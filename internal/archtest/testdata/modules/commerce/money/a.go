package money

import (
	_ "github.com/google/uuid"
	_ "golang.org/x/text/language"
	_ "math/bits"
)
