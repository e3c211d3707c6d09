package payment

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
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

// Verify reads every intent with its history and refunds and yields what is
// broken; it changes nothing. It stops at the first error of a store.
//
//   - I5: the tenders add up to what is payable.
//   - I6: captured if and only if an attempt's capture is counted.
//   - I7: canceled and failed intents have no attempt under way.
//   - I8: refunds never exceed the capture, and what attempts say is held for
//     refunds is what the refunds hold.
//   - I13: at most one counted capture; every other one has a refund.
//   - I14: a definite state after unknown carries evidence.
//   - I15: a provider's other amount has a conflict in the history and a case.
//   - I18: numbers are derived from ids.
//   - I26: the history leads to the stored states.
func (s *Service) Verify(ctx context.Context) iter.Seq2[Violation, error] {
	return func(yield func(Violation, error) bool) {
		req := page.Request{Limit: page.MaxLimit}
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
		cases, err := s.casesOf(ctx, in)
		if err != nil {
			yield(Violation{}, err)
			return false
		}
		mine := func(id IntentID) bool { return id == in.ID }
		for _, v := range Check(in,
			only(history, func(e Event) bool { return mine(e.Intent) }),
			only(refunds, func(r Refund) bool { return mine(r.Intent) }), cases) {
			if !yield(v, nil) {
				return false
			}
		}
	}
	return true
}

