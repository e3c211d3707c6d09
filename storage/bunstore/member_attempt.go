package bunstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/member"
)

type signInAttemptRow struct {
	bun.BaseModel `bun:"table:sign_in_attempts,alias:sia"`

	Key   string  `bun:"key,pk"`
	N     int     `bun:"n"`
	Since instant `bun:"since"`
}

func (r signInAttemptRow) value() member.Attempts {
	return member.Attempts{Key: r.Key, N: r.N, Since: r.Since.Time}
}

type signInAttempts struct{ db *DB }

var _ member.AttemptStore = signInAttempts{}

func (s signInAttempts) Count(ctx context.Context, keys []string, now time.Time, window time.Duration) ([]member.Attempts, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	rows := make([]signInAttemptRow, len(keys))
	for i, k := range keys {
		rows[i] = signInAttemptRow{Key: k, N: 1, Since: at(now)}
	}
	slices.SortFunc(rows, func(a, b signInAttemptRow) int { return strings.Compare(a.Key, b.Key) })
	cutoff := at(now.Add(-window))
	var counted []signInAttemptRow
	c := s.db.conn(ctx)
	_, err := c.scan(ctx, c.insert(&rows).On("CONFLICT (key) DO UPDATE").
		Set("n = CASE WHEN ?TableAlias.since <= ? THEN 1 ELSE ?TableAlias.n + 1 END", cutoff).
		Set("since = CASE WHEN ?TableAlias.since <= ? THEN EXCLUDED.since ELSE ?TableAlias.since END", cutoff).
		Returning("*"), &counted)
	if err != nil {
		return nil, err
	}
	return inOrder(keys, counted, func(r signInAttemptRow) string { return r.Key }, signInAttemptRow.value), nil
}

func (s signInAttempts) Clear(ctx context.Context, keys []string) error {
	if len(keys) == 0 {
		return nil
	}
	c := s.db.conn(ctx)
	_, err := c.exec(ctx, c.delete((*signInAttemptRow)(nil)).Where("key IN (?)", bun.List(keys)))
	return err
}

func (s signInAttempts) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	c := s.db.conn(ctx)
	old := c.query((*signInAttemptRow)(nil)).Column("key").Where("since < ?", at(before)).Order("since", "key").Limit(int64(limit))
	if s.db.postgres {
		old.For("UPDATE SKIP LOCKED")
	}
	n, err := c.exec(ctx, c.delete((*signInAttemptRow)(nil)).Where("key IN (?)", old).Where("since < ?", at(before)))
	return int(n), err
}
