package bunstore

import (
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/tidwall/btree"
	_ "github.com/uptrace/bun/dialect/pgdialect"
)
