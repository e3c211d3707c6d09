package bunstore

import (
	"cmp"
	"slices"

	"github.com/uptrace/bun"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
)

type orderGroupRow struct {
	bun.BaseModel `bun:"table:order_groups,alias:g"`

	ID          order.GroupID  `bun:"id,pk"`
	Number      string         `bun:"number"`
	Member      ref.MemberID   `bun:"member"`
	Guest       string         `bun:"guest"`
	Company     ref.CompanyID  `bun:"company"`
	PurchaseRef string         `bun:"purchase_ref"`
	Channel     ref.ChannelID  `bun:"channel"`
	Locale      ref.Locale     `bun:"locale"`
	Source      string         `bun:"source"`
	Cart        ref.CartID     `bun:"cart"`
	CartVersion int64          `bun:"cart_version"`
	Quote       string         `bun:"quote"`
	Intent      ref.IntentID   `bun:"intent"`
	Currency    money.Currency `bun:"currency"`
	Payable     int64          `bun:"payable"`
	Promoted    bool           `bun:"promoted"`
	PlacedAt    instant        `bun:"placed_at"`
}

func orderGroupRowOf(g *order.Group) *orderGroupRow {
	return &orderGroupRow{
		ID: g.ID, Number: g.Number, Member: g.Member, Guest: g.Guest, Company: g.Company,
		PurchaseRef: g.PurchaseRef, Channel: g.Channel, Locale: g.Locale, Source: g.Source,
		Cart: g.Cart, CartVersion: g.CartVersion, Quote: g.Quote, Intent: g.Intent,
		Currency: g.Currency(), Payable: g.Payable.Minor(), Promoted: g.Promoted, PlacedAt: at(g.PlacedAt),
	}
}

func (r orderGroupRow) value() order.Group {
	return order.Group{
		ID: r.ID, Number: r.Number, Member: r.Member, Guest: r.Guest, Company: r.Company,
		PurchaseRef: r.PurchaseRef, Channel: r.Channel, Locale: r.Locale, Source: r.Source,
		Cart: r.Cart, CartVersion: r.CartVersion, Quote: r.Quote, Intent: r.Intent,
		Promoted: r.Promoted, Payable: money.New(r.Payable, r.Currency), PlacedAt: r.PlacedAt.Time,
	}
}

// amountsRow is [order.Amounts] without the currency.
type amountsRow struct {
	List        int64              `bun:"list"`
	Discount    int64              `bun:"discount"`
	Net         int64              `bun:"net"`
	Tax         int64              `bun:"tax"`
	Gross       int64              `bun:"gross"`
	RatePPM     int64              `bun:"rate_ppm"`
	Inclusive   bool               `bun:"inclusive"`
	Adjustments []order.Adjustment `bun:"adjustments,type:jsonb"`
}

func amountsRowOf(a *order.Amounts) amountsRow {
	return amountsRow{
		List: a.List.Minor(), Discount: a.Discount.Minor(), Net: a.Net.Minor(), Tax: a.Tax.Minor(),
		Gross: a.Gross.Minor(), RatePPM: a.RatePPM, Inclusive: a.Inclusive, Adjustments: a.Adjustments,
	}
}

func (r amountsRow) value(cur money.Currency) order.Amounts {
	return order.Amounts{
		List: money.New(r.List, cur), Discount: money.New(r.Discount, cur), Net: money.New(r.Net, cur),
		Tax: money.New(r.Tax, cur), Gross: money.New(r.Gross, cur),
		RatePPM: r.RatePPM, Inclusive: r.Inclusive, Adjustments: r.Adjustments,
	}
}

type orderRow struct {
	bun.BaseModel `bun:"table:orders,alias:o"`

	Group    order.GroupID  `bun:"group_id,pk"`
	ID       order.ID       `bun:"id,pk"`
	Place    int64          `bun:"place"`
	Number   string         `bun:"number"`
	Merchant ref.MerchantID `bun:"merchant"`
	Member   ref.MemberID   `bun:"member"`
	Guest    string         `bun:"guest"`
	Channel  ref.ChannelID  `bun:"channel"`
	PlacedAt instant        `bun:"placed_at"`

	orderStateRow

	Currency     money.Currency `bun:"currency"`
	Goods        int64          `bun:"goods"`
	ShippingFee  int64          `bun:"shipping_fee"`
	Discount     int64          `bun:"discount"`
	Net          int64          `bun:"net"`
	Tax          int64          `bun:"tax"`
	Total        int64          `bun:"total"`
	ShipMethod   string         `bun:"ship_method"`
	ShipLabel    string         `bun:"ship_label"`
	ShipTaxClass string         `bun:"ship_tax_class"`
	Ship         amountsRow     `bun:"embed:ship_"`
}

