// Package paymenttest is the conformance suite of every payment gateway.
//
//	func TestGateway(t *testing.T) {
//		paymenttest.Run(t, paymenttest.Harness{
//			Open: func(t paymenttest.T) paymenttest.Rig {
//				fake := newFakeProvider(t) // a fake of the provider, speaking its wire format
//				return paymenttest.Rig{Gateway: mypay.New(fake.URL()), Amount: money.New(1000, "EUR"), ...}
//			},
//			Lacks: []paymenttest.Lack{paymenttest.Capture},
//		})
//	}
//
// A [Rig] is a gateway beside the handles of its provider: what the buyer
// does, what goes wrong on the way, what the provider really took. A case that
// needs what the harness says the provider lacks is reported as skipped, with
// the lack's name; a handle that is missing without being named is an error.
//
// Every case runs twice: on the gateway itself, and through a wrapper that
// has nothing but the required methods and Unwrap, so that no power is found
// by anything but payment.As. The package's own test feeds the suite broken
// gateways and requires every case to fail for at least one of them.
//
// What it does not do: it proves no wire format against the real provider.
package paymenttest
