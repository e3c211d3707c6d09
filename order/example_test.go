package order_test

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/order"
)

// A group is built from what was quoted, checked to the cent, and its orders
// move by what happens to them.
func Example() {
	now := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	usd := func(minor int64) money.Money { return money.New(minor, "USD") }
	tea := order.Line{
		ID: "line-1", SKU: "tea-100g", Product: "tea", Title: "Green tea", Quantity: 2, UnitPrice: usd(1250),
		Amounts: order.Amounts{
			List: usd(2500), Discount: usd(0), Net: usd(2500), Tax: usd(500), Gross: usd(3000), RatePPM: 200_000,
		},
	}
	free := order.Amounts{List: usd(0), Discount: usd(0), Net: usd(0), Tax: usd(0), Gross: usd(0)}
	group, _, err := order.New(order.PlaceInput{
		ID: "group-1", Member: "ann", Channel: "en", Currency: "USD", PayBy: now.Add(30 * time.Minute),
		Orders: []order.PartInput{{
			ID: "order-1", Merchant: "tea-house", Lines: []order.Line{tea}, Shipping: order.Shipping{Amounts: free},
		}},
	}, order.Cause{At: now, By: "member:ann"})
	if err != nil {
		fmt.Println(err)
		return
	}
	o := &group.Orders[0]
	fmt.Println(group.Payable.Format("en-US"), o.State, o.Payment)

	entry, err := o.Pay(order.Cause{At: now, By: "system"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(entry.Seq, entry.From, "->", entry.To, entry.PaymentTo)
	_, err = o.Complete(order.Cause{At: now, By: "member:ann"})
	fmt.Println(err)
	// Output:
	// $30.00 pending unpaid
	// 2 pending -> confirmed paid
	// order.state: the order's state does not allow this
}

// Lines of several merchants become one order each.
func ExampleByMerchant() {
	parts, err := order.Split(order.ByMerchant{}, []order.SplitLine{
		{SKU: "tea", Merchant: "tea-house"}, {SKU: "cup", Merchant: "potter"}, {SKU: "pot", Merchant: "potter"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range parts {
		fmt.Println(p.Merchant, p.Lines)
	}
	// Output:
	// tea-house [0]
	// potter [1 2]
}

// A number is found however somebody types it.
func ExampleDateNumbers() {
	group := order.Group{ID: "group-1", PlacedAt: time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)}
	numbers := order.DateNumbers{}
	number, err := numbers.Group(context.Background(), &group, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(number, numbers.Order(number, 0))
	fmt.Println(numbers.Split("26O314 o6j2lp08"))
	fmt.Println(numbers.Split("260314-06J21P09"))
	// Output:
	// 260314-06J21P08 260314-06J21P08-1
	// 260314-06J21P08 true
	//  false
}
