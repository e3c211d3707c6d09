package search

import "github.com/soukhq/souk/commerce/ref"

// Topic is the stream of what concerns the search itself.
const Topic = "search"

// SettingsChanged says that rules or synonyms of a channel were saved.
type SettingsChanged struct {
	Channel ref.ChannelID `json:"channel"`
	Version int64         `json:"version"`
}

// EventName returns the wire name.
func (SettingsChanged) EventName() string { return "search.settings_changed.v1" }
