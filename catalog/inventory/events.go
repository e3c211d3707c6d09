package inventory

import (
	"strconv"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/ref"
)

// Topic is the stream of stock.
const Topic = "stock"

// Changed says that the stock of SKUs is another than before: read it anew.
type Changed struct {
	SKUs []ref.SKUID `json:"skus"`
	Kind Kind        `json:"kind"`
	// Ref is what it was for: an order, a document.
	Ref string `json:"ref,omitempty"`
}

// EventName returns the wire name.
func (Changed) EventName() string { return "stock.changed.v1" }

// maxEventSKUs bounds one event; a larger change makes several.
const maxEventSKUs = 1_000

// changedEvents announces a change in as few events as hold it.
func changedEvents(id string, skus []ref.SKUID, kind Kind, about string, at time.Time) ([]event.Record, error) {
	var out []event.Record
	for n := 0; len(skus) > 0; n++ {
		part := skus[:min(len(skus), maxEventSKUs)]
		skus = skus[len(part):]
		rec, err := event.New(id+"/"+strconv.Itoa(n), Topic, string(part[0]), at, Changed{SKUs: part, Kind: kind, Ref: about})
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}
