package search

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// staff reports whether a scope decides about the search.
func staff(scope ref.Scope) error {
	if scope.All() {
		return nil
	}
	return fault.New(fault.PermissionDenied, "search.denied", "only the site's staff may do this")
}

// Settings returns what is decided for the search of a channel; version 0, with
// the common synonyms, where nothing was saved yet. Staff only. Kinds:
// PermissionDenied; NotFound for an unknown channel.
func (s *Service) Settings(ctx context.Context, scope ref.Scope, channel ref.ChannelID) (Settings, error) {
	if err := staff(scope); err != nil {
		return Settings{}, err
	}
	if _, err := s.find(channel); err != nil {
		return Settings{}, err
	}
	in, err := s.cfg.Settings.Get(ctx, channel)
	if errors.Is(err, fault.NotFound) {
		return unsaved(channel), nil
	}
	return in, err
}

// SynonymsInput is a list of synonyms to be kept.
type SynonymsInput struct {
	Channel ref.ChannelID
	// Version is that of the settings that were read; 0 where none were saved.
	Version int64
	// Synonyms are the shop's own, all of them.
	Synonyms []Synonym
	// Defaults adds [DefaultSynonyms].
	Defaults bool
}

// SaveSynonyms keeps the synonyms of a channel; every node uses them a moment
// later. Staff only. Kinds: PermissionDenied; NotFound for an unknown channel;
// Invalid, with every wrong field; Conflict where Version is not the newest.
func (s *Service) SaveSynonyms(ctx context.Context, scope ref.Scope, in SynonymsInput) (Settings, error) {
	return s.save(ctx, scope, in.Channel, in.Version, func(a *aisle, next *Settings) error {
		next.Synonyms, next.Defaults = Settings{Synonyms: in.Synonyms}.Clone().Synonyms, in.Defaults
		var v fault.Violations
		for i, syn := range next.Synonyms {
			for j, text := range append([]string{syn.From}, syn.Words...) {
				if len(text) > maxName || !ref.PlainText(text) {
					v.Add("synonyms["+strconv.Itoa(i)+"]."+synonymPath(j), "malformed", fault.Params{"max": maxName})
				}
			}
		}
		if err := v.Err("search.synonyms", "the synonyms are not valid"); err != nil {
			return err
		}
		return new(Thesaurus).Replace(&a.setup.Analyzer, a.synonyms(*next))
	})
}

func synonymPath(j int) string {
	if j == 0 {
		return "from"
	}
	return "words[" + strconv.Itoa(j-1) + "]"
}

// RuleInput is a rule to be kept.
type RuleInput struct {
	Channel ref.ChannelID
	// Version is that of the settings that were read; 0 where none were saved.
	Version int64
	// Rule replaces the one with its ID, in its place; one without an ID is
	// new, gets one, and comes last.
	Rule Rule
}

// SaveRule keeps a rule of a channel; every node follows it a moment later.
// Staff only. Kinds: PermissionDenied; NotFound for an unknown channel or
// rule; Invalid, with every wrong field; Conflict where Version is not the
// newest; Exhausted beyond [MaxRules].
func (s *Service) SaveRule(ctx context.Context, scope ref.Scope, in RuleInput) (Settings, error) {
	id := s.cfg.IDs.New()
	return s.save(ctx, scope, in.Channel, in.Version, func(a *aisle, next *Settings) error {
		rule := in.Rule.Clone()
		for _, t := range []*time.Time{&rule.From, &rule.Until} {
			if !t.IsZero() {
				*t = clock.Normalize(*t)
			}
		}
		var v fault.Violations
		v.Merge("rule", checkRule(&a.setup.Analyzer, &rule))
		if err := v.Err("search.rule", "the rule is not valid"); err != nil {
			return err
		}
		switch at := next.rule(rule.ID); {
		case at >= 0:
			next.Rules[at] = rule
		case rule.ID != "":
			return noRule(rule.ID)
		case len(next.Rules) >= MaxRules:
			return fault.New(fault.Exhausted, "search.rules", "there are too many rules").With("max", MaxRules)
		default:
			rule.ID = id
			next.Rules = append(next.Rules, rule)
		}
		return nil
	})
}

// DeleteRule deletes a rule of a channel. Staff only. Kinds: PermissionDenied;
// NotFound for an unknown channel or rule; Conflict where version is not the
// newest.
func (s *Service) DeleteRule(ctx context.Context, scope ref.Scope, channel ref.ChannelID, version int64, rule string) (Settings, error) {
	return s.save(ctx, scope, channel, version, func(_ *aisle, next *Settings) error {
		at := next.rule(rule)
		if at < 0 {
			return noRule(rule)
		}
		next.Rules = slices.Delete(next.Rules, at, at+1)
		return nil
	})
}

func noRule(id string) error {
	return fault.New(fault.NotFound, "search.rule_not_found", "no such rule").With("id", id)
}

// rule returns the place of a rule, below 0 where there is none.
func (s *Settings) rule(id string) int {
	return slices.IndexFunc(s.Rules, func(r Rule) bool { return r.ID == id })
}

