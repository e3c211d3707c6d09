package search

import (
	"context"

	"github.com/soukhq/souk/commerce/ref"
)

// SettingsStore keeps the settings, one object per channel.
type SettingsStore interface {
	// Get returns the settings of a channel. NotFound, code
	// "search_settings.not_found", where none were saved.
	Get(ctx context.Context, channel ref.ChannelID) (Settings, error)
	// GetMany returns those that were saved, in the order of channels.
	GetMany(ctx context.Context, channels []ref.ChannelID) ([]Settings, error)
	// Insert stores the first settings of a channel as version 1.
	// AlreadyExists, code "search_settings.exists", where there are some.
	Insert(ctx context.Context, s *Settings) error
	// Update stores s if the stored version is s's, and counts it up.
	// Conflict, code "search_settings.stale", otherwise; NotFound.
	Update(ctx context.Context, s *Settings) error
}
