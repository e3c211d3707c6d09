package search

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/soukhq/souk/commerce/fault"
)

// journal is what waits to be written to the log. Noting never blocks a page:
// where nobody writes, the oldest notes are dropped.
type journal struct {
	most int

	writing sync.Mutex // one writes at a time; whoever is in a unit never waits for it

	mu        sync.Mutex
	asked     []Asked
	clicks    []Click
	dropped   int64
	forgotten []forgotten // dropped from by whoever writes
}

// settle is how long after somebody was forgotten no node has anything left to
// write that it had noted before, unless it cannot write: such a node has to be
// told to forget as well.
const settle = 10 * time.Second

// forgotten is a visitor who is to be forgotten once more.
type forgotten struct {
	visitor string
	at      time.Time
}

func (j *journal) note(asked []Asked, clicks []Click) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked, j.clicks = append(j.asked, asked...), append(j.clicks, clicks...)
	j.trim()
}

// trim drops the oldest notes where there are too many, some more than it must
// so that it need not do so each time; mu is held.
func (j *journal) trim() {
	if len(j.asked)+len(j.clicks) <= j.most {
		return
	}
	keep := j.most - j.most/10
	clicks := min(len(j.clicks), keep/2)
	asked := min(len(j.asked), keep-clicks)
	j.dropped += int64(len(j.asked) - asked + len(j.clicks) - clicks)
	j.asked = append([]Asked(nil), j.asked[len(j.asked)-asked:]...)
	j.clicks = append([]Click(nil), j.clicks[len(j.clicks)-clicks:]...)
}

// flushed is how many rows of a kind are written at once.
const flushed = 500

func (j *journal) take() (asked []Asked, clicks []Click) {
	j.mu.Lock()
	defer j.mu.Unlock()
	n, m := min(len(j.asked), flushed), min(len(j.clicks), flushed)
	asked, clicks = j.asked[:n:n], j.clicks[:m:m]
	if j.asked, j.clicks = j.asked[n:], j.clicks[m:]; len(j.asked) == 0 {
		j.asked = nil
	}
	if len(j.clicks) == 0 {
		j.clicks = nil
	}
	return asked, clicks
}

// back puts rows that could not be written in front of what came since, without
// those of who was forgotten meanwhile: known is how many had been before.
func (j *journal) back(asked []Asked, clicks []Click, known int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.asked, j.clicks = append(asked, j.asked...), append(clicks, j.clicks...)
	for _, f := range j.forgotten[known:] {
		j.without(f.visitor)
	}
	j.trim()
}

func (j *journal) drop(n int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.dropped += int64(n)
}

// Flush writes the searches and clicks that wait for it. What cannot be
// written now waits on; what the store refuses is dropped. Run it every second
// or so, and at the end; never in a unit. Kinds: those of the store.
func (s *Service) Flush(ctx context.Context) error {
	j := &s.journal
	j.writing.Lock()
	defer j.writing.Unlock()
	j.mu.Lock()
	known := len(j.forgotten)
	j.mu.Unlock()
	return errors.Join(s.write(ctx, known), s.forgetAgain(ctx, known))
}

// write writes what waits; known is how many had been forgotten before.
func (s *Service) write(ctx context.Context, known int) error {
	j := &s.journal
	for {
		asked, clicks := j.take()
		if len(asked)+len(clicks) == 0 {
			return nil
		}
		err := s.cfg.Log.Record(ctx, asked, clicks)
		if err == nil {
			continue
		}
		switch fault.KindOf(err) {
		case fault.Invalid, fault.Internal, fault.AlreadyExists:
			j.drop(len(asked) + len(clicks))
		default:
			j.back(asked, clicks, known)
		}
		return err
	}
}

// Dropped returns how many searches and clicks were never written because too
// many waited, or the store refused them.
func (s *Service) Dropped() int64 {
	s.journal.mu.Lock()
	defer s.journal.mu.Unlock()
	return s.journal.dropped
}

// Forget deletes what is known of a visitor: what waits on this node, and what
// is in the log. A [Service.Flush] under way does not outlast it: what that has
// written by its end is deleted then. What other nodes noted a moment ago they
// write within a second or so: a Flush of this node deletes it ten seconds later,
// unless the node ends before. What a node writes later still, since it could not
// before, stays until that node is told to forget too, or it is purged with its age.
// Kinds: those of the store.
func (s *Service) Forget(ctx context.Context, visitor string) error {
	if visitor == "" {
		return nil
	}
	s.journal.forget(visitor, s.cfg.Clock.Now())
	return s.cfg.Log.Forget(ctx, visitor)
}

// forgetAgain deletes what was written of visitors while they were forgotten: by
// the flush that ends, before which known had been, and by other nodes. writing
// is held.
func (s *Service) forgetAgain(ctx context.Context, known int) error {
	now, j := s.cfg.Clock.Now(), &s.journal
	settled := func(f forgotten) bool { return now.Sub(f.at) >= settle }
	j.mu.Lock()
	all := slices.Clone(j.forgotten)
	j.mu.Unlock()
	for i, f := range all {
		if i < known && !settled(f) {
			continue
		}
		if err := s.cfg.Log.Forget(ctx, f.visitor); err != nil {
			return err
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.forgotten = append(slices.DeleteFunc(all, settled), j.forgotten[len(all):]...)
	return nil
}

// forget notes that a visitor is forgotten. Waiting for the flush instead would be
// waiting for somebody who may wait for the unit that this runs in.
func (j *journal) forget(visitor string, now time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.without(visitor)
	j.forgotten = append(j.forgotten, forgotten{visitor, now})
}

// without drops what waits of a visitor; mu is held.
func (j *journal) without(visitor string) {
	j.asked = slices.DeleteFunc(j.asked, func(a Asked) bool { return a.Visitor == visitor })
	j.clicks = slices.DeleteFunc(j.clicks, func(c Click) bool { return c.Visitor == visitor })
}

// Purge deletes at most limit searches and limit clicks that are older than
// the log is kept, and returns how many rows that were. Kinds: those of the
// store.
func (s *Service) Purge(ctx context.Context, limit int) (int, error) {
	return s.cfg.Log.Purge(ctx, s.cfg.Clock.Now().Add(-s.cfg.Retention), limit)
}

// LogText returns a text as the log keeps it: folded, on one line, cut. It is
// empty where nothing is left, and where the text looks like a mail address,
// which finds no product.
func LogText(text string) string {
	s := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, Fold(text))
	s = strings.TrimSpace(cut(strings.Join(strings.Fields(s), " "), maxName))
	if mail(s) {
		return ""
	}
	return s
}

// personal reports whether a folded text looks like a mail address or a phone
// number, which no stranger is to be shown.
func personal(text string) bool {
	if mail(text) {
		return true
	}
	digits := 0
	for _, r := range text {
		switch {
		case unicode.IsDigit(r):
			digits++
		case !strings.ContainsRune("+-()/. ", r):
			return false
		}
	}
	return digits >= 7
}

// mail reports whether something in a text has an @ between letters.
func mail(text string) bool {
	for _, word := range strings.Fields(text) {
		if at := strings.IndexByte(word, '@'); at > 0 && at < len(word)-1 {
			return true
		}
	}
	return false
}
