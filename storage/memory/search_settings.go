package memory

import (
	"context"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
)

type searchSettings struct {
	rows *table[ref.ChannelID, search.Settings]
}

var _ search.SettingsStore = searchSettings{}

func newSearchSettings(db *DB) searchSettings {
	return searchSettings{newTable(db, spec[ref.ChannelID, search.Settings]{
		name:    "search_settings",
		key:     func(s *search.Settings) ref.ChannelID { return s.Channel },
		clone:   search.Settings.Clone,
		version: func(s *search.Settings) *int64 { return &s.Version },
	})}
}

func (s searchSettings) Get(ctx context.Context, channel ref.ChannelID) (search.Settings, error) {
	return s.rows.get(ctx, channel)
}

func (s searchSettings) GetMany(ctx context.Context, channels []ref.ChannelID) ([]search.Settings, error) {
	return s.rows.getMany(ctx, channels)
}

func (s searchSettings) Insert(ctx context.Context, in *search.Settings) error {
	return s.rows.insert(ctx, in)
}

func (s searchSettings) Update(ctx context.Context, in *search.Settings) error {
	return s.rows.update(ctx, in)
}
