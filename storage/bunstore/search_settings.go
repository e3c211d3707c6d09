package bunstore

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

type searchSettingsRow struct {
	bun.BaseModel `bun:"table:search_settings,alias:ss"`

	Channel   ref.ChannelID   `bun:"channel,pk"`
	Synonyms  []searchSynonym `bun:"synonyms,type:jsonb"`
	Defaults  bool            `bun:"defaults"`
	Rules     []searchRule    `bun:"rules,type:jsonb"`
	UpdatedAt instant         `bun:"updated_at"`
	Version   int64           `bun:"version"`
}

// The stored forms: what a field is called here, it is called for ever.
type (
	searchSynonym struct {
		From  string   `json:"from,omitempty"`
		Words []string `json:"words"`
	}
	searchRule struct {
		ID       string          `json:"id"`
		When     search.When     `json:"when"`
		Query    string          `json:"query,omitempty"`
		From     time.Time       `json:"from,omitzero"`
		Until    time.Time       `json:"until,omitzero"`
		Pin      []searchPin     `json:"pin,omitempty"`
		Hide     []ref.ProductID `json:"hide,omitempty"`
		Favour   []searchFavour  `json:"favour,omitempty"`
		Redirect string          `json:"redirect,omitempty"`
	}
	searchPin struct {
		Product ref.ProductID `json:"product"`
		Place   int           `json:"place"`
	}
	searchFavour struct {
		Products []ref.ProductID `json:"products,omitempty"`
		Filter   *searchFilter   `json:"filter,omitempty"`
		Weight   float64         `json:"weight"`
	}
	searchFilter struct {
		Field string   `json:"field"`
		Any   []string `json:"any,omitempty"`
		Min   *float64 `json:"min,omitempty"`
		Max   *float64 `json:"max,omitempty"`
		Not   bool     `json:"not,omitempty"`
	}
)

func searchSettingsRowOf(s *search.Settings, version int64) *searchSettingsRow {
	r := &searchSettingsRow{
		Channel: s.Channel, Synonyms: make([]searchSynonym, len(s.Synonyms)), Defaults: s.Defaults,
		Rules: make([]searchRule, len(s.Rules)), UpdatedAt: at(s.UpdatedAt), Version: version,
	}
	for i, syn := range s.Synonyms {
		r.Synonyms[i] = searchSynonym(syn)
	}
	for i, rule := range s.Rules {
		r.Rules[i] = searchRule{
			ID: rule.ID, When: rule.When, Query: rule.Query, From: rule.From, Until: rule.Until,
			Hide: rule.Hide, Redirect: rule.Redirect,
		}
		for _, p := range rule.Pin {
			r.Rules[i].Pin = append(r.Rules[i].Pin, searchPin(p))
		}
		for _, f := range rule.Favour {
			r.Rules[i].Favour = append(r.Rules[i].Favour, searchFavour{f.Products, (*searchFilter)(f.Filter), f.Weight})
		}
	}
	return r
}

func (r searchSettingsRow) value() search.Settings {
	s := search.Settings{Channel: r.Channel, Defaults: r.Defaults, UpdatedAt: r.UpdatedAt.Time, Version: r.Version}
	for _, syn := range r.Synonyms {
		s.Synonyms = append(s.Synonyms, search.Synonym(syn))
	}
	for _, stored := range r.Rules {
		rule := search.Rule{
			ID: stored.ID, When: stored.When, Query: stored.Query, From: stored.From, Until: stored.Until,
			Hide: stored.Hide, Redirect: stored.Redirect,
		}
		for _, p := range stored.Pin {
			rule.Pin = append(rule.Pin, search.Pin(p))
		}
		for _, f := range stored.Favour {
			rule.Favour = append(rule.Favour, search.Favour{Products: f.Products, Filter: (*search.Filter)(f.Filter), Weight: f.Weight})
		}
		s.Rules = append(s.Rules, rule)
	}
	return s
}

type searchSettings struct{ db *DB }

var _ search.SettingsStore = searchSettings{}

func (s searchSettings) Get(ctx context.Context, channel ref.ChannelID) (search.Settings, error) {
	found, err := s.GetMany(ctx, []ref.ChannelID{channel})
	if err != nil {
		return search.Settings{}, err
	}
	if len(found) == 0 {
		return search.Settings{}, missing("search_settings")
	}
	return found[0], nil
}

func (s searchSettings) GetMany(ctx context.Context, channels []ref.ChannelID) ([]search.Settings, error) {
	c := s.db.readConn(ctx)
	if len(channels) == 0 {
		return nil, c.err
	}
	var rows []searchSettingsRow
	if _, err := c.scan(ctx, c.query(&rows).Where("channel IN (?)", bun.List(channels))); err != nil {
		return nil, err
	}
	return inOrder(channels, rows, func(r searchSettingsRow) ref.ChannelID { return r.Channel }, searchSettingsRow.value), nil
}

func (s searchSettings) Insert(ctx context.Context, in *search.Settings) error {
	if err := insertRow(ctx, s.db.conn(ctx), "search_settings", searchSettingsRowOf(in, 1)); err != nil {
		return err
	}
	in.Version = 1
	return nil
}

func (s searchSettings) Update(ctx context.Context, in *search.Settings) error {
	err := updateRow(ctx, s.db.conn(ctx), "search_settings", searchSettingsRowOf(in, in.Version+1), in.Version+1)
	if err == nil {
		in.Version++
	}
	return err
}
