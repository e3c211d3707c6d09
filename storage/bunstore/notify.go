package bunstore

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/soukhq/souk/commerce/event"
)

// notifyChannel is where nodes wake each other. What it carries is the name of
// the sender, who has no need of its own hint.
const notifyChannel = "souk_events"

// listenPause is the wait before a lost connection is made anew: consumers
// poll meanwhile.
const listenPause = time.Second

var _ event.Notifier = events{}

// listener keeps one connection that LISTENs while anybody watches.
type listener struct {
	mu       sync.Mutex
	watchers int
	cancel   context.CancelFunc
	done     chan struct{}
}

func (s events) Watch(wake func()) (stop func()) {
	unwatch := s.db.signal.Watch(wake)
	if s.db.postgres {
		s.db.listen()
	}
	return sync.OnceFunc(func() {
		unwatch()
		if s.db.postgres {
			s.db.unlisten()
		}
	})
}

// Notify implements [event.Notifier]: a statement of its own, because NOTIFY
// inside a transaction would make commits wait for each other.
func (s events) Notify(ctx context.Context) error {
	if !s.db.postgres {
		return nil // one process: the signal is enough
	}
	c := s.db.conn(ctx)
	_, err := c.exec(ctx, c.raw("SELECT pg_notify(?, ?)", notifyChannel, s.db.id))
	return err
}

func (db *DB) listen() {
	l := &db.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.watchers++; l.watchers > 1 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel, l.done = cancel, make(chan struct{})
	go db.listenUntil(ctx, l.done)
}

func (db *DB) unlisten() {
	l := &db.listener
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.watchers--; l.watchers > 0 {
		return
	}
	l.cancel()
	<-l.done
}

func (db *DB) listenUntil(ctx context.Context, done chan<- struct{}) {
	defer close(done)
	for ctx.Err() == nil {
		err := db.receive(ctx)
		if ctx.Err() != nil {
			return
		}
		db.opts.Log.WarnContext(ctx, "bunstore: not listening for events", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(listenPause):
		}
	}
}

// receive listens until the connection fails or ctx ends.
func (db *DB) receive(ctx context.Context) error {
	conn, err := pgx.ConnectConfig(ctx, db.pgx.Copy())
	if err != nil {
		return err
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = conn.Close(ctx)
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+notifyChannel); err != nil {
		return err
	}
	db.signal.Send() // for what was said before
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if n.Payload != db.id {
			db.signal.Send()
		}
	}
}
