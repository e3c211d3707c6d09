package fast

import (
	_ "github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgxtra"
)
