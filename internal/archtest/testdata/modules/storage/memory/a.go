package memory

import (
	_ "github.com/tidwall/btree"
	_ "github.com/jackc/pgx/v5"
)
