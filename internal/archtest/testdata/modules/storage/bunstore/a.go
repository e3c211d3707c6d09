package bunstore

import (
	_ "github.com/uptrace/bun/dialect/pgdialect"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/tidwall/btree"
)
