package commerce_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/inventory"
	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/promo/coupon"
)

func verify(t *testing.T, m *commerce.Marketplace) []commerce.Violation {
	t.Helper()
	var out []commerce.Violation
	for v, err := range m.Verify(t.Context()) {
		require.NoError(t, err)
		out = append(out, v)
	}
	return out
}

func plants() []plant {
	return []plant{
		{"I5", "the tenders are more than what is payable", paid, func(s *sold) string {
			s.pay(nil, func(in *payment.Intent) { in.Tenders[0].Amount = money.New(1251, "USD") })
			return string(s.intent.ID)
		}},
		{"I5", "more is payable than the orders come to", unpaid, func(s *sold) string {
			s.pay(nil, func(in *payment.Intent) {
				in.Payable = money.New(1251, "USD")
				in.Tenders[0].Amount = in.Payable
			})
			return string(s.group.ID)
		}},
		{"I5", "a group that is payable as more than its orders", paid, func(s *sold) string {
			s.sql("UPDATE order_groups SET payable = payable + 1")
			return string(s.group.ID)
		}},
		{"I6", "money of a group that is not there", paid, func(s *sold) string {
			s.sql("UPDATE payment_intents SET group_id = 'ghost'")
			return string(s.intent.ID)
		}},
		{"I6", "a group whose payment is not there", paid, func(s *sold) string {
			s.sql("UPDATE order_groups SET intent = 'ghost'")
			return string(s.group.ID)
		}},
		{"I6", "a counted capture of an intent that is not captured", paid, func(s *sold) string {
			s.pay([]payment.Event{{
				Of: payment.OfIntent, Object: string(s.intent.ID), From: string(s.intent.State), To: string(payment.IntentProcessing),
			}}, func(in *payment.Intent) { in.State = payment.IntentProcessing })
			return string(s.intent.ID)
		}},
		{"I6", "an order that nobody paid for", unpaid, func(s *sold) string {
			s.step(s.order.Pay)
			s.settle(inventory.Committed)
			return string(s.order.ID)
		}},
		{"I7", "an intent that is over, with a try under way", unpaid, func(s *sold) string {
			s.pay([]payment.Event{{
				Of: payment.OfIntent, Object: string(s.intent.ID), From: string(s.intent.State), To: string(payment.IntentCanceled),
			}}, func(in *payment.Intent) { in.State = payment.IntentCanceled })
			return string(s.last.ID)
		}},
		{"I7", "a canceled order that holds stock", unpaid, func(s *sold) string {
			s.step(s.order.Cancel)
			return string(s.order.ID)
		}},
		{"I7", "a canceled order whose stock did not come back", canceled, func(s *sold) string {
			s.forget()
			return string(s.order.ID)
		}},
		{"I7", "a canceled group that uses a promotion", unpaid, func(s *sold) string {
			s.redeem()
			s.cancel()
			return string(s.group.ID)
		}},
		{"I7", "a paid and canceled group that uses a promotion", paid, func(s *sold) string {
			s.redeem()
			s.cancel()
			return string(s.group.ID)
		}},
		{"I7", "a canceled group that holds a coupon", unpaid, func(s *sold) string {
			id := s.tie()
			s.cancel()
			return id
		}},
		{"I7", "a canceled group that has used a coupon which is good again", paid, func(s *sold) string {
			id := s.tie()
			s.sql("UPDATE coupons SET reusable = 1")
			s.unit(func(ctx context.Context) error {
				_, err := s.stores.Coupons.Settle(ctx, s.group.ID, coupon.Paid, s.order.UpdatedAt)
				return err
			})
			s.cancel()
			return id
		}},
		{"I8", "more refunded than refunds say", paid, func(s *sold) string {
			s.pay(nil, func(in *payment.Intent) { in.Refunded = money.New(1, "USD") })
			return string(s.intent.ID)
		}},
		{"I8", "an order refunded and its intent not", paid, func(s *sold) string {
			s.step(func(c order.Cause) (order.Entry, error) { return s.order.Refund(c, money.New(100, "USD")) })
			return string(s.group.ID)
		}},
		{"I8", "an intent refunded and its order not", func(t *testing.T) *sold {
			t.Helper()
			s := paid(t)
			r, err := s.m.Payments.Refund(t.Context(), staff(), payment.RefundInput{
				Intent: s.intent.ID, Key: "gift", Reason: payment.ReasonGoodwill, Amount: money.New(100, "USD"),
			})
			require.NoError(t, err)
			_, err = s.m.Payments.SendRefund(t.Context(), staff(), r.ID)
			require.NoError(t, err)
			s.look()
			return s
		}, func(s *sold) string {
			s.step(func(c order.Cause) (order.Entry, error) { return s.order.ReturnRefund(c, money.New(100, "USD")) })
			return string(s.group.ID)
		}},
		{"I13", "a second capture that nobody gives back", second, func(s *sold) string {
			first := s.intent.Attempts[0]
			s.pay([]payment.Event{{
				Of: payment.OfAttempt, Object: string(first.ID), From: string(first.State), To: string(payment.AttemptCaptured),
				Source: payment.SourceQuery, Evidence: "planted",
			}}, func(in *payment.Intent) {
				in.Attempts[0].State, in.Attempts[0].CapturedAt = payment.AttemptCaptured, first.SentAt
			})
			return string(first.ID)
		}},
		{"I14", "out of unknown without evidence", unknown, func(s *sold) string {
			s.pay([]payment.Event{{
				Of: payment.OfAttempt, Object: string(s.last.ID), From: string(payment.AttemptUnknown),
				To: string(payment.AttemptPending), Source: payment.SourceAnswer,
			}}, func(in *payment.Intent) { in.Attempts[0].State = payment.AttemptPending })
			return string(s.last.ID)
		}},
		{"I15", "another amount that nobody was told of", paid, func(s *sold) string {
			s.pay(nil, func(in *payment.Intent) { in.Attempts[0].Conflict = "USD 1" })
			return string(s.last.ID)
		}},
		{"I16", "a notice that took no effect", unpaid, func(s *sold) string {
			require.NoError(s, s.stores.PaymentNotices.Insert(s.Context(), &payment.Notice{
				ID: "n", Gateway: "fakepay", Key: "k", Kind: payment.MessagePayment, Number: s.last.Number,
				Says: string(payment.AttemptCaptured), Amount: s.last.Amount, State: payment.NoticeApplied,
				CreatedAt: s.last.CreatedAt, UpdatedAt: s.last.CreatedAt,
			}))
			return string(s.last.ID)
		}},
		{"I17", "a cart that became another group", paid, func(s *sold) string {
			s.sql("UPDATE claims SET subject = 'another' WHERE kind = ?", order.ClaimCart)
			return string(s.group.ID)
		}},
		{"I17", "a key that is answered with nothing", paid, func(s *sold) string {
			placed := buy(s.T, s.m, ref.Guest("h"), 1)
			require.NoError(s, s.m.Events.Drain(s.Context()))
			s.sql("UPDATE idempotency SET resource = 'ghost' WHERE resource = ?", string(placed.Group.ID))
			return string(placed.Group.ID)
		}},
		{"I17", "a key that is answered with another's group", paid, func(s *sold) string {
			placed := buy(s.T, s.m, ref.Guest("h"), 1)
			require.NoError(s, s.m.Events.Drain(s.Context()))
			s.sql("UPDATE idempotency SET resource = ? WHERE resource = ?", string(s.group.ID), string(placed.Group.ID))
			return string(placed.Group.ID)
		}},
		{"I18", "the number of another attempt", paid, func(s *sold) string {
			s.sql("UPDATE payment_attempts SET number = 'PA00000000000000000000000000'")
			return string(s.last.ID)
		}},
		{"I18", "another body than what was sent", paid, func(s *sold) string {
			s.sql(`UPDATE payment_attempts SET instruction = '{"method":"other"}'`)
			return string(s.last.ID)
		}},
		{"I18", "another time to pay by than what was sent", unpaid, func(s *sold) string {
			s.sql("UPDATE payment_attempts SET expires_at = expires_at + 1")
			return string(s.last.ID)
		}},
		{"I19", "a group that was never announced", paid, func(s *sold) string {
			key := event.ShardKey{Topic: order.Topic, Shard: event.Shard(string(s.group.ID))}
			heads, err := s.stores.Events.Heads(s.Context(), order.Topic)
			require.NoError(s, err)
			_, err = s.stores.Events.Purge(s.Context(), key, heads[key], s.group.PlacedAt.AddDate(1, 0, 0), 100)
			require.NoError(s, err)
			return string(s.group.ID)
		}},
		{"I19", "nothing but the placing is announced", paid, func(s *sold) string {
			s.sql("DELETE FROM events WHERE topic = 'order' AND name <> 'order.placed.v1'")
			return string(s.group.ID)
		}},
		{"I19", "a payment that was not announced", paid, func(s *sold) string {
			s.sql("DELETE FROM events WHERE topic = 'payment' AND name = 'payment.captured.v1'")
			return string(s.intent.ID)
		}},
		{"I19", "a payment announced that nobody made", unpaid, func(s *sold) string {
			s.announce(event.Record{
				ID: "x", Topic: payment.Topic, Name: "payment.captured.v1", Aggregate: string(s.intent.ID), At: s.intent.CreatedAt,
				Payload: []byte(`{"attempt":"` + string(s.last.ID) + `"}`),
			})
			return string(s.intent.ID)
		}},
		{"I19", "a step announced that nobody made", paid, func(s *sold) string {
			s.announce(event.Record{
				ID: "x", Topic: order.Topic, Name: "order.shipped.v1", Aggregate: string(s.group.ID), At: s.group.PlacedAt,
				Payload: []byte(`{"order":"` + string(s.order.ID) + `","seq":9}`),
			})
			return string(s.group.ID)
		}},
		{"I19", "a group announced twice", paid, func(s *sold) string {
			s.announce(event.Record{
				ID: "x", Topic: order.Topic, Name: "order.placed.v1", Aggregate: string(s.group.ID), Payload: []byte("{}"), At: s.group.PlacedAt,
			})
			return string(s.group.ID)
		}},
		{"I19", "an announcement of nothing", paid, func(s *sold) string {
			s.announce(event.Record{
				ID: "x", Topic: order.Topic, Name: "order.placed.v1", Aggregate: "ghost", Payload: []byte("{}"), At: s.group.PlacedAt,
			})
			return "ghost"
		}},
		{"I20", "an early step behind a late one", paid, func(s *sold) string {
			s.step(func(c order.Cause) (order.Entry, error) {
				return s.order.Ship(c, order.Parcel{}, c.At.AddDate(0, 0, 14))
			})
			s.sql("UPDATE events SET seq = seq + 100 WHERE topic = 'order' AND name = 'order.paid.v1'")
			return string(s.order.ID)
		}},
		{"I21", "a level that does not follow from the ledger", paid, func(s *sold) string {
			s.sql("UPDATE stock SET on_hand = on_hand + 1")
			return "tea-100g at main"
		}},
		{"I21", "more reserved than ordered", paid, func(s *sold) string {
			require.NoError(s, s.m.Stock.Receive(s.Context(), staff(), inventory.CountInput{
				Counts: []inventory.Count{{SKU: "tea-100g", Location: "annex", Quantity: 5}},
			}))
			s.unit(func(ctx context.Context) error {
				_, err := s.stores.Inventory.Reserve(ctx, []inventory.Reservation{{
					Owner: string(s.order.ID), SKU: "tea-100g", Location: "annex", Quantity: 1, State: inventory.Held,
					CreatedAt: s.order.UpdatedAt, UpdatedAt: s.order.UpdatedAt,
				}}, s.order.UpdatedAt)
				return err
			})
			s.settle(inventory.Committed)
			return string(s.order.ID)
		}},
		{"I22", "a reservation both sold and freed", paid, func(s *sold) string {
			s.sql("INSERT INTO stock_log (sku, location, kind, on_hand, reserved, ref, at) VALUES ('tea-100g', 'main', 'release', 0, 0, ?, 0)",
				string(s.order.ID))
			return "tea-100g of " + string(s.order.ID)
		}},
		{"I22", "a canceled order whose stock came back twice", canceled, func(s *sold) string {
			s.unit(func(ctx context.Context) error {
				return s.stores.Inventory.Apply(ctx, []inventory.Change{{
					SKU: "tea-100g", Location: "main", Kind: inventory.KindReturn, Delta: 1, Ref: string(s.order.ID),
				}}, s.order.UpdatedAt)
			})
			return string(s.order.ID)
		}},
		{"I22", "back on the shelf, and neither refunded nor canceled", paid, func(s *sold) string {
			s.unit(func(ctx context.Context) error {
				return s.m.Stock.Return(ctx, inventory.Back{Owner: string(s.order.ID), SKU: "tea-100g", Quantity: 1})
			})
			return string(s.order.ID)
		}},
		{"I22", "a refunded piece that did not come back", paid, func(s *sold) string {
			_, err := s.m.Checkout.Refund(s.Context(), staff(), checkout.RefundInput{
				Group: s.group.ID, Order: s.order.ID, Key: "r", Lines: []checkout.RefundLine{{Line: s.order.Lines[0].ID, Quantity: 1}},
			})
			require.NoError(s, err)
			require.NoError(s, s.m.Events.Drain(s.Context()))
			require.Empty(s, verify(s.T, s.m))
			s.forget()
			return string(s.order.ID)
		}},
		{"I22", "handed out for an order that waits", unpaid, func(s *sold) string {
			s.settle(inventory.Committed)
			return string(s.order.ID)
		}},
		{"I23", "an expiry although the payment is open", unknown, func(s *sold) string {
			at := s.order.UpdatedAt
			n, err := s.stores.Inventory.Extend(s.Context(), []string{string(s.order.ID)}, at.AddDate(0, 0, 1), at)
			require.NoError(s, err)
			require.Equal(s, 1, n)
			return string(s.order.ID)
		}},
		{"I23", "released although the payment is open", unknown, func(s *sold) string {
			s.settle(inventory.Released)
			return string(s.order.ID)
		}},
		{"I31", "received, and nobody paid", unpaid, func(s *sold) string {
			s.step(s.order.Confirm)
			s.step(func(c order.Cause) (order.Entry, error) { return s.order.Ship(c, order.Parcel{}, time.Time{}) })
			s.step(func(c order.Cause) (order.Entry, error) {
				s.order.State = order.StateCompleted
				s.order.Steps++
				return order.Entry{
					Group: s.group.ID, Order: s.order.ID, Seq: s.order.Steps, Cause: c,
					From: order.StateShipped, To: order.StateCompleted, PaymentFrom: order.PaymentUnpaid, PaymentTo: order.PaymentUnpaid,
					Amount: money.Zero("USD"),
				}, nil
			})
			s.settle(inventory.Committed)
			return string(s.order.ID)
		}},
		{"I29", "to be fulfilled, and nobody asks for the money", unpaid, func(s *sold) string {
			s.step(s.order.Confirm)
			s.settle(inventory.Committed)
			return string(s.order.ID)
		}},
		{"I30", "waits for its payment for ever", unpaid, func(s *sold) string {
			s.order.Deadline = time.Time{}
			require.NoError(s, s.stores.Orders.Update(s.Context(), []*order.Order{s.order}, nil))
			return string(s.order.ID)
		}},
		{"I30", "waits longer than its payment", unpaid, func(s *sold) string {
			s.step(func(c order.Cause) (order.Entry, error) { return s.order.Await(c, s.order.Deadline.Add(time.Hour)) })
			return string(s.order.ID)
		}},
		{"I26", "a state of a payment without a history", unpaid, func(s *sold) string {
			s.pay(nil, func(in *payment.Intent) { in.State = payment.IntentAuthorized })
			return "intent/" + string(s.intent.ID)
		}},
		{"I26", "a state of an order without a history", paid, func(s *sold) string {
			s.order.State = order.StateShipped
			require.NoError(s, s.stores.Orders.Update(s.Context(), []*order.Order{s.order}, nil))
			return string(s.order.ID)
		}},
		{"I27", "a use that was not counted", unpaid, func(s *sold) string {
			s.redeem()
			s.sql("UPDATE promo_counters SET used = 0")
			return "uses of p "
		}},
		{"I27", "a counter that is gone", unpaid, func(s *sold) string {
			s.redeem()
			s.sql("DELETE FROM promo_counters")
			return "uses of p "
		}},
		{"I28", "a coupon that was not counted", unpaid, func(s *sold) string {
			s.give()
			s.sql("UPDATE coupon_templates SET issued = 0")
			return "t"
		}},
		{"I28", "a coupon that was counted twice", unpaid, func(s *sold) string {
			s.give()
			s.sql("UPDATE coupon_counts SET n = 2")
			return "t of di"
		}},
	}
}

