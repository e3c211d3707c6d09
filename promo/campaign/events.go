package campaign

import "github.com/soukhq/souk/commerce/ref"

// Topic is the stream of campaigns.
const Topic = "campaign"

// Changed says that a campaign was saved, or moved to another state.
type Changed struct {
	Promotion ID             `json:"promotion"`
	Merchant  ref.MerchantID `json:"merchant,omitempty"`
	State     State          `json:"state"`
	// PromotionVersion is the newest version of the promotion.
	PromotionVersion int64 `json:"promotion_version"`
	Version          int64 `json:"version"`
}

// EventName returns the wire name.
func (Changed) EventName() string { return "promo.campaign_changed.v1" }

// GroupsChanged says that an exclusion group was saved or removed.
type GroupsChanged struct {
	Group string `json:"group"`
}

// EventName returns the wire name.
func (GroupsChanged) EventName() string { return "promo.groups_changed.v1" }
