package redemption

import (
	"context"
	"encoding/json"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

// React is the consumer, of the topic of orders, of the event by which a
// guest's orders become a member's: from then on the member's limits count what
// was used for them. It passes over every other event and may see one twice.
func (p *Promotions) React(ctx context.Context, r event.Record) error {
	if r.Name != (order.Adopted{}).EventName() {
		return nil
	}
	var a order.Adopted
	if err := json.Unmarshal(r.Payload, &a); err != nil {
		return fault.Wrap(err, fault.Internal, "event.payload", "the stored payload does not fit").With("name", r.Name)
	}
	return p.cfg.Usage.Reassign(ctx, a.Group, memberKey(a.Member))
}

func memberKey(id ref.MemberID) string { return "member:" + string(id) }
