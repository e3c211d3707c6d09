package shelf

import (
	"context"
	"slices"
	"time"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/recommend"
)

// erasure is that members were forgotten. It is remembered until nothing that
// was noted before can be written any more.
type erasure struct {
	members  []ref.MemberID
	sessions map[string]bool // in which they were
	at       time.Time
}

// Forget deletes what members did and what they were shown; the counts stay. A
// [Service.Flush] under way does not outlast it: what that has written by its
// end is deleted then, and once more a few seconds later, when other nodes have
// written what they had noted before. Those that could not write until then have to
// be told as well: telling every node is right, and once more than enough.
func (s *Service) Forget(ctx context.Context, members ...ref.MemberID) error {
	e := erasure{members: slices.Clone(members), sessions: map[string]bool{}, at: s.cfg.Clock.Now()}
	s.mu.Lock()
	// Waiting for the flush instead would be waiting for somebody who may wait
	// for the unit that this runs in.
	s.taken.sessionsOf(members, e.sessions)
	s.buffer.sessionsOf(members, e.sessions)
	s.buffer.forget(members, e.sessions)
	s.erasures = append(s.erasures, e)
	s.mu.Unlock()
	return s.erase(ctx, e.members)
}

// erase deletes what the stores know of members.
func (s *Service) erase(ctx context.Context, members []ref.MemberID) error {
	return s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		if err := s.cfg.Signals.Forget(ctx, members); err != nil {
			return err
		}
		return s.cfg.Impressions.Forget(ctx, members)
	})
}

// eraseLate erases again what was written of members while they were forgotten:
// by the flush that ends, before which there were known erasures, and by other
// nodes. The flush is still held, so that nobody else drops erasures.
func (s *Service) eraseLate(ctx context.Context, known int) error {
	now := s.cfg.Clock.Now()
	s.mu.Lock()
	all := slices.Clone(s.erasures)
	s.mu.Unlock()
	var members []ref.MemberID
	settled := func(e erasure) bool { return now.Sub(e.at) >= settle }
	for i, e := range all {
		if i >= known || settled(e) {
			members = append(members, e.members...)
		}
	}
	if len(members) == 0 {
		return nil
	}
	distinct(&members)
	if err := s.erase(ctx, members); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erasures = append(slices.DeleteFunc(all, settled), s.erasures[len(all):]...)
	return nil
}

// sessionsOf adds the sessions that members were in.
func (b *buffer) sessionsOf(members []ref.MemberID, sessions map[string]bool) {
	note := func(m ref.MemberID, session string) {
		if session != "" && m != "" && slices.Contains(members, m) {
			sessions[session] = true
		}
	}
	for _, e := range b.signals {
		note(e.Visitor.Member, e.Visitor.Session)
	}
	for _, i := range b.impressions {
		note(i.Member, i.Session)
	}
	for _, m := range b.marks {
		note(m.member, m.session)
	}
	for _, a := range b.arrivals {
		note(a.member, a.session)
	}
}

// forget drops what members did, and what was done in their sessions before they
// signed in.
func (b *buffer) forget(members []ref.MemberID, sessions map[string]bool) {
	theirs := func(m ref.MemberID, session string) bool {
		return m != "" && slices.Contains(members, m) || m == "" && sessions[session]
	}
	b.signals = slices.DeleteFunc(b.signals, func(e recommend.Event) bool { return theirs(e.Visitor.Member, e.Visitor.Session) })
	b.impressions = slices.DeleteFunc(b.impressions, func(i Impression) bool { return theirs(i.Member, i.Session) })
	b.marks = slices.DeleteFunc(b.marks, func(m mark) bool { return theirs(m.member, m.session) })
	b.arrivals = slices.DeleteFunc(b.arrivals, func(a arrival) bool { return theirs(a.member, a.session) })
}
