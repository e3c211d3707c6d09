package fakepay_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

func Example() {
	ctx := context.Background()
	bank := fakepay.New()
	bank.Plan(fakepay.Ask)
	gw := bank.Gateway()

	req := payment.PayRequest{Number: "PA1", Amount: money.New(1999, "USD")}
	out, err := gw.Pay(ctx, req)
	fmt.Println(out.State, out.Action.URL, err)

	if err := bank.Approve(ctx, "PA1"); err != nil { // the buyer's click
		fmt.Println(err)
	}
	out, err = gw.Query(ctx, payment.AttemptRef{Number: "PA1", Amount: req.Amount})
	fmt.Println(out.State, bank.Net("USD"), err)
	// Output:
	// action_required https://fakepay.invalid/pay?number=PA1 <nil>
	// captured 1999 <nil>
}

func ExampleBank_Trouble() {
	bank := fakepay.New()
	bank.Trouble(fakepay.CallPay, fakepay.LostAfter)
	_, err := bank.Gateway().Pay(context.Background(), payment.PayRequest{Number: "PA1", Amount: money.New(5, "USD")})
	fmt.Println(payment.ClassOf(err), "but taken:", bank.Net("USD"))
	// Output: unknown but taken: 5
}