// orderStateRow is what changes of an order after it was placed.
type orderStateRow struct {
	State     order.State        `bun:"state"`
	Payment   order.PaymentState `bun:"payment"`
	Deadline  instant            `bun:"deadline,type:timestamptz"`
	Carrier   string             `bun:"carrier"`
	Tracking  string             `bun:"tracking"`
	Refunded  int64              `bun:"refunded"`
	Units     orderUnits         `bun:"returned_units,type:jsonb"`
	UpdatedAt instant            `bun:"updated_at,type:timestamptz"`
	Steps     int64              `bun:"steps"`
	Version   int64              `bun:"version"`
}

// orderUnits is what of an order was returned: so many pieces of its lines.
type orderUnits struct {
	Lines    map[order.LineID]ref.Quantity `json:"lines,omitempty"`
	Delivery bool                          `json:"delivery,omitempty"`
}

// spread tells the lines of o what of them was returned.
func (u orderUnits) spread(o *order.Order) {
	for i := range o.Lines {
		o.Lines[i].Returned = u.Lines[o.Lines[i].ID]
	}
}

// orderChangeRow is one row of an update.
type orderChangeRow struct {
	Group order.GroupID `bun:"group_id,pk"`
	ID    order.ID      `bun:"id,pk"`

	orderStateRow
}

func orderStateRowOf(o *order.Order, version int64) orderStateRow {
	return orderStateRow{
		State: o.State, Payment: o.Payment, Deadline: at(o.Deadline),
		Carrier: o.Parcel.Carrier, Tracking: o.Parcel.Tracking, Refunded: o.Refunded.Minor(),
		Units:     orderUnits{Lines: o.ReturnedUnits(), Delivery: o.Shipping.Returned},
		UpdatedAt: at(o.UpdatedAt), Steps: o.Steps, Version: version,
	}
}

// orderChangesOf returns the rows of an update, sorted by key.
func orderChangesOf(all []*order.Order) []orderChangeRow {
	rows := make([]orderChangeRow, len(all))
	for i, o := range all {
		rows[i] = orderChangeRow{Group: o.Group, ID: o.ID, orderStateRow: orderStateRowOf(o, o.Version+1)}
	}
	slices.SortFunc(rows, func(a, b orderChangeRow) int {
		return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.ID, b.ID))
	})
	return rows
}

func orderRowOf(o *order.Order, version int64) orderRow {
	return orderRow{
		Group: o.Group, ID: o.ID, Place: int64(o.Place), Number: o.Number, Merchant: o.Merchant,
		Member: o.Member, Guest: o.Guest, Channel: o.Channel, PlacedAt: at(o.PlacedAt),
		orderStateRow: orderStateRowOf(o, version),
		Currency:      o.Total.Currency(), Goods: o.Goods.Minor(), ShippingFee: o.ShippingFee.Minor(),
		Discount: o.Discount.Minor(), Net: o.Net.Minor(), Tax: o.Tax.Minor(), Total: o.Total.Minor(),
		ShipMethod: o.Shipping.Method, ShipLabel: o.Shipping.Label, ShipTaxClass: o.Shipping.TaxClass,
		Ship: amountsRowOf(&o.Shipping.Amounts),
	}
}

func (r orderRow) value() order.Order {
	m := func(minor int64) money.Money { return money.New(minor, r.Currency) }
	return order.Order{
		ID: r.ID, Group: r.Group, Place: int(r.Place), Number: r.Number, Merchant: r.Merchant,
		Member: r.Member, Guest: r.Guest, Channel: r.Channel, PlacedAt: r.PlacedAt.Time,
		State: r.State, Payment: r.Payment, Deadline: r.Deadline.Time,
		Parcel: order.Parcel{Carrier: r.Carrier, Tracking: r.Tracking},
		Shipping: order.Shipping{
			Method: r.ShipMethod, Label: r.ShipLabel, TaxClass: r.ShipTaxClass, Returned: r.Units.Delivery,
			Amounts: r.Ship.value(r.Currency),
		},
		Totals: order.Totals{
			Goods: m(r.Goods), ShippingFee: m(r.ShippingFee), Discount: m(r.Discount),
			Net: m(r.Net), Tax: m(r.Tax), Total: m(r.Total),
		},
		Refunded: m(r.Refunded), UpdatedAt: r.UpdatedAt.Time, Steps: r.Steps, Version: r.Version,
	}
}