// TestVerifyReportsEachPlantedViolation breaks a sound shop in one way, and
// requires that this and nothing else is reported.
func TestVerifyReportsEachPlantedViolation(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("nothing happens side by side here")
	}
	for _, p := range plants() {
		t.Run(p.invariant+" "+p.name, func(t *testing.T) {
			t.Parallel()
			s := p.open(t)
			require.Empty(t, verify(t, s.m), "before")
			object := p.violate(s)
			var invariants, objects []string
			for _, v := range verify(t, s.m) {
				invariants, objects = append(invariants, v.Invariant), append(objects, v.Object)
			}
			require.Contains(t, objects, object)
			require.Equal(t, []string{p.invariant}, slices.Compact(slices.Sorted(slices.Values(invariants))))
		})
	}
}

// TestEveryInvariantHasAPlantedViolation: those that the model of money asks
// of the verifier, and every other that some part of it names.
func TestEveryInvariantHasAPlantedViolation(t *testing.T) {
	t.Parallel()
	planted := map[string]bool{}
	for _, p := range plants() {
		planted[p.invariant] = true
	}
	required := append(named(t), "I5", "I6", "I7", "I8", "I13", "I14", "I15", "I16", "I17", "I18", "I19", "I20", "I21", "I22", "I23", "I26", "I27", "I28", "I29", "I30", "I31")
	for _, id := range required {
		require.True(t, planted[id], "%s has no planted violation", id)
	}
}

