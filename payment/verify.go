package payment

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"

	"github.com/soukhq/souk/commerce/page"
)

// Violation is a broken invariant: its name, the object that breaks it, and
// how. Names are those of the project's model of money.
type Violation struct {
	Invariant string
	Object    string
	Detail    string
}

// Verify reads every intent with its history, refunds and notices, a page at
// a time, and yields what is broken; it changes nothing. What seems broken is
// read until it stands still, so that payments may go on meanwhile. It stops at the
// first error of a store.
//
//   - I5: the tenders add up to what is payable.
//   - I6: captured if and only if an attempt's capture is counted.
//   - I7: canceled and failed intents have no attempt under way.
//   - I8: refunds never exceed the capture, and what attempts say is held for
//     refunds is what the refunds hold.
//   - I13: at most one counted capture; every other one has a refund.
//   - I14: a definite state after unknown carries evidence, and a notice that
//     is evidence is kept.
//   - I15: a provider's other amount has a conflict in the history and a case.
//   - I16: a notice that was looked at took effect once at most, and the state
//     is what it says or what may follow that, whatever came before.
//   - I18: numbers are derived from ids, and every send had the same body: the
//     one that is stored, by the digest that the history keeps of it.
//   - I26: the history leads to the stored states.
func (s *Service) Verify(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		req := page.Request{Limit: verifyPage}
		for {
			p, err := s.cfg.Store.List(ctx, Query{}, req)
			if err != nil {
				yield(Violation{}, err)
				return
			}
			if !s.verifyPage(ctx, p.Items, yield) || p.Next == "" {
				return
			}
			req.After = p.Next
		}
	}
}

// verifyPage is how many intents are read at a time.
const verifyPage = 200

func (s *Service) verifyPage(ctx context.Context, all []Intent, yield func(Violation, error) bool) bool {
	ids := make([]IntentID, len(all))
	for i, in := range all {
		ids[i] = in.ID
	}
	history, err1 := s.cfg.Store.History(ctx, ids...)
	refunds, err2 := s.cfg.Refunds.ByIntent(ctx, ids...)
	if err := errors.Join(err1, err2); err != nil {
		yield(Violation{}, err)
		return false
	}
	for _, in := range all {
		wrong, err := s.verifyIntent(ctx, in,
			only(history, func(e Event) bool { return e.Intent == in.ID }),
			only(refunds, func(r Refund) bool { return r.Intent == in.ID }))
		if err != nil {
			yield(Violation{}, err)
			return false
		}
		for _, v := range wrong {
			if !yield(v, nil) {
				return false
			}
		}
	}
	return true
}

// maxLooks bounds how often an object is read that seems broken and moves on.
const maxLooks = 20

// verifyIntent checks what was read of an intent. Where that does not agree it
// looks again, until two looks find the same: then nothing has moved from one to
// the other, and what they found was so at one moment.
func (s *Service) verifyIntent(ctx context.Context, in Intent, history []Event, refunds []Refund) ([]Violation, error) {
	b := Books{Intent: in, History: history, Refunds: refunds}
	err := s.addPapers(ctx, &b)
	wrong := Check(b)
	for look := 1; err == nil && len(wrong) > 0 && look < maxLooks; look++ {
		last := b
		if b, err = s.books(ctx, in.ID); err == nil && reflect.DeepEqual(b, last) {
			break
		}
		wrong = Check(b)
	}
	return wrong, err
}

// books reads the rows of an intent.
func (s *Service) books(ctx context.Context, id IntentID) (Books, error) {
	in, err1 := s.cfg.Store.Get(ctx, id)
	history, err2 := s.cfg.Store.History(ctx, id)
	refunds, err3 := s.cfg.Refunds.ByIntent(ctx, id)
	b := Books{Intent: in, History: history, Refunds: refunds}
	if err := errors.Join(err1, err2, err3); err != nil {
		return b, err
	}
	return b, s.addPapers(ctx, &b)
}

// addPapers reads the notices about an intent, and its cases where it must
// have one.
func (s *Service) addPapers(ctx context.Context, b *Books) error {
	b.Notices, b.Cases = nil, nil
	numbers := make([]string, 0, len(b.Intent.Attempts)+len(b.Refunds))
	conflict := false
	for _, a := range b.Intent.Attempts {
		numbers = append(numbers, a.Number)
		conflict = conflict || a.Conflict != ""
	}
	for _, r := range b.Refunds {
		for _, l := range r.Legs {
			numbers = append(numbers, l.Number)
		}
	}
	var err error
	for _, n := range numbers {
		if b.Notices, err = collect(b.Notices, func(req page.Request) (page.Page[Notice], error) {
			return s.cfg.Notices.List(ctx, NoticeQuery{Number: n}, req)
		}); err != nil {
			return err
		}
	}
	if conflict {
		b.Cases, err = collect(b.Cases, func(req page.Request) (page.Page[Case], error) {
			return s.cfg.Cases.List(ctx, CaseQuery{Intent: b.Intent.ID}, req)
		})
	}
	return err
}

// collect appends every item of a list.
func collect[T any](to []T, list func(page.Request) (page.Page[T], error)) ([]T, error) {
	for req := (page.Request{Limit: page.MaxLimit}); ; {
		p, err := list(req)
		if err != nil {
			return nil, err
		}
		if to = append(to, p.Items...); p.Next == "" {
			return to, nil
		}
		req.After = p.Next
	}
}

// only returns the elements that keep says yes to; elements of one intent lie
// side by side.
func only[T any](all []T, keep func(T) bool) []T {
	from := slices.IndexFunc(all, keep)
	if from < 0 {
		return nil
	}
	to := slices.IndexFunc(all[from:], func(t T) bool { return !keep(t) })
	if to < 0 {
		return all[from:]
	}
	return all[from : from+to]
}
