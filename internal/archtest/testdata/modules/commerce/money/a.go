package money

import (
	_ "golang.org/x/text/language"
	_ "math/bits"
	_ "github.com/google/uuid"
)