// named returns the invariants that the sources of the verifiers name.
func named(t *testing.T) []string {
	t.Helper()
	invariant := regexp.MustCompile(`^"I[0-9]+"$`)
	var out []string
	for _, dir := range []string{".", "../order/checkout", "../payment", "../catalog/inventory"} {
		files, err := os.ReadDir(dir)
		require.NoError(t, err)
		found := 0
		for _, f := range files {
			if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, f.Name()), nil, 0)
			require.NoError(t, err)
			found++
			ast.Inspect(tree, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && invariant.MatchString(l.Value) {
					out = append(out, strings.Trim(l.Value, `"`))
				}
				return true
			})
		}
		require.NotZero(t, found, dir)
	}
	require.NotEmpty(t, out)
	return out
}

// TestVerifyKeepsAFewGroupsAtATime: with less room than there are groups, it
// finds the same.
func TestVerifyKeepsAFewGroupsAtATime(t *testing.T) {
	t.Parallel()
	s := paid(t)
	for i := range 4 {
		buy(t, s.m, ref.Guest("g"+strconv.Itoa(i)), 1)
	}
	require.NoError(t, s.m.Events.Drain(t.Context()))
	find := func(most int) (objects []string) {
		for v, err := range s.m.VerifyEvents(t.Context(), most) {
			require.NoError(t, err)
			objects = append(objects, v.Invariant+" "+v.Object)
		}
		return objects
	}
	require.Empty(t, find(1))
	s.announce(
		event.Record{ID: "x", Topic: order.Topic, Name: "order.placed.v1", Aggregate: "ghost", Payload: []byte("{}"), At: s.group.PlacedAt},
		event.Record{
			ID: "y", Topic: order.Topic, Name: "order.shipped.v1", Aggregate: string(s.group.ID), At: s.group.PlacedAt,
			Payload: []byte(`{"order":"` + string(s.order.ID) + `","seq":1}`),
		})
	want := []string{"I19 ghost", "I20 " + string(s.order.ID), "I19 " + string(s.group.ID)}
	for _, most := range []int{1, 2, 100} {
		require.ElementsMatch(t, want, find(most))
	}
}
