package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// occupy claims a data folder for this process until release is called or the
// process ends, however it does: indexes, pictures and the fake bank's books
// have one writer. Nodes that share a database have a folder each. The claim is
// an exclusive transaction on a file of its own, which the system drops with
// the process, everywhere that SQLite runs.
func occupy(ctx context.Context, dir string) (release func() error, err error) {
	file, err := filepath.Abs(filepath.Join(dir, "in-use.lock"))
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be found: %w", err)
	}
	file = filepath.ToSlash(file)
	if file[0] != '/' { // a volume, such as C:
		file = "/" + file
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: file, RawQuery: "_pragma=busy_timeout(0)"}).String())
	if err != nil {
		return nil, fmt.Errorf("the data folder cannot be claimed: %w", err)
	}
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(0)
	if _, err = db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err == nil {
		return db.Close, nil
	}
	_ = db.Close() // what it says is of no more use
	var refused *sqlite.Error
	if errors.As(err, &refused) && refused.Code()&0xff == sqlite3.SQLITE_BUSY {
		return nil, fmt.Errorf("another marketplace is running on the folder %s: stop that one, or give this one a folder of its own with --data", dir)
	}
	return nil, fmt.Errorf("the data folder cannot be claimed: %w", err)
}
