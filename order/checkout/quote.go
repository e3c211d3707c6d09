package checkout

import (
	"context"
	"time"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/shipping"
	"github.com/soukhq/souk/promo"
)

// Choice is everything a buyer chooses: what a quote is made of and what
// placing repeats.
type Choice struct {
	Cart cart.ID
	// Locale of the texts that the orders freeze. Defaults to the channel's.
	Locale ref.Locale
	ShipTo address.Address
	// BillTo is whom the invoice names. Defaults to ShipTo.
	BillTo address.Address
	Email  string
	Remark string
	// Delivery is the code of the delivery method, by merchant; one that is
	// not named gets the first method that delivers.
	Delivery map[ref.MerchantID]string
	// Gateway is the code of the way to pay; required unless nothing is to be
	// paid.
	Gateway     string
	Company     ref.CompanyID
	PurchaseRef string
	// Source names the terminal: "web", "phone", "import".
	Source string
	// Coupons are used even where others would save more; the best of the
	// others is found without being named.
	Coupons []ref.CouponID
	// NoOtherCoupons keeps every coupon from being used that Coupons does not
	// name: with none named, the buyer uses none at all.
	NoOtherCoupons bool `json:",omitempty"`
	// Codes are what the buyer typed, in whatever case. A quote looks them up as
	// often as it is asked: where buyers type them, count the tries before one
	// gets here, as commerce.Marketplace.EnterCode does.
	Codes []string
	// Gifts are those that the buyer chose, by promotion: see
	// [Quote.GiftChoices].
	Gifts map[ref.PromotionID][]ref.SKUID
}

// Quote is what a choice costs at a moment.
type Quote struct {
	// ID is what [Service.Place] binds to: a digest of everything below.
	// Empty where the quote is not Ready.
	ID        string
	ExpiresAt time.Time

	Cart        cart.ID
	CartVersion int64
	Channel     ref.ChannelID
	Currency    money.Currency
	Locale      ref.Locale
	ShipTo      address.Address
	BillTo      address.Address
	Parts       []Part

	Goods    money.Money // list amounts of the lines
	Delivery money.Money // list amounts of the deliveries
	Discount money.Money
	Tax      money.Money
	Payable  money.Money

	// Promotions says what promotions gave, what each of the others lacked, and
	// what the buyer earns by paying.
	Promotions promo.Result
	// Alternatives is what it comes to where the buyer uses this or that coupon,
	// or none, in a quote of [Service.Compare].
	Alternatives []promo.Alternative
	// GiftChoices are those that the buyer has among gifts; what is given as it
	// stands are lines of the parts.
	GiftChoices []GiftChoice `json:",omitempty"`

	// Problems are the reasons why it cannot be placed; none where Ready.
	Problems []Problem
	Ready    bool
}

// Part is one merchant's part of a quote: a future order.
type Part struct {
	Merchant ref.MerchantID
	// Lines carry no ids yet.
	Lines []order.Line
	// Methods are the ways of delivery to choose from, Shipping the chosen one.
	Methods  []shipping.Option
	Shipping order.Shipping
	Total    money.Money
}

// Problem says why a quote cannot be placed: the path of the input, a code
// and parameters, as a fault's fields do. The codes of lines are those of a
// cart's view; beside them "required" and, for a destination or a method that
// is not served, "not_delivered".
type Problem = fault.Field

// draft is a quote in the making.
type draft struct {
	Quote
	scope   ref.Scope // for whom it is
	choice  Choice
	channel pricing.Channel
	member  ref.MemberID
	at      time.Time
	cart    cart.Cart
	compare bool

	offers   map[ref.SKUID]cart.Offer
	basket   Basket
	adjusted Adjusted
}

func (d *draft) problem(path, code string, params fault.Params) {
	d.Problems = append(d.Problems, Problem{Path: path, Code: code, Params: params})
}

// Quote tells what a choice costs now. It writes nothing. A quote that is not
// Ready says in Problems what is missing. Kinds: NotFound for a foreign cart;
// FailedPrecondition, code "cart.closed", for one that was ordered; Invalid
// for an address or a text that is wrong, and for amounts out of range.
func (s *Service) Quote(ctx context.Context, scope ref.Scope, choice Choice) (Quote, error) {
	return s.ask(ctx, scope, choice, false)
}

