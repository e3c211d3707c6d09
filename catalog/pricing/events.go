package pricing

import (
	"slices"
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/ref"
)

// Topic is the stream of prices.
const Topic = "price"

// Changed says that prices of SKUs in a channel were set or removed: read
// them anew.
type Changed struct {
	Channel ref.ChannelID `json:"channel"`
	SKUs    []ref.SKUID   `json:"skus"`
}

// EventName returns the wire name.
func (Changed) EventName() string { return "price.changed.v1" }

// changedEvents announces changes, one event per channel; a call changes at
// most MaxBatch prices, so that an event stays small.
func changedEvents(id string, keys []Key, at time.Time) ([]event.Record, error) {
	skus := map[ref.ChannelID][]ref.SKUID{}
	for _, k := range keys {
		skus[k.Channel] = append(skus[k.Channel], k.SKU)
	}
	channels := make([]ref.ChannelID, 0, len(skus))
	for ch := range skus {
		channels = append(channels, ch)
	}
	slices.Sort(channels)
	out := make([]event.Record, len(channels))
	for i, ch := range channels {
		slices.Sort(skus[ch])
		all := slices.Compact(skus[ch])
		rec, err := event.New(id+"/"+strconv.Itoa(i), Topic, string(all[0]), at, Changed{Channel: ch, SKUs: all})
		if err != nil {
			return nil, err
		}
		out[i] = rec
	}
	return out, nil
}
