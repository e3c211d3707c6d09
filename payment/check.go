package payment

import (
	"fmt"
	"maps"
	"slices"

	"github.com/soukhq/souk/commerce/money"
)

// Books are the rows of one intent.
type Books struct {
	Intent  Intent
	History []Event
	Refunds []Refund
	Cases   []Case
	Notices []Notice // about its attempts and its refunds
}

// Check is the pure part of [Service.Verify].
func Check(b Books) []Violation {
	v := &verifier{in: b.Intent, history: b.History, refunds: b.Refunds, cases: b.Cases, notices: b.Notices}
	v.tenders()
	v.numbers()
	v.captures()
	v.evidence()
	v.replays()
	v.refunding()
	v.rebuild()
	return v.out
}

type verifier struct {
	in      Intent
	history []Event
	refunds []Refund
	cases   []Case
	notices []Notice
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
}

// numbers: what the provider sees is one body under one number.
func (v *verifier) numbers() {
	in := v.in
	if in.Number != number(intentPrefix, string(in.ID)) {
		v.report("I18", string(in.ID), "the number %s is another intent's", in.Number)
	}
	bodies, numbers := map[string]body{}, map[AttemptID]string{}
	for _, a := range in.Attempts {
		bodies[string(a.ID)], numbers[a.ID] = body{a.Amount, a.digest()}, a.Number
		if a.Number != number(attemptPrefix, string(a.ID)) {
			v.report("I18", string(a.ID), "the number %s is another attempt's", a.Number)
		}
	}
	for _, r := range v.refunds {
		own := r.Number == number(refundPrefix, string(r.ID))
		for _, l := range r.Legs {
			bodies[l.Number] = body{l.Amount, l.digest(numbers[l.Attempt], r.Reason)}
			own = own && l.Number == legNumber(r.Number, l.Seq)
		}
		if !own {
			v.report("I18", string(r.ID), "the number %s is another refund's", r.Number)
		}
	}
	for _, e := range v.history {
		sent := e.Kind == EventMoved && (e.Of == OfAttempt && e.To == string(AttemptSent) || e.Of == OfRefund && e.To == string(RefundSent))
		b, ok := bodies[e.Object]
		switch {
		case !ok || !sent:
		case e.Amount != b.amount:
			v.report("I18", e.Object, "sent as %s, it says %s", e.Amount, b.amount)
		case e.Evidence != "" && e.Evidence != b.digest: // none is kept of what was sent before there were any
			v.report("I18", e.Object, "what was sent is not what is stored")
		}
	}
}

// body is what goes out under a number.
type body struct {
	amount money.Money
	digest string
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
		if e.Source == SourceNotice && !v.kept(NoticeID(e.Evidence)) {
			v.report("I14", e.Object, "%s on the word of a notice %q that is not kept", e.To, e.Evidence)
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

func (v *verifier) kept(id NoticeID) bool {
	return slices.ContainsFunc(v.notices, func(n Notice) bool { return n.ID == id })
}

// replays looks for a notice that had an effect twice, and for one that was
// looked at and is not reflected.
func (v *verifier) replays() {
	type effect struct{ object, to, evidence string }
	seen := map[effect]bool{}
	for _, e := range v.history {
		if e.Kind != EventMoved || e.Source != SourceNotice || e.Of == OfIntent {
			continue
		}
		what := effect{e.Object, e.To, e.Evidence}
		if seen[what] {
			v.report("I16", e.Object, "%s twice on the word of the notice %s", e.To, e.Evidence)
		}
		seen[what] = true
	}
	for _, n := range v.notices {
		if n.State != NoticeApplied {
			continue
		}
		for _, a := range v.in.Attempts {
			if n.Kind == MessagePayment && a.Number == n.Number && !a.reflects(AttemptState(n.Says)) {
				v.report("I16", string(a.ID), "%s, although the notice %s says %s", a.State, n.ID, n.Says)
			}
		}
		for _, r := range v.refunds {
			for _, l := range r.Legs {
				if n.Kind == MessageRefund && l.Number == n.Number && !l.reflects(RefundState(n.Says)) {
					v.report("I16", l.Number, "%s, although the notice %s says %s", l.State, n.ID, n.Says)
				}
			}
		}
	}
}

// reflects reports whether an attempt can stand where it does although its
// provider has said so, whatever else it said before or after.
func (a Attempt) reflects(said AttemptState) bool {
	switch said {
	case AttemptCaptured:
		return a.State == AttemptCaptured
	case AttemptDeclined, AttemptClosed:
		// One that was proved to be without effect is sent again.
		return a.State.Definite() || a.State == AttemptNew || a.Sends > 1
	default:
		return true
	}
}

// reflects does for a leg what [Attempt.reflects] does.
func (l RefundLeg) reflects(said RefundState) bool {
	switch said {
	case RefundSucceeded:
		return l.State == RefundSucceeded || l.State == RefundReversed
	case RefundFailed, RefundReversed:
		return l.State.Definite()
	default:
		return true
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
