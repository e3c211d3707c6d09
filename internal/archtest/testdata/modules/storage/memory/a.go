package memory

import (
	_ "github.com/jackc/pgx/v5"
	_ "github.com/tidwall/btree"
)
