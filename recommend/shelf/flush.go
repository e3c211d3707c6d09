package shelf

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/soukhq/souk/recommend"
)

// batch is how many rows one statement writes at most.
const batch = 500

// settle is for how long something that speaks for no impression that is known
// is tried again: the page came from another node, which writes a moment later.
const settle = 5 * time.Second

// Flush writes what was noted: views and the like, what was shown, and what
// came of it. Call it once a second and before the process ends; what it cannot
// write is kept for the next call. Kinds: those of the stores.
func (s *Service) Flush(ctx context.Context) error {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	s.mu.Lock()
	b := s.buffer
	s.buffer, s.taken = buffer{}, b
	known := len(s.erasures)
	s.mu.Unlock()
	if b.dropped > 0 {
		s.cfg.Log.WarnContext(ctx, "shelf: notes were dropped, they came faster than they are written", "dropped", b.dropped)
	}
	err := s.write(ctx, &b)
	s.putBack(b, known)
	return errors.Join(err, s.eraseLate(ctx, known))
}

// putBack keeps for the next flush what could not be written, without those who
// were forgotten meanwhile: known is how many erasures there were before.
func (s *Service) putBack(b buffer, known int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.erasures[known:] {
		b.forget(e.members, e.sessions)
	}
	s.taken = buffer{}
	s.buffer.signals = append(b.signals, s.buffer.signals...)
	s.buffer.impressions = append(b.impressions, s.buffer.impressions...)
	s.buffer.marks = append(b.marks, s.buffer.marks...)
	s.buffer.arrivals = append(b.arrivals, s.buffer.arrivals...)
	add(s, &s.buffer.signals)
	add(s, &s.buffer.impressions)
	add(s, &s.buffer.marks)
	add(s, &s.buffer.arrivals)
}

// write writes a buffer and leaves in it what it could not. All of it may be
// written twice: what is known is left out, and nothing counts twice.
func (s *Service) write(ctx context.Context, b *buffer) error {
	for len(b.signals) > 0 {
		n := min(batch, len(b.signals))
		if err := s.cfg.Signals.Append(ctx, b.signals[:n]); err != nil {
			return err
		}
		b.signals = b.signals[n:]
	}
	for len(b.impressions) > 0 {
		n := min(batch, len(b.impressions))
		if err := s.cfg.Impressions.Insert(ctx, b.impressions[:n]); err != nil {
			return err
		}
		b.impressions = b.impressions[n:]
	}
	if err := s.adopt(ctx, b); err != nil {
		return err
	}
	var again []mark
	for len(b.marks) > 0 {
		n := min(batch, len(b.marks))
		missed, err := s.apply(ctx, b.marks[:n])
		if err != nil {
			b.marks = append(again, b.marks...)
			return err
		}
		now := s.cfg.Clock.Now()
		for _, m := range missed {
			if m.waits(now) {
				again = append(again, m)
			}
		}
		b.marks = b.marks[n:]
	}
	b.marks = again
	return nil
}

// adopt gives what guests were shown to the members who they turned out to be,
// and once more while another node may write what it has sent them. Several
// may arrive in one session: each has what was shown since the one before.
func (s *Service) adopt(ctx context.Context, b *buffer) error {
	now := s.cfg.Clock.Now()
	b.arrivals = slices.SortedStableFunc(slices.Values(b.arrivals), func(x, y arrival) int { return x.at.Compare(y.at) })
	b.arrivals = slices.DeleteFunc(b.arrivals, func(a arrival) bool { return a.told && now.Sub(a.at) >= settle })
	before := map[string]time.Time{} // the last arrival in a session
	var owners []Owner
	for _, a := range b.arrivals {
		o := Owner{Session: a.session, Member: a.member, After: a.at.Add(-s.cfg.Window), Until: a.at}
		if last := before[a.session]; last.After(o.After) {
			o.After = last
		}
		before[a.session] = a.at
		if o.Until.After(o.After) {
			owners = append(owners, o)
		}
	}
	for some := range slices.Chunk(owners, batch) {
		if err := s.cfg.Impressions.Adopt(ctx, some); err != nil {
			return err
		}
	}
	for n := range b.arrivals {
		b.arrivals[n].told = true
	}
	return nil
}

// apply joins marks with the impressions that they speak for, and counts what
// is new. It returns those that speak for none.
func (s *Service) apply(ctx context.Context, marks []mark) (missed []mark, err error) {
	q := s.sought(marks)
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		taken, err := s.cfg.Impressions.Take(ctx, q)
		if err != nil {
			return err
		}
		j := s.join(marks, taken)
		missed = j.missed
		if err := s.cfg.Impressions.Mark(ctx, j.changed()); err != nil {
			return err
		}
		return s.cfg.Stats.Add(ctx, j.stats(), j.exposures())
	})
	return missed, err
}

// sought asks for every impression that the marks may speak for.
func (s *Service) sought(marks []mark) Sought {
	var q Sought
	for _, m := range marks {
		if m.request != "" {
			q.Requests = append(q.Requests, m.request)
			continue
		}
		if m.member != "" {
			q.Members = append(q.Members, m.member)
		}
		if m.session != "" {
			q.Sessions = append(q.Sessions, m.session)
		}
		q.Products = append(q.Products, m.product)
		if since := m.at.Add(-s.cfg.Window); q.Since.IsZero() || since.Before(q.Since) {
			q.Since = since
		}
	}
	distinct(&q.Requests)
	distinct(&q.Members)
	distinct(&q.Sessions)
	distinct(&q.Products)
	return q
}

func distinct[T ~string](list *[]T) {
	slices.Sort(*list)
	*list = slices.Compact(*list)
}

// Purge deletes what is older than Config.Keep, and purchases among the signals
// older than Config.History, at most limit of each kind, and returns the most it
// deleted of one. What a member hid stays until the member is forgotten, and is old
// like the rest where it was written only then.
func (s *Service) Purge(ctx context.Context, limit int) (int, error) {
	now := s.cfg.Clock.Now()
	before := now.Add(-s.cfg.Keep)
	signals, err1 := s.cfg.Signals.Purge(ctx, []recommend.Kind{recommend.View, recommend.CartAdd, recommend.Hide}, before, limit)
	bought, err2 := s.cfg.Signals.Purge(ctx, []recommend.Kind{recommend.Purchase, recommend.Refund}, now.Add(-s.cfg.History), limit)
	impressions, err3 := s.cfg.Impressions.Purge(ctx, before, limit)
	exposures, err4 := s.cfg.Stats.Purge(ctx, s.dayOf(before), limit)
	return max(signals, bought, impressions, exposures), errors.Join(err1, err2, err3, err4)
}
