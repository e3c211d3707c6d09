package checkout

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// digest names the quote: when it ends, and a SHA-256 over everything that
// the buyer agrees to. The expiry in it is no secret and need not be one: who
// makes another up gets today's prices all the same, because placing computes
// them anew.
func (d *draft) digest() (string, error) {
	q := d.Quote
	q.Problems, q.ID = nil, ""
	// What promotions gave is in the parts, and the rest of it explains.
	q.Promotions, q.Alternatives, q.GiftChoices = promo.Result{Rewards: q.Promotions.Rewards}, nil, nil
	q.Parts = slices.Clone(q.Parts)
	for i := range q.Parts {
		q.Parts[i].Methods = nil // what else could have been chosen
	}
	body, err := json.Marshal(struct {
		Format      int
		Quote       Quote
		Company     ref.CompanyID
		PurchaseRef string
		Email       string
		Gateway     string
		Coupons     []ref.CouponID
		Codes       []string
		Gifts       map[ref.PromotionID][]ref.SKUID
		Exactly     bool `json:",omitempty"`
	}{
		2, q, d.choice.Company, d.choice.PurchaseRef, d.choice.Email, d.choice.Gateway,
		d.choice.Coupons, d.choice.Codes, d.choice.Gifts, d.choice.NoOtherCoupons,
	})
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "checkout.digest", "the quote has no digest")
	}
	sum := sha256.Sum256(body)
	return strconv.FormatInt(d.ExpiresAt.UnixMicro(), 36) + "." + base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// hash names all of the input but its key: what has to be the same where the
// key is the same. The quote's id covers what the buyer pays, but not what the
// gateway is told, the remark and the source; and an answer that is replayed is
// not quoted again.
func (in PlaceInput) hash() (string, error) {
	in.Key = ""
	if len(in.Delivery) == 0 { // none is none
		in.Delivery = nil
	}
	in.present(&fault.Violations{})
	body, err := json.Marshal(in)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "checkout.digest", "the input has no digest")
	}
	sum := sha256.Sum256(body)
	return base64.RawURLEncoding.EncodeToString(sum[:]), nil
}

// expiry reads when a quote ends. Invalid, path "quote".
func expiry(id string) (time.Time, error) {
	at, _, ok := strings.Cut(id, ".")
	n, err := strconv.ParseInt(at, 36, 64)
	if !ok || err != nil || len(id) > 100 {
		return time.Time{}, fault.New(fault.Invalid, "checkout.invalid", "the quote is not one of this shop").
			WithField("quote", "malformed", nil)
	}
	return time.UnixMicro(n).UTC(), nil
}
