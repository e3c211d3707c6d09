package commerce

import (
	_ "github.com/uptrace/bun"
	_ "modernc.org/sqlite"
)