// Compare is [Service.Quote] for the page on which the buyer chooses among
// coupons: it also tells what each of those that can be used would come to, and
// what it is without any, in [Quote.Alternatives]. The id is the quote's, so that it can be placed. It
// takes longer than a quote, and one statement more where coupons are counted.
func (s *Service) Compare(ctx context.Context, scope ref.Scope, choice Choice) (Quote, error) {
	return s.ask(ctx, scope, choice, true)
}

func (s *Service) ask(ctx context.Context, scope ref.Scope, choice Choice, compare bool) (Quote, error) {
	c, err := s.cfg.Carts.Get(ctx, scope, choice.Cart)
	if err != nil {
		return Quote{}, err
	}
	if c.State != cart.Open {
		return Quote{}, closed(&c)
	}
	now := s.cfg.Clock.Now()
	d, err := s.quote(ctx, scope, c, choice, now, now.Add(s.cfg.QuoteLife), compare)
	if err != nil {
		return Quote{}, err
	}
	return d.Quote, nil
}

// quote is the pipeline. Given the same cart, choice, expiry and stored data
// it returns the same quote, with the alternatives where those are compared.
func (s *Service) quote(
	ctx context.Context, scope ref.Scope, c cart.Cart, choice Choice, now, expires time.Time, compare bool,
) (*draft, error) {
	d, err := s.begin(c, choice, now)
	if err != nil {
		return nil, err
	}
	d.scope, d.ExpiresAt, d.compare = scope, expires, compare
	for _, step := range []func(context.Context, *draft) error{
		s.price, s.deliver, s.promote, s.tax, s.total, s.choose,
	} {
		if err := step(ctx, d); err != nil {
			return nil, err
		}
	}
	if d.Ready = len(d.Problems) == 0; d.Ready {
		if d.ID, err = d.digest(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// names checks what the order takes over as it stands.
func (c *Choice) names(v *fault.Violations) {
	if c.Locale != "" && !c.Locale.Valid() {
		v.Add("locale", "malformed", nil)
	}
	if c.Company != "" && !ref.ValidID(string(c.Company)) {
		v.Add("company", "malformed", fault.Params{"format": "id"})
	}
	for _, f := range []struct {
		path, text string
		limit      int
	}{{"purchase_ref", c.PurchaseRef, order.MaxReference}, {"source", c.Source, order.MaxReason}} {
		switch {
		case len(f.text) > f.limit:
			v.Add(f.path, "too_long", fault.Params{"max": f.limit})
		case !ref.PlainText(f.text):
			v.Add(f.path, "malformed", nil)
		}
	}
}

// begin checks the choice and brings it into its one written form.
func (s *Service) begin(c cart.Cart, choice Choice, now time.Time) (*draft, error) {
	ch, ok := s.channels[c.Channel]
	if !ok || ch.Currency != c.Currency {
		return nil, fault.New(fault.FailedPrecondition, "checkout.channel", "the cart's channel is closed").
			With("channel", string(c.Channel))
	}
	d := &draft{choice: choice, channel: ch, member: c.Member, at: now, cart: c}
	d.Cart, d.CartVersion, d.Channel, d.Currency = c.ID, c.Version, c.Channel, c.Currency
	if d.Locale = choice.Locale; d.Locale == "" {
		d.Locale = ch.Locale
	}
	var v fault.Violations
	normalize := func(path string, a address.Address) address.Address {
		if a.IsZero() {
			return a
		}
		n, err := a.Normalize()
		if err != nil {
			v.Merge(path, err)
		}
		return n
	}
	d.ShipTo = normalize("ship_to", choice.ShipTo)
	if d.BillTo = normalize("bill_to", choice.BillTo); d.BillTo.IsZero() {
		d.BillTo = d.ShipTo
	}
	personal := order.Personal{Email: choice.Email, Remark: choice.Remark}
	v.Merge("", personal.Validate())
	d.choice.present(&v)
	choice.names(&v)
	if err := v.Err("checkout.invalid", "the choice is not valid"); err != nil {
		return nil, err
	}
	if d.ShipTo.IsZero() {
		d.problem("ship_to", "required", nil)
	}
	if len(c.Lines) == 0 {
		d.problem("cart", "empty", nil)
	}
	return d, nil
}
