package order

import "github.com/soukhq/souk/commerce/event"

// Announced returns what the event log holds of a group with this history:
// the records that were appended in the units that wrote it.
func Announced(g *Group, history []Entry) ([]event.Record, error) {
	placed, err := placedEvent(g)
	if err != nil {
		return nil, err
	}
	out := []event.Record{placed}
	for i := range history {
		o, err := g.Order(history[i].Order)
		if err != nil {
			return nil, err
		}
		records, err := entryEvents(o, &history[i])
		if err != nil {
			return nil, err
		}
		out = append(out, records...)
	}
	return out, nil
}

// Announces reports whether a name is one of the events of [Announced].
func Announces(name string) bool {
	switch name {
	case Placed{}.EventName(), Confirmed{}.EventName(), CancelRequested{}.EventName(), CancelRefused{}.EventName(),
		Canceled{}.EventName(), Shipped{}.EventName(), Completed{}.EventName(), Paid{}.EventName(), Unconfirmed{}.EventName(),
		Refunded{}.EventName(), RefundReturned{}.EventName(), UnitsRefunded{}.EventName():
		return true
	}
	return false
}
