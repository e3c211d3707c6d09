package pgsearch

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
)

// Rebuild implements [search.Index]. No other node can rebuild the same index
// meanwhile; the lock ends with the connection of a node that dies.
func (x *Index) Rebuild(ctx context.Context, fill func(ctx context.Context, w search.Writer) error) error {
	if err := x.usable(); err != nil {
		return err
	}
	conn, err := x.config.Pool.Acquire(ctx)
	if err != nil {
		return search.Failure(err)
	}
	defer conn.Release()
	lock, locked := lockOf("rebuild", x.schema, x.config.Name), false
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, pgx.QueryExecModeExec, lock).Scan(&locked); err != nil {
		return search.Failure(err)
	}
	if !locked {
		return fault.New(fault.Conflict, "search.rebuilding", "the index is being rebuilt already")
	}
	after := context.WithoutCancel(ctx)
	defer func() {
		if _, err := conn.Exec(after, `SELECT pg_advisory_unlock($1)`, pgx.QueryExecModeExec, lock); err != nil {
			_ = conn.Conn().Close(after) // which unlocks too
		}
	}()
	shard, err := x.begin(ctx)
	if err != nil {
		return search.Failure(err)
	}
	if err = fill(ctx, filler{x, shard}); err == nil {
		err = x.swap(ctx, shard)
	}
	if err != nil {
		return errors.Join(err, search.Failure(x.abandon(after, shard)))
	}
	return search.Failure(x.sweep(after))
}

// begin makes a shard that takes the live writes too.
func (x *Index) begin(ctx context.Context) (int64, error) {
	if err := x.abandon(ctx, 0); err != nil { // of a node that died
		return 0, err
	}
	var shard int64
	err := x.config.Pool.QueryRow(ctx, `WITH shard AS (INSERT INTO `+x.schema+`.shards (name, analysis) VALUES ($1, $2) RETURNING id)
		UPDATE `+x.schema+`.indexes SET filling = shard.id FROM shard WHERE indexes.name = $1 RETURNING shard.id`,
		pgx.QueryExecModeExec, x.config.Name, search.AnalysisVersion).Scan(&shard)
	return shard, err
}

// swap makes the filled shard the live one.
func (x *Index) swap(ctx context.Context, shard int64) error {
	if err := x.usable(); err != nil {
		return err
	}
	done, err := x.config.Pool.Exec(ctx, `UPDATE `+x.schema+`.indexes
		SET live = filling, filling = NULL, rebuilt = rebuilt + 1, changes = changes + 1 WHERE name = $1 AND filling = $2`,
		pgx.QueryExecModeExec, x.config.Name, shard)
	if err == nil && done.RowsAffected() == 0 {
		return overtaken()
	}
	return search.Failure(err)
}

// abandon gives a shard up, or whichever is being filled where it is 0.
func (x *Index) abandon(ctx context.Context, shard int64) error {
	_, err := x.config.Pool.Exec(ctx, `UPDATE `+x.schema+`.indexes SET filling = NULL WHERE name = $1 AND ($2 = 0 OR filling = $2)`,
		pgx.QueryExecModeExec, x.config.Name, shard)
	if err != nil {
		return err
	}
	return x.sweep(ctx)
}

// sweep deletes the shards that nobody reads or fills any more. A query that
// still reads one has its own view of it.
func (x *Index) sweep(ctx context.Context) error {
	return pgx.BeginFunc(ctx, x.config.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `SELECT s.id FROM `+x.schema+`.shards s JOIN `+x.schema+`.indexes i ON i.name = s.name
			WHERE s.name = $1 AND s.id <> i.live AND s.id IS DISTINCT FROM i.filling ORDER BY s.id FOR UPDATE OF s`,
			pgx.QueryExecModeExec, x.config.Name)
		if err != nil {
			return err
		}
		left, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil || len(left) == 0 {
			return err
		}
		for _, statement := range []string{
			`DELETE FROM ` + x.schema + `.documents WHERE shard = ANY($1)`,
			`DELETE FROM ` + x.schema + `.words WHERE shard = ANY($1)`,
			`DELETE FROM ` + x.schema + `.shards WHERE id = ANY($1)`,
		} {
			if _, err := tx.Exec(ctx, statement, pgx.QueryExecModeExec, left); err != nil {
				return err
			}
		}
		return nil
	})
}
