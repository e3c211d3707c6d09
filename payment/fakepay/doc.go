// Package fakepay is a bank to develop, demonstrate and test against: a
// payment gateway with its own books, which takes no real money.
//
//	bank := fakepay.New()
//	gateways := []payment.Gateway{bank.Gateway()}
//
// It approves every payment at once unless it is told otherwise: [Bank.Plan]
// says how the next payments are treated (decline, send the buyer to a pay
// page, be slow), [Bank.Trouble] what happens to the next calls (turned away,
// lost on the way there, lost on the way back, no answer at all, a wrong
// amount). On the pay page, which the shop's demo draws, the buyer's click is
// [Bank.Approve] or [Bank.Decline]; neither means the buyer never answers.
// Notices are signed with HMAC-SHA256 and wait for [Bank.Deliver];
// [Bank.Notice] makes one as often as wanted, [Bank.Forge] one that lies.
//
// What the bank really took is in [Bank.Payments], [Bank.Refunds] and
// [Bank.Net]: compare it with what the shop believes. Everything is
// deterministic: the same calls give the same references.
//
// [Open] with a [Journal], such as [OpenFile], keeps the books across a
// restart, also after kill -9 of the shop: a bank does not forget because a
// shop died. Notices that were not delivered are lost then, as in life.
//
// What it does not do: it imitates no provider's wire format. Each gateway
// proves its own against a fake of that provider.
package fakepay