// checkRule checks also what [Rule.Validate] leaves to whoever keeps it.
func checkRule(a *Analyzer, r *Rule) error {
	var v fault.Violations
	v.Merge("", r.Validate())
	if !ref.PlainText(r.Query) || r.Query != "" && len(terms(a.Analyze(r.Query))) == 0 { // "it", "!!!": about no query
		v.Add("query", "malformed", nil)
	}
	if len(r.Redirect) > maxTitle || !ref.PlainText(r.Redirect) {
		v.Add("redirect", "malformed", fault.Params{"max": maxTitle})
	}
	product := func(path string, id ref.ProductID) {
		if !ref.ValidID(string(id)) {
			v.Add(path, "malformed", fault.Params{"format": "id"})
		}
	}
	for i, p := range r.Pin {
		product("pin["+strconv.Itoa(i)+"].product", p.Product)
	}
	for i, id := range r.Hide {
		product("hide["+strconv.Itoa(i)+"]", id)
	}
	for i, f := range r.Favour {
		path := "favour[" + strconv.Itoa(i) + "]"
		if len(f.Products) > page.MaxLimit {
			v.Add(path+".products", "too_many", fault.Params{"max": page.MaxLimit})
		}
		for j, id := range f.Products {
			product(path+".products["+strconv.Itoa(j)+"]", id)
		}
		if f.Filter != nil {
			for j, value := range append([]string{f.Filter.Field}, f.Filter.Any...) {
				if len(value) > MaxText || !keepable(value) {
					v.Add(path+".filter", "malformed", fault.Params{"at": j})
				}
			}
		}
	}
	return v.Err("search.rule", "the rule is not valid")
}

// keepable reports whether every backend keeps a value of a filter: that of a
// category has separators, which are no plain text.
func keepable(value string) bool {
	for _, part := range SplitCategory(value) {
		if !ref.PlainText(part) {
			return false
		}
	}
	return true
}

// save changes the settings of a channel and tells of it in one unit, and has
// this node use them.
func (s *Service) save(ctx context.Context, scope ref.Scope, channel ref.ChannelID, version int64,
	edit func(a *aisle, next *Settings) error,
) (Settings, error) {
	before, err := s.Settings(ctx, scope, channel)
	if err != nil {
		return Settings{}, err
	}
	a, err := s.find(channel)
	if err != nil {
		return Settings{}, err
	}
	if before.Version != version {
		return Settings{}, fault.New(fault.Conflict, "search_settings.stale", "the object changed meanwhile")
	}
	next := before
	if err := edit(a, &next); err != nil {
		return Settings{}, err
	}
	next.UpdatedAt = s.cfg.Clock.Now()
	eventID := s.cfg.IDs.New()
	err = s.cfg.Units.Do(ctx, func(ctx context.Context) error {
		next.Version = version // a unit may be run again
		write := s.cfg.Settings.Update
		if version == 0 {
			write = s.cfg.Settings.Insert
		}
		if err := write(ctx, &next); err != nil {
			if version == 0 && errors.Is(err, fault.AlreadyExists) {
				return fault.Wrap(err, fault.Conflict, "search_settings.stale", "the object changed meanwhile")
			}
			return err
		}
		rec, err := event.New(eventID, Topic, string(channel), next.UpdatedAt, SettingsChanged{channel, next.Version})
		if err != nil {
			return err
		}
		return s.cfg.Events.Append(ctx, rec)
	})
	if err != nil {
		return Settings{}, err
	}
	return next, a.apply(next.Clone())
}

// Queries pages through the texts that were asked in a channel. Staff only.
// Kinds: PermissionDenied; NotFound for an unknown channel; Invalid, also for
// a foreign cursor.
func (s *Service) Queries(ctx context.Context, scope ref.Scope, q ReportQuery, p page.Request) (page.Page[QueryLine], error) {
	q, err := s.report(scope, q)
	if err != nil {
		return page.Page[QueryLine]{}, err
	}
	return s.cfg.Log.Queries(ctx, q, p)
}

// Places returns how often products at each place of the first page were
// opened. Staff only. Kinds as of [Service.Queries].
func (s *Service) Places(ctx context.Context, scope ref.Scope, q ReportQuery) ([]PlaceLine, error) {
	q, err := s.report(scope, q)
	if err != nil {
		return nil, err
	}
	return s.cfg.Log.Places(ctx, q)
}

// reportDays is what a report covers that names no window.
const reportDays = 30

func (s *Service) report(scope ref.Scope, q ReportQuery) (ReportQuery, error) {
	if err := staff(scope); err != nil {
		return q, err
	}
	if _, err := s.find(q.Channel); err != nil {
		return q, err
	}
	if q.Until.IsZero() {
		q.Until = s.cfg.Clock.Now()
	}
	if q.From.IsZero() {
		q.From = q.Until.AddDate(0, 0, -reportDays)
	}
	q.From, q.Until = clock.Normalize(q.From), clock.Normalize(q.Until)
	var v fault.Violations
	if !q.From.Before(q.Until) {
		v.Add("until", "not_after", fault.Params{"field": "from"})
	}
	switch q.Order {
	case "":
		q.Order = MostAsked
	case MostAsked, MostEmpty:
	default:
		v.Add("order", "unknown", nil)
	}
	return q, v.Err("search.report", "the report is not valid")
}

// Status is how the search of a channel stands on this node.
type Status struct {
	Channel ref.ChannelID
	Filled  bool  // can be searched
	Stats   Stats // zero while closed or away
	// Problem says why it is away; empty while it answers, or nobody asked.
	Problem string
}

// Status tells how the searches of this node stand, without opening any. Staff
// only. Kinds: PermissionDenied.
func (s *Service) Status(ctx context.Context, scope ref.Scope) ([]Status, error) {
	if err := staff(scope); err != nil {
		return nil, err
	}
	out := make([]Status, len(s.aisles))
	for i, a := range s.aisles {
		a.mu.Lock()
		index, failure := a.index, a.failure
		out[i] = Status{Channel: a.setup.Channel, Filled: index != nil && a.filled}
		a.mu.Unlock()
		if index != nil {
			out[i].Stats, failure = index.Stats(ctx)
		}
		if failure != nil {
			out[i].Problem = failure.Error()
		}
	}
	return out, nil
}