// casesOf returns the cases of an intent that must have one.
func (s *Service) casesOf(ctx context.Context, in Intent) ([]Case, error) {
	if !slices.ContainsFunc(in.Attempts, func(a Attempt) bool { return a.Conflict != "" }) {
		return nil, nil
	}
	p, err := s.cfg.Cases.List(ctx, CaseQuery{Intent: in.ID}, page.Request{Limit: page.MaxLimit})
	return p.Items, err
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

// Check is the pure part of [Service.Verify]: one intent with its history, its
// refunds and its cases.
func Check(in Intent, history []Event, refunds []Refund, cases []Case) []Violation {
	v := &verifier{in: in, history: history, refunds: refunds, cases: cases}
	v.tenders()
	v.captures()
	v.evidence()
	v.refunding()
	v.rebuild()
	return v.out
}

type verifier struct {
	in      Intent
	history []Event
	refunds []Refund
	cases   []Case
	out     []Violation
}

func (v *verifier) report(invariant, object, format string, args ...any) {
	v.out = append(v.out, Violation{invariant, object, fmt.Sprintf(format, args...)})
}

func (v *verifier) tenders() {
	in := v.in
	var sum int64
	for _, t := range in.Tenders {
		sum += t.Amount.Minor()
		if t.Amount.Currency() != in.Payable.Currency() || t.Amount.Sign() < 0 || (t.Amount.IsZero() && !in.Payable.IsZero()) {
			v.report("I5", string(in.ID), "tender %d is %s", t.Seq, t.Amount)
		}
	}
	if sum != in.Payable.Minor() {
		v.report("I5", string(in.ID), "the tenders are %d, payable is %s", sum, in.Payable)
	}
	if in.Number != number(intentPrefix, string(in.ID)) {
		v.report("I18", string(in.ID), "the number %s is another intent's", in.Number)
	}
	for _, a := range in.Attempts {
		if a.Number != number(attemptPrefix, string(a.ID)) {
			v.report("I18", string(a.ID), "the number %s is another attempt's", a.Number)
		}
	}
}

func (v *verifier) captures() {
	in := v.in
	counted := 0
	for _, a := range in.Attempts {
		switch {
		case a.Counted && a.State != AttemptCaptured:
			v.report("I6", string(a.ID), "counted, but %s", a.State)
		case a.Counted:
			counted++
		case a.State == AttemptCaptured && v.held(a.ID) == 0:
			v.report("I13", string(a.ID), "captured beside what is counted, and not refunded")
		}
		over := in.State == IntentCanceled || in.State == IntentFailed
		if over && !a.State.Definite() {
			v.report("I7", string(a.ID), "%s, although the intent is %s", a.State, in.State)
		}
	}
	if counted > 1 {
		v.report("I13", string(in.ID), "%d captures are counted", counted)
	}
	want := 1
	if in.Payable.Minor() == 0 || !in.State.Paid() {
		want = 0
	}
	if counted != want {
		v.report("I6", string(in.ID), "the intent is %s, with %d captures counted", in.State, counted)
	}
}

// held is what the refunds hold of an attempt, or did before they failed: a
// refund the provider refused is a matter for a person.
func (v *verifier) held(id AttemptID) int64 {
	var sum int64
	for _, r := range v.refunds {
		for _, l := range r.Legs {
			if l.Attempt == id {
				sum += l.Amount.Minor()
			}
		}
	}
	return sum
}

func (v *verifier) evidence() {
	unknown := map[string]bool{}
	for _, e := range v.history {
		if e.Of == OfIntent || e.Kind != EventMoved {
			continue
		}
		said := e.Source == SourceQuery || e.Source == SourceNotice || e.Source == SourceCancel
		if unknown[e.Object] && (!said || e.Evidence == "") {
			v.report("I14", e.Object, "from unknown to %s on the word of %s", e.To, e.Source)
		}
		unknown[e.Object] = e.To == string(AttemptUnknown)
	}
	for _, a := range v.in.Attempts {
		if a.Conflict == "" {
			continue
		}
		conflict := slices.ContainsFunc(v.history, func(e Event) bool {
			return e.Kind == EventConflict && e.Object == string(a.ID)
		})
		known := slices.ContainsFunc(v.cases, func(c Case) bool {
			return c.Reason == CaseWrongAmount && c.Attempt == a.ID
		})
		if !conflict || !known {
			v.report("I15", string(a.ID), "the provider named %s, and nobody was told", a.Conflict)
		}
	}
}

func (v *verifier) refunding() {
	held := map[AttemptID]int64{}
	var refunded int64
	for _, r := range v.refunds {
		var sum int64
		for _, l := range r.Legs {
			sum += l.Amount.Minor()
			if a, ok := v.in.Attempt(l.Attempt); ok && a.Counted && l.State == RefundSucceeded {
				refunded += l.Amount.Minor()
			}
		}
		if sum != r.Amount.Minor() {
			v.report("I8", string(r.ID), "the legs are %d, the refund is %s", sum, r.Amount)
		}
		for id, n := range r.Held() {
			held[id] += n
		}
	}
	for _, a := range v.in.Attempts {
		if held[a.ID] != a.Refunding {
			v.report("I8", string(a.ID), "refunds hold %d, the attempt says %d", held[a.ID], a.Refunding)
		}
		if held[a.ID] > a.Captured() {
			v.report("I8", string(a.ID), "refunds hold %d of %d captured", held[a.ID], a.Captured())
		}
	}
	if refunded != v.in.Refunded.Minor() {
		v.report("I8", string(v.in.ID), "%d was refunded, the intent says %s", refunded, v.in.Refunded)
	}
}

// rebuild folds the history and compares it with what is stored.
func (v *verifier) rebuild() {
	want := map[string]string{OfIntent + "/" + string(v.in.ID): string(v.in.State)}
	for _, a := range v.in.Attempts {
		want[OfAttempt+"/"+string(a.ID)] = string(a.State)
	}
	for _, r := range v.refunds {
		for _, l := range r.Legs {
			want[OfRefund+"/"+l.Number] = string(l.State)
		}
	}
	got := Fold(v.history)
	for _, object := range slices.Sorted(maps.Keys(want)) {
		if got[object] != want[object] {
			v.report("I26", object, "the history says %q, stored is %q", got[object], want[object])
		}
	}
	for _, object := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[object]; !ok {
			v.report("I26", object, "the history knows it, the store does not")
		}
	}
}

// Fold returns the state of every object in a history: of/object -> state. A
// chain that breaks yields "broken".
func Fold(history []Event) map[string]string {
	events := slices.Clone(history)
	slices.SortStableFunc(events, func(a, b Event) int { return int(a.Version - b.Version) })
	out := map[string]string{}
	for _, e := range events {
		object := e.Of + "/" + e.Object
		if e.Kind != EventMoved {
			continue
		}
		was, known := out[object]
		if !known && e.Of == OfAttempt {
			was = string(AttemptNew)
		}
		if was != e.From {
			out[object] = "broken"
			continue
		}
		out[object] = e.To
	}
	return out
}
