package redemption

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/promo"
)

// place is where a line of the engine's cart stands in the basket.
type place struct{ part, line int }

// layout is a basket as the engine sees it: lines are named by their rank
// among the SKUs, so that the order in which a cart shows them decides no cent.
type layout struct {
	cart      promo.Cart
	places    map[ref.LineID]place
	shipments map[string]int // to their part
	// order holds the ids of the lines as the basket has them.
	order []ref.LineID
}

func layOut(b *checkout.Basket) layout {
	l := layout{
		cart: promo.Cart{
			Channel: b.Channel, Currency: b.Currency, Payment: b.Payment, Codes: b.Codes, Choices: b.Gifts,
			Buyer: promo.Buyer{ID: b.Member},
		},
		places: map[ref.LineID]place{}, shipments: map[string]int{},
	}
	var all []place
	for i, part := range b.Parts {
		for j := range part.Lines {
			all = append(all, place{i, j})
		}
		if part.Method != "" {
			id := fmt.Sprintf("%04d", i)
			l.shipments[id] = i
			l.cart.Shipments = append(l.cart.Shipments, promo.Shipment{
				ID: id, Merchant: part.Merchant, Method: part.Method, Rate: part.Delivery,
			})
		}
	}
	ids := make(map[place]ref.LineID, len(all))
	ranked := slices.Clone(all)
	slices.SortStableFunc(ranked, func(x, y place) int {
		return cmp.Compare(b.Parts[x.part].Lines[x.line].SKU, b.Parts[y.part].Lines[y.line].SKU)
	})
	for rank, at := range ranked {
		id := ref.LineID(fmt.Sprintf("%04d", rank))
		ids[at], l.places[id] = id, at
		in := &b.Parts[at.part].Lines[at.line]
		l.cart.Lines = append(l.cart.Lines, promo.Line{
			ID: id, SKU: in.SKU, Product: in.Product, Merchant: b.Parts[at.part].Merchant, Brand: in.Brand,
			Categories: in.Categories, Tags: in.Tags, Attributes: in.Attributes,
			Quantity: in.Quantity, Unit: in.Unit, Floor: in.Floor,
		})
	}
	for _, at := range all {
		l.order = append(l.order, ids[at])
	}
	return l
}

// buyerKey is what the limit per member counts a buyer by. A contact is
// counted by a digest: nobody reads from it whom it is of.
func buyerKey(b *checkout.Basket) string {
	switch {
	case b.Member != "":
		return memberKey(b.Member)
	case b.Contact != "":
		sum := sha256.Sum256([]byte("souk contact " + b.Contact))
		return "contact:" + base64.RawURLEncoding.EncodeToString(sum[:24])
	}
	return "guest:" + b.Guest
}

// ask fills in what is known of the buyer where a candidate wants to know, and
// leaves out candidates that cannot be answered.
func (p *Promotions) ask(
	ctx context.Context, s *shelf, l *layout, except ref.GroupID, candidates []promo.Candidate,
) ([]promo.Candidate, error) {
	if p.cfg.Buyers == nil {
		return slices.DeleteFunc(candidates, func(c promo.Candidate) bool {
			return s.asks[c.Promotion.ID] == asksBuyer
		}), nil
	}
	if !slices.ContainsFunc(candidates, func(c promo.Candidate) bool { return s.asks[c.Promotion.ID] != asksNothing }) {
		return candidates, nil
	}
	id := l.cart.Buyer.ID
	var err error
	l.cart.Buyer, err = p.cfg.Buyers.Buyer(ctx, BuyerQuery{Member: id, Except: except})
	l.cart.Buyer.ID = id
	return candidates, err
}
