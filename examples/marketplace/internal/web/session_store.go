package web

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/soukhq/souk/commerce/clock"
)

var (
	_ scs.CtxStore = (*MemorySessions)(nil)
	_ scs.CtxStore = (*SQLSessions)(nil)
)

// MemorySessions keeps sessions in memory: they end with the process. The zero
// value is not ready: use [NewMemorySessions].
type MemorySessions struct {
	clock clock.Clock
	mu    sync.Mutex
	byKey map[string]savedSession
}

type savedSession struct {
	data    []byte
	expires time.Time
}

// NewMemorySessions returns an empty store; a nil clock means the system's.
func NewMemorySessions(c clock.Clock) *MemorySessions {
	if c == nil {
		c = clock.System{}
	}
	return &MemorySessions{clock: c, byKey: map[string]savedSession{}}
}

// FindCtx implements [scs.CtxStore].
func (m *MemorySessions) FindCtx(_ context.Context, token string) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.byKey[token]
	if !ok || !m.clock.Now().Before(s.expires) {
		delete(m.byKey, token)
		return nil, false, nil
	}
	return s.data, true, nil
}

// CommitCtx implements [scs.CtxStore].
func (m *MemorySessions) CommitCtx(_ context.Context, token string, data []byte, expires time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byKey[token] = savedSession{data, expires}
	return nil
}

// DeleteCtx implements [scs.CtxStore].
func (m *MemorySessions) DeleteCtx(_ context.Context, token string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.byKey, token)
	return nil
}

// Purge removes the sessions that have ended.
func (m *MemorySessions) Purge(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Now()
	for token, s := range m.byKey {
		if !now.Before(s.expires) {
			delete(m.byKey, token)
		}
	}
	return nil
}

// Find implements [scs.Store].
func (m *MemorySessions) Find(token string) ([]byte, bool, error) {
	return m.FindCtx(context.Background(), token)
}

// Commit implements [scs.Store].
func (m *MemorySessions) Commit(token string, data []byte, expires time.Time) error {
	return m.CommitCtx(context.Background(), token, data, expires)
}

// Delete implements [scs.Store].
func (m *MemorySessions) Delete(token string) error {
	return m.DeleteCtx(context.Background(), token)
}

// SQLSessions keeps sessions in a table of SQLite or PostgreSQL, so that they
// outlive a restart and are shared by the nodes of a shop.
type SQLSessions struct {
	db    *sql.DB
	clock clock.Clock
}

// NewSQLSessions returns a store in the table web_session, which it creates
// where it is missing. A nil clock means the system's.
func NewSQLSessions(ctx context.Context, db *sql.DB, c clock.Clock) (*SQLSessions, error) {
	if c == nil {
		c = clock.System{}
	}
	s := &SQLSessions{db: db, clock: c}
	for _, q := range []string{
		`CREATE TABLE IF NOT EXISTS web_session (token text PRIMARY KEY, data text NOT NULL, expires bigint NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS web_session_expires ON web_session (expires)`,
	} {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return nil, fmt.Errorf("create the sessions' table: %w", err)
		}
	}
	return s, nil
}

// FindCtx implements [scs.CtxStore].
func (s *SQLSessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	var data string
	err := s.db.QueryRowContext(ctx, `SELECT data FROM web_session WHERE token = $1 AND expires > $2`,
		token, s.clock.Now().UnixMicro()).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	return raw, err == nil, err
}

// CommitCtx implements [scs.CtxStore].
func (s *SQLSessions) CommitCtx(ctx context.Context, token string, data []byte, expires time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO web_session (token, data, expires) VALUES ($1, $2, $3)
		ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires = excluded.expires`, token, base64.StdEncoding.EncodeToString(data), expires.UnixMicro())
	return err
}

// DeleteCtx implements [scs.CtxStore].
func (s *SQLSessions) DeleteCtx(ctx context.Context, token string) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM web_session WHERE token = $1`, token)
	return err
}

// Purge removes the sessions that have ended.
func (s *SQLSessions) Purge(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM web_session WHERE expires <= $1`, s.clock.Now().UnixMicro())
	return err
}

// Find implements [scs.Store].
func (s *SQLSessions) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit implements [scs.Store].
func (s *SQLSessions) Commit(token string, data []byte, expires time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expires)
}

// Delete implements [scs.Store].
func (s *SQLSessions) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}
