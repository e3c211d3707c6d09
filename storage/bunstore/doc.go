// Package bunstore keeps a shop in SQLite or PostgreSQL, through bun.
//
//	db, err := bunstore.Open(ctx, "postgres://shop@localhost/shop", nil)
//	if err != nil {
//		return err
//	}
//	defer db.Close()
//	if err := db.Migrate(ctx); err != nil {
//		return err
//	}
//	stores := db.Stores()
//
// Open takes "postgres://..." and "sqlite:path/to/file"; it changes no schema.
// [DB.Migrate] does, explicitly and by one runner at a time. A binary runs on
// a newer schema as long as that schema says so, so that an upgrade needs no
// stop: migrate first, then roll the binaries.
//
// PostgreSQL runs at READ COMMITTED through pgx. bun writes arguments into
// the statement, so a connection must not prepare each of them: Open sets
// default_query_exec_mode=exec and refuses a URL that asks for a caching
// mode. The statements of a purchase never change and are prepared by name;
// behind a pooler that shares connections without knowing about that, ask for
// default_query_exec_mode=simple_protocol. Options.Schema puts a shop into a
// schema of its own.
//
// SQLite has one writer connection with immediate transactions and a pool of
// readers; WAL, synchronous=FULL and a busy timeout are set, and Open fails
// where the file cannot have them, an in-memory database for one.
//
// A host that has its own tables in the same database commits its rows with
// the shop's through [DB.Join]; [Retryable] tells it when to start over.
package bunstore
