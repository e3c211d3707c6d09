package payment_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage/memory"
)

// shipIt is a subject that wants every payment.
type shipIt struct{}

func (shipIt) Captured(context.Context, payment.Intent) (bool, error) { return true, nil }
func (shipIt) Closed(context.Context, payment.Intent) error           { return nil }
func (shipIt) Await(_ context.Context, in payment.Intent, _ payment.Terms) (payment.Awaited, error) {
	return payment.Awaited{PayBy: in.PayBy}, nil
}

// noEvents stands in for the event log.
type noEvents struct{}

func (noEvents) Append(context.Context, ...event.Record) error { return nil }

func Example() {
	ctx := context.Background()
	stores, bank := memory.New().Stores(), fakepay.New()
	payments, err := payment.NewService(payment.Config{
		Store: stores.Payments, Refunds: stores.PaymentRefunds, Notices: stores.PaymentNotices, Cases: stores.PaymentCases,
		Units: stores.Units, Events: noEvents{}, Subject: shipIt{}, Gateways: []payment.Gateway{bank.Gateway()},
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	draft, err := payments.Draft(payment.OpenInput{
		Group: "group-1", Member: "ann", Payable: money.New(4250, "USD"), Gateway: "fakepay",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var intent payment.Intent
	if err := stores.Units.Do(ctx, func(ctx context.Context) (err error) {
		intent, err = payments.Open(ctx, draft)
		return err
	}); err != nil {
		fmt.Println(err)
		return
	}
	bank.Trouble(fakepay.CallPay, fakepay.LostAfter) // the bank takes the money, its answer is lost
	intent, err = payments.Pay(ctx, intent)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(intent.State, intent.Attempts[0].State)

	intent, err = payments.Query(ctx, ref.Member("ann"), draft.ID)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(intent.State, intent.Attempts[0].State, bank.Net("USD"))
	// Output:
	// processing unknown
	// captured captured 4250
}

func ExampleAs() {
	gw := fakepay.New().Gateway()
	_, refunds := payment.As[payment.Refunder](gw)
	_, notifies := payment.As[payment.Notifier](gw)
	fmt.Println(refunds, notifies)
	// Output: true true
}
