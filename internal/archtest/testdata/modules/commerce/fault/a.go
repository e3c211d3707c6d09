package fault

import (
	_ "golang.org/x/text/language"
)