type orderLineRow struct {
	bun.BaseModel `bun:"table:order_lines,alias:l"`

	Group        order.GroupID   `bun:"group_id,pk"`
	Order        order.ID        `bun:"order_id,pk"`
	Position     int64           `bun:"position,pk"`
	ID           order.LineID    `bun:"id"`
	SKU          ref.SKUID       `bun:"sku"`
	Product      ref.ProductID   `bun:"product"`
	Tag          string          `bun:"tag"`
	Code         string          `bun:"code"`
	Title        string          `bun:"title"`
	Options      []order.Option  `bun:"options,type:jsonb"`
	Picture      string          `bun:"picture"`
	Quantity     ref.Quantity    `bun:"quantity"`
	Currency     money.Currency  `bun:"currency"`
	UnitPrice    int64           `bun:"unit_price"`
	PriceVersion int64           `bun:"price_version"`
	TaxClass     string          `bun:"tax_class"`
	WeightGrams  int64           `bun:"weight_grams"`
	Gift         ref.PromotionID `bun:"gift"`

	amountsRow
}

func orderLineRowsOf(g *order.Group) []orderLineRow {
	var rows []orderLineRow
	for i := range g.Orders {
		o := &g.Orders[i]
		for j := range o.Lines {
			l := &o.Lines[j]
			rows = append(rows, orderLineRow{
				Group: g.ID, Order: o.ID, Position: int64(j), ID: l.ID, SKU: l.SKU, Product: l.Product, Tag: l.Tag,
				Code: l.Code, Title: l.Title, Options: l.Options, Picture: l.Picture, Quantity: l.Quantity,
				Currency: l.UnitPrice.Currency(), UnitPrice: l.UnitPrice.Minor(), PriceVersion: l.PriceVersion,
				TaxClass: l.TaxClass, WeightGrams: l.WeightGrams, Gift: l.Gift, amountsRow: amountsRowOf(&l.Amounts),
			})
		}
	}
	return rows
}

func (r orderLineRow) value() order.Line {
	return order.Line{
		ID: r.ID, SKU: r.SKU, Product: r.Product, Tag: r.Tag, Code: r.Code, Title: r.Title,
		Options: r.Options, Picture: r.Picture, Quantity: r.Quantity,
		UnitPrice: money.New(r.UnitPrice, r.Currency), PriceVersion: r.PriceVersion,
		TaxClass: r.TaxClass, WeightGrams: r.WeightGrams, Gift: r.Gift, Amounts: r.amountsRow.value(r.Currency),
	}
}

type orderEntryRow struct {
	bun.BaseModel `bun:"table:order_history,alias:h"`

	Group       order.GroupID      `bun:"group_id,pk"`
	Order       order.ID           `bun:"order_id,pk"`
	Seq         int64              `bun:"seq,pk"`
	At          instant            `bun:"at"`
	By          string             `bun:"by_whom"`
	Reason      string             `bun:"reason"`
	From        order.State        `bun:"state_from"`
	To          order.State        `bun:"state_to"`
	PaymentFrom order.PaymentState `bun:"payment_from"`
	PaymentTo   order.PaymentState `bun:"payment_to"`
	Currency    money.Currency     `bun:"currency"`
	Amount      int64              `bun:"amount"`
	Returned    bool               `bun:"returned"`
	Units       []order.UnitRefund `bun:"units,type:jsonb"` // one, or none
}

func orderEntryRowsOf(entries []order.Entry) []orderEntryRow {
	rows := make([]orderEntryRow, len(entries))
	for i := range entries {
		e := &entries[i]
		rows[i] = orderEntryRow{
			Group: e.Group, Order: e.Order, Seq: e.Seq, At: at(e.At), By: e.By, Reason: e.Reason,
			From: e.From, To: e.To, PaymentFrom: e.PaymentFrom, PaymentTo: e.PaymentTo,
			Currency: e.Amount.Currency(), Amount: e.Amount.Minor(), Returned: e.Returned,
		}
		if e.Units != nil {
			rows[i].Units = []order.UnitRefund{*e.Units}
		}
	}
	return rows
}

func (r orderEntryRow) value() order.Entry {
	e := order.Entry{
		Group: r.Group, Order: r.Order, Seq: r.Seq,
		Cause: order.Cause{At: r.At.Time, By: r.By, Reason: r.Reason},
		From:  r.From, To: r.To, PaymentFrom: r.PaymentFrom, PaymentTo: r.PaymentTo,
		Amount: money.New(r.Amount, r.Currency), Returned: r.Returned,
	}
	if len(r.Units) > 0 {
		e.Units = &r.Units[0]
	}
	return e
}
