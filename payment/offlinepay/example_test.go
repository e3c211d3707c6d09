package offlinepay_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/offlinepay"
)

func Example() {
	ctx := context.Background()
	gw, err := offlinepay.New(offlinepay.Config{
		Kind: offlinepay.Transfer, Secrets: [][]byte{[]byte("from the shop's configuration")},
		Show: map[string]string{"iban": "DE02 1203 0000 0000 2020 51"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := gw.Pay(ctx, payment.PayRequest{Number: "PA1", Amount: money.New(1999, "EUR")})
	fmt.Println(out.State, out.Action.Params["iban"], out.Action.Params["reference"], err)

	// The money is on the account: a staff page signs what it says.
	raw := gw.Received(offlinepay.Receipt{
		Number: "PA1", Amount: money.New(1999, "EUR"), Reference: "statement 41, line 7", Staff: "ann",
	})
	said, err := gw.ParseNotify(ctx, raw) // payment.Service.Notify does
	fmt.Println(said.Messages[0].Payment.State, err)
	// Output:
	// pending DE02 1203 0000 0000 2020 51 PA1 <nil>
	// captured <nil>
}
