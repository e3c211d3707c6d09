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
	release, err = claim(ctx, &url.URL{Scheme: "file", Path: file, RawQuery: "_pragma=busy_timeout(0)"})
	var refused *sqlite.Error
	switch {
	case err == nil:
		return release, nil
	case !errors.As(err, &refused):
		return nil, fmt.Errorf("the data folder cannot be claimed: %w", err)
	}
	switch refused.Code() & 0xff { // without its details
	case sqlite3.SQLITE_BUSY:
		return nil, fmt.Errorf("another marketplace is running on the folder %s: stop that one, or give this one a folder of its own with --data", dir)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return nil, fmt.Errorf("the data folder cannot be claimed: %s cannot be written", file)
	}
	return nil, fmt.Errorf("the data folder cannot be claimed by %s: %w", file, err)
}

// claim begins an exclusive transaction. What cannot be written SQLite opens
// for reading, where an exclusive transaction is granted to everybody: only a
// write proves that it excludes.
func claim(ctx context.Context, file *url.URL) (release func() error, err error) {
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	db.SetConnMaxLifetime(0)
	for _, statement := range []string{"BEGIN EXCLUSIVE", "PRAGMA user_version = 1"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			_ = db.Close() // the error above is the one to tell
			return nil, err
		}
	}
	return db.Close, nil
}
