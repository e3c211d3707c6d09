package search

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// Request is a search in a channel.
type Request struct {
	Channel ref.ChannelID
	// Visitor is a key of who asks, see [Visitor]; empty for nobody known.
	Visitor string
	// Query is what is asked. What its Steering wants comes before the rules.
	Query Query
	// Rules, where not nil, stand in for those in force: staff tries out what
	// is not saved yet.
	Rules []Rule
	// Quiet keeps the search out of the log: no shopper has asked.
	Quiet bool
}

// Answer is what was found.
type Answer struct {
	// ID names the search in the log, for [Service.Click]; empty where it is
	// not logged: without words, for a further page, where the text looks like
	// a mail address, and where the request is quiet.
	ID string
	Result
}

// MaxVisitor bounds the key of a visitor, in bytes.
const MaxVisitor = 80

// Visitor returns the key under which the searches of a buyer are kept: it
// names the member or the guest's session, never a person, and is what a
// purchase is joined by. It is empty for whoever is no buyer.
func Visitor(scope ref.Scope) string { return VisitorOf(scope.Member(), scope.Guest()) }

// VisitorOf is [Visitor] of a member, or of a guest by key, as an order has
// them.
func VisitorOf(member ref.MemberID, guest string) string {
	switch {
	case member != "":
		return "m:" + string(member)
	case guest != "":
		return "g:" + guest
	}
	return ""
}

// Search answers a query under the rules and synonyms in force, and notes it
// for the log. A cursor ends with a change of the rules that apply to its
// query. Kinds: NotFound for an unknown channel, Invalid, Canceled, and
// Unavailable, code "search.away", where the index is not filled yet or does
// not answer: the shop shows its categories then.
func (s *Service) Search(ctx context.Context, r Request) (Answer, error) {
	a, err := s.find(r.Channel)
	if err != nil {
		return Answer{}, err
	}
	var v fault.Violations
	checkVisitor(&v, r.Visitor)
	v.Merge("query", r.Query.Validate())
	if err := v.Err("search.query", "the query is not valid"); err != nil {
		return Answer{}, err
	}
	index, err := s.ready(ctx, a)
	if err != nil {
		return Answer{}, err
	}
	now, q := s.cfg.Clock.Now(), r.Query
	if r.Rules == nil {
		q.Steering = a.steer(q.Steering, q.Text, now)
	} else {
		q.Steering = q.Steering.and(Resolve(&a.setup.Analyzer, r.Rules, q.Text, now)).clip()
	}
	found, err := index.Search(ctx, q)
	if err != nil {
		return Answer{}, away(err)
	}
	return Answer{ID: s.note(r, &found, now), Result: found}, nil
}

// note puts a search into the log and returns its id.
func (s *Service) note(r Request, found *Result, now time.Time) string {
	text := LogText(r.Query.Text)
	if text == "" || r.Query.After != "" || r.Quiet {
		return ""
	}
	entry := Asked{
		ID: s.cfg.IDs.New(), Channel: r.Channel, Visitor: r.Visitor, Text: text, At: now,
		Step: found.Step, Total: found.Total, Shown: shown(found),
		Corrected: found.Query != "", Filtered: len(r.Query.Filters) > 0,
	}
	if found.Redirect != "" {
		entry.Total = max(entry.Total, 1)
	}
	s.journal.note([]Asked{entry}, nil)
	return entry.ID
}

// shown returns how many results a shopper sees: none where a rule leads
// elsewhere, and of what is merely popular those that a rule has pinned.
func shown(found *Result) int {
	switch {
	case found.Redirect != "":
		return 0
	case found.Step != StepPopular:
		return len(found.Hits)
	}
	n := 0
	for _, h := range found.Hits {
		if h.Pinned {
			n++
		}
	}
	return n
}

// Suggest completes what a shopper has typed so far in a channel; products that
// the rules in force hide from that text are not among it. Kinds as of
// [Service.Search].
func (s *Service) Suggest(ctx context.Context, channel ref.ChannelID, q SuggestQuery) (Suggestions, error) {
	a, err := s.find(channel)
	if err == nil {
		err = q.Validate()
	}
	if err != nil {
		return Suggestions{}, err
	}
	index, err := s.ready(ctx, a)
	if err != nil {
		return Suggestions{}, err
	}
	q.Hide = a.steer(Steering{Hide: q.Hide}, q.Text, s.cfg.Clock.Now()).Hide
	found, err := index.Suggest(ctx, q)
	return found, away(err)
}

// Facets lists the values of one facet among the results of a query in a
// channel. Kinds as of [Service.Search].
func (s *Service) Facets(ctx context.Context, channel ref.ChannelID, q Query, f FacetRequest) (Facet, error) {
	a, err := s.find(channel)
	if err != nil {
		return Facet{}, err
	}
	var v fault.Violations
	v.Merge("query", q.Validate())
	v.Merge("facet", f.validate())
	if err := v.Err("search.query", "the query is not valid"); err != nil {
		return Facet{}, err
	}
	index, err := s.ready(ctx, a)
	if err != nil {
		return Facet{}, err
	}
	q.Steering = a.steer(q.Steering, q.Text, s.cfg.Clock.Now())
	found, err := index.Facets(ctx, q, f)
	return found, away(err)
}

// Click notes that a product was opened from the results of a search. At
// defaults to now. Whether there was such a search is not looked up: a click
// of none counts nowhere. Kinds: Invalid.
func (s *Service) Click(_ context.Context, c Click) error {
	var v fault.Violations
	for path, id := range map[string]string{"search": c.Search, "product": string(c.Product)} {
		if !ref.ValidID(id) {
			v.Add(path, "malformed", fault.Params{"format": "id"})
		}
	}
	checkVisitor(&v, c.Visitor)
	if c.Place < 1 || c.Place > page.MaxLimit {
		v.Add("place", "out_of_range", fault.Params{"min": 1, "max": page.MaxLimit})
	}
	now := s.cfg.Clock.Now()
	switch {
	case c.At.IsZero():
		c.At = now
	case c.At.After(now) || c.At.Before(now.Add(-s.cfg.Retention)):
		v.Add("at", "out_of_range", nil)
	}
	if err := v.Err("search.click", "the click is not valid"); err != nil {
		return err
	}
	s.journal.note(nil, []Click{c})
	return nil
}

func checkVisitor(v *fault.Violations, visitor string) {
	switch {
	case len(visitor) > MaxVisitor:
		v.Add("visitor", "too_long", fault.Params{"max": MaxVisitor})
	case !ref.PlainText(visitor):
		v.Add("visitor", "malformed", nil)
	}
}

// convertWithin is how old a click may be that a purchase is put down to.
const convertWithin = 7 * 24 * time.Hour

// Converted notes that a visitor bought products: of each the newest click of
// the last 7 days led to it. It joins the unit in ctx. Kinds: those of the
// store.
func (s *Service) Converted(ctx context.Context, visitor string, products []ref.ProductID, at time.Time) error {
	if visitor == "" || len(products) == 0 {
		return nil
	}
	return s.cfg.Log.Convert(ctx, visitor, products, at.Add(-convertWithin), at)
}
