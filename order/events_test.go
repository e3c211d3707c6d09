package order_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/order"
)

// The golden files were written by earlier versions and stay readable.
func TestStoredEventsStayReadable(t *testing.T) {
	t.Parallel()
	sub := order.Subject{
		Group: "g1", Order: "o1", Merchant: "m1", Member: "u1", Channel: "en", Seq: 2, At: noon, Reason: "why",
	}
	want := []event.Payload{
		&order.Placed{
			Group: "g1", Number: "260314-AAAAAAAA", Member: "u1", Company: "c1", Channel: "en", Locale: "en-US",
			Source: "web", Cart: "k1", Intent: "i1", Currency: "USD", Payable: 3_000, At: noon,
			Orders: []order.PlacedOrder{{
				Order: "o1", Number: "260314-AAAAAAAA-1", Merchant: "m1", Discount: 100, Shipping: 600, Tax: 500, Total: 3_000,
				Lines: []order.PlacedLine{{
					Line: "l1", SKU: "s1", Product: "p1", Quantity: 2, Unit: 1_000, Discount: 100, Gross: 2_400,
				}},
			}},
		},
		&order.Confirmed{Subject: sub},
		&order.Unconfirmed{Subject: sub},
		&order.CancelRequested{Subject: sub},
		&order.CancelRefused{Subject: sub},
		&order.Canceled{Subject: sub, Payment: order.PaymentUnpaid},
		&order.Shipped{Subject: sub},
		&order.Completed{Subject: sub},
		&order.Paid{Subject: sub, Amount: usd(3_000)},
		&order.Refunded{Subject: sub, Amount: usd(100), Payment: order.PaymentPartiallyRefunded},
		&order.Adopted{Group: "g1", Member: "u1", At: noon},
		&order.RefundReturned{Subject: sub, Amount: usd(100), Payment: order.PaymentPaid},
	}
	want = append(want, &order.UnitsRefunded{
		Subject: sub, Amount: usd(970),
		Lines: []order.RefundedLine{{
			Line: "l1", SKU: "s1", Before: 1, Quantity: 1,
			RefundedWorth: order.RefundedWorth{List: 1_000, Discount: 50, Tax: 200, Gross: 1_150},
		}},
		Delivery: &order.RefundedWorth{List: 600, Tax: 120, Gross: 720},
		Shares: []order.Adjustment{{
			Promotion: "p1", Version: 3, Coupon: "c1", Amount: usd(50),
			Bearers: []order.Bearer{{Party: "platform", Amount: usd(20)}, {Party: "merchant:m1", Amount: usd(30)}},
		}},
		ClawBacks: []order.ClawBack{{
			Promotion: "p2", Version: 1, Amount: usd(970), Gift: true,
			Bearers: []order.Bearer{{Party: "merchant:m1", Amount: usd(970)}},
		}, {
			Promotion: "p3", Version: 2, Amount: usd(-70),
			Bearers: []order.Bearer{{Party: "merchant:m1", Amount: usd(10)}, {Party: "platform", Amount: usd(-80)}},
		}},
	})
	files, err := filepath.Glob("testdata/events/*.json")
	require.NoError(t, err)
	require.Len(t, files, len(want), "every event has a golden file")
	for _, w := range want {
		raw, err := os.ReadFile(filepath.Join("testdata", "events", w.EventName()+".json"))
		require.NoError(t, err)
		fresh, ok := reflect.New(reflect.TypeOf(w).Elem()).Interface().(event.Payload)
		require.True(t, ok)
		require.NoError(t, event.Decode(event.Record{Name: w.EventName(), Payload: raw}, fresh))
		require.Equal(t, w, fresh)
		again, err := json.Marshal(fresh)
		require.NoError(t, err)
		require.Equal(t, string(raw), string(again)+"\n")
	}
}
