package view

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// Said is a text of the catalogue with what fills it.
type Said struct {
	Key    string
	Params fault.Params
}

// Promoted puts into words what the promotion engine says, for buyers and
// staff alike: the texts of decisions, of what is missing and of benefits.
type Promoted struct {
	Locale ref.Locale
	// Name tells what a promotion is called, Group what an exclusion group is.
	Name  func(ref.PromotionID) string
	Group func(promo.GroupID) string
}

// Decision says what became of a candidate.
func (p Promoted) Decision(d promo.Decision) Said {
	in := &d.Params
	said := Said{Key: "decision." + string(d.Code), Params: fault.Params{}}
	put := func(name string, m money.Money) { said.Params[name] = m.Format(p.Locale) }
	switch d.Code {
	case promo.CodeInvalid:
		said.Params["Rule"] = in.Rule
	case promo.CodeUnknown:
		said.Params["Code"] = in.Code
	case promo.CodeBudget, promo.CodeBelowAmount, promo.CodeAboveAmount:
		put("Have", in.Have)
		put("Need", in.Need)
	case promo.CodeBelowCount:
		said.Params["Have"], said.Params["Need"] = in.HaveCount, in.NeedCount
	case promo.CodeUnmet:
		said.Key += "." + cmp.Or(in.Rule, "other")
	case promo.CodeUnitsUsed, promo.CodeDominated, promo.CodeConflict:
		said.Params["With"] = p.Name(in.With)
	case promo.CodeLostInGroup:
		said.Params["Group"] = p.Group(promo.GroupID(in.Rule))
		if in.With == "" {
			said.Key += ".lines" // to several, line by line
			break
		}
		said.Params["With"] = p.Name(in.With)
	case promo.CodeNotOptimal:
		put("With", in.PayableWith)
		put("Best", in.PayableBest)
	case promo.CodeApplied, promo.CodeNotStarted, promo.CodeEnded, promo.CodeExpired, promo.CodeChannel, promo.CodeSegment,
		promo.CodeMissing, promo.CodeLimitGlobal, promo.CodeLimitUser, promo.CodeNoLine, promo.CodeNoShipment, promo.CodeAllExcluded,
		promo.CodeNoEffect, promo.CodeGiftSoldOut, promo.CodeSearchCut, promo.CodeNotPinnable, promo.CodeGuest,
		promo.CodeDeclined:
	}
	return said
}

// Near says what is missing for a promotion or its next tier, nil for nothing.
func (p Promoted) Near(n *promo.NearMiss) *Said {
	if n == nil || n.Amount.IsZero() && n.Quantity == 0 {
		return nil
	}
	said := &Said{Key: "near.amount", Params: fault.Params{"Amount": n.Amount.Format(p.Locale), "Pieces": n.Quantity}}
	if n.Amount.IsZero() {
		said.Key = "near.pieces"
		if n.Quantity == 1 {
			said.Key = "near.piece"
		}
	}
	switch {
	case !n.Off.IsZero():
		said.Key += ".off"
		said.Params["Off"] = n.Off.Format(p.Locale)
	case n.PPM != 0:
		said.Key += ".percent"
		said.Params["Off"] = Percent(n.PPM)
	}
	return said
}

// Benefit says what a promotion gives: a line for each of its tiers, else one.
func (p Promoted) Benefit(of *promo.Promotion) []Said {
	say := func(kind string, pairs ...any) Said {
		s := Said{Key: "benefit." + kind, Params: fault.Params{}}
		for i := 0; i+1 < len(pairs); i += 2 {
			name, _ := pairs[i].(string)
			switch v := pairs[i+1].(type) {
			case money.Money:
				s.Params[name] = v.Format(p.Locale)
			default:
				s.Params[name] = v
			}
		}
		return s
	}
	switch b := &of.Benefit; {
	case b.Percent != nil:
		return []Said{say("percent", "Off", Percent(b.Percent.PPM))}
	case b.Fixed != nil:
		return []Said{say("fixed."+string(b.Fixed.Per), "Off", b.Fixed.Off)}
	case b.Price != nil:
		return []Said{say("price", "Unit", b.Price.Unit)}
	case b.Tiers != nil:
		return p.tiers(b.Tiers, say)
	case b.Bundle != nil:
		pieces := int64(0)
		for _, part := range b.Bundle.Parts {
			pieces += part.Quantity
		}
		return []Said{say("bundle", "Pieces", pieces, "Price", b.Bundle.Price)}
	case b.BuyGet != nil:
		return []Said{say("buy_get", "Buy", b.BuyGet.Buy, "Get", b.BuyGet.Get, "Off", Percent(b.BuyGet.PPM))}
	case b.Nth != nil:
		return []Said{say("nth", "N", b.Nth.N, "Off", Percent(b.Nth.PPM))}
	case b.Shipping != nil && b.Shipping.PPM == money.Million:
		return []Said{say("shipping.free")}
	case b.Shipping != nil && b.Shipping.PPM != 0:
		return []Said{say("shipping.percent", "Off", Percent(b.Shipping.PPM))}
	case b.Shipping != nil:
		return []Said{say("shipping.off", "Off", b.Shipping.Off)}
	case b.Gift != nil:
		return []Said{say("gift", "Items", len(b.Gift.Items))}
	case b.Reward != nil:
		return []Said{say("reward."+string(b.Reward.Kind), "Count", b.Reward.Count)}
	}
	return []Said{say("custom")}
}

func (p Promoted) tiers(t *promo.Tiers, say func(string, ...any) Said) []Said {
	var out []Said
	for _, tier := range t.Tiers {
		kind, from, off := "tier.", any(tier.Amount), any(tier.Off)
		if t.Mode == promo.TierEvery {
			kind = "tier.every."
		}
		if t.By == promo.ByQuantity {
			kind, from = kind+"pieces", tier.Quantity
		} else {
			kind += "amount"
		}
		if tier.PPM != 0 {
			off = Percent(tier.PPM)
		}
		out = append(out, say(kind, "From", from, "Off", off))
	}
	return out
}

// Percent writes parts per million as a percentage: 125,000 is "12.5%".
func Percent(ppm int64) string {
	whole, rest := ppm/10_000, ppm%10_000
	if rest == 0 {
		return strconv.FormatInt(whole, 10) + "%"
	}
	text := strconv.FormatInt(10_000+rest, 10)[1:]
	return strconv.FormatInt(whole, 10) + "." + strings.TrimRight(text, "0") + "%"
}
