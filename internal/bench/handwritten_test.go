package bench_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/uid"
)

// handwritten is what a shop would write by hand for one purchase of two
// lines, with nothing in between: the statements, each once per table and unit
// of work, that leave the rows behind that Souk leaves.
type handwritten struct {
	sqlite bool
	ids    uid.Generator
}

// statement is one statement; rows is how many it must affect, -1 for a read.
type statement struct {
	sql  string
	args []any
	rows int64
}

// article is what is read about one SKU.
type article struct {
	sku, product, code, title, merchant string
	weight, unit, free                  int64
}

const (
	readCart     = `SELECT version, lines FROM carts WHERE id = $1 AND member = $2 AND state = 'open'`
	readArticles = `SELECT s.id, s.product, s.code, p.title, p.merchant, p.weight_grams, c.unit, t.on_hand - t.reserved
FROM skus AS s
JOIN products AS p ON p.id = s.product AND NOT p.archived
JOIN merchants AS m ON m.id = p.merchant AND m.state = 'active'
JOIN prices AS c ON c.sku = s.id AND c.channel = 'us' AND c.currency = 'USD'
JOIN stock AS t ON t.sku = s.id AND t.location = 'main'
WHERE s.id IN ($1, $2) AND NOT s.archived ORDER BY s.id`
	reserve = `UPDATE stock SET reserved = reserved + 1, updated_at = $3 WHERE location = 'main' AND on_hand > reserved
AND sku IN (SELECT sku FROM stock WHERE sku IN ($1, $2) AND location = 'main' ORDER BY sku FOR UPDATE)`
	sell = `UPDATE stock SET reserved = reserved - 1, on_hand = on_hand - 1, updated_at = $3 WHERE location = 'main'
AND sku IN (SELECT sku FROM stock WHERE sku IN ($1, $2) AND location = 'main' ORDER BY sku FOR UPDATE)`
)

// cartLine is a line of a stored cart.
type cartLine struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// text brings a statement into the words of the engine.
func (h handwritten) text(sql string) string {
	if h.sqlite {
		return strings.ReplaceAll(strings.ReplaceAll(sql, " FOR UPDATE", ""), "$", "?")
	}
	return sql
}

func (h handwritten) do(rows int64, sql string, args ...any) statement {
	return statement{sql: h.text(sql), args: args, rows: rows}
}

// insert is one statement for all rows of a table.
func (h handwritten) insert(table, columns string, rows ...[]any) statement {
	st := statement{rows: int64(len(rows))}
	var b strings.Builder
	b.WriteString("INSERT INTO " + table + " (" + columns + ") VALUES ")
	for i, row := range rows {
		b.WriteString([]string{"(", "), ("}[min(i, 1)])
		for j := range row {
			b.WriteString([]string{"$", ", $"}[min(j, 1)] + strconv.Itoa(len(st.args)+j+1))
		}
		st.args = append(st.args, row...)
	}
	b.WriteString(") ON CONFLICT DO NOTHING")
	st.sql = h.text(b.String())
	return st
}

func (h handwritten) at(t time.Time) any {
	if h.sqlite {
		return t.UnixMicro()
	}
	return t
}

func (h handwritten) event(topic, aggregate, name string, at time.Time, payload any) []any {
	body, _ := json.Marshal(payload)
	return []any{topic, h.ids.New(), event.Shard(aggregate), aggregate, name, body, "", h.at(at)}
}

const eventColumns = "topic, id, shard, aggregate, name, payload, headers, at"

// purchase is one purchase on its way from the cart to the paid order.
type purchase struct {
	handwritten
	cart, member, key, email, shipTo string
	version                          int64
	quote                            string
	group, order, intent, attempt    string
	number, attemptNumber            string
	articles                         [2]article
	total                            int64
}

type fields = map[string]any

// place is the first unit of work.
func (p *purchase) place(now time.Time) []statement {
	p.group, p.order, p.intent, p.attempt = p.ids.New(), p.ids.New(), p.ids.New(), p.ids.New()
	p.number = now.Format("060102-") + strings.ToUpper(p.group[len(p.group)-8:])
	p.attemptNumber = "PA" + strings.ToUpper(strings.ReplaceAll(p.attempt, "-", ""))[:26]
	at, payBy := p.at(now), p.at(now.Add(30*time.Minute))
	var goods, tax int64
	var lines, reservations, moves [][]any
	var placed []fields
	for i, a := range p.articles {
		t := a.unit / 10
		goods, tax = goods+a.unit, tax+t
		line := p.ids.New()
		lines = append(lines, []any{
			p.group, p.order, i, line, a.sku, a.product, "", a.code, a.title, "null", "", 1, "USD", a.unit, 1, "", a.weight,
			a.unit, 0, a.unit, t, a.unit + t, 100_000, false, "null",
		})
		reservations = append(reservations, []any{p.order, a.sku, "main", 1, "held", nil, at, at})
		moves = append(moves, []any{a.sku, "main", "reserve", 0, 1, p.order, at})
		placed = append(placed, fields{
			"line": line, "sku": a.sku, "product": a.product, "quantity": 1, "unit": a.unit, "discount": 0, "gross": a.unit + t,
		})
	}
	tax += 50
	p.total = goods + 500 + tax
	merchant := p.articles[0].merchant
	payable := fields{"currency": "USD", "minor": p.total}
	tenders, _ := json.Marshal([]fields{{"seq": 1, "kind": "external", "amount": payable}})
	return []statement{
		p.insert("idempotency", "scope, key, hash, done, resource, body, expires_at",
			[]any{"place:member:" + p.member, p.key, p.cart + "/" + p.quote, true, p.group, nil, p.at(now.Add(168 * time.Hour))}),
		p.do(1, `UPDATE carts SET state = 'converted', group_id = $1, updated_at = $2, expires_at = $3, version = version + 1
WHERE id = $4 AND version = $5`, p.group, at, p.at(now.Add(720*time.Hour)), p.cart, p.version),
		p.insert("claims", "kind, key, subject",
			[]any{"cart", p.cart + "@" + strconv.FormatInt(p.version, 10), p.group}, []any{"order_number", p.number, p.group}),
		p.insert("order_groups", "id, number, member, guest, company, purchase_ref, channel, locale, source, cart, cart_version, "+
			"quote, intent, currency, payable, placed_at",
			[]any{p.group, p.number, p.member, "", "", "", "us", "en-US", "", p.cart, p.version, p.quote, p.intent, "USD", p.total, at}),
		p.insert("orders", "group_id, id, place, number, merchant, member, guest, channel, placed_at, state, payment, deadline, "+
			"carrier, tracking, currency, goods, shipping_fee, discount, net, tax, total, refunded, ship_method, ship_label, "+
			"ship_tax_class, ship_list, ship_discount, ship_net, ship_tax, ship_gross, ship_rate_ppm, ship_inclusive, "+
			"ship_adjustments, updated_at, steps, version",
			[]any{
				p.group, p.order, 0, p.number + "-1", merchant, p.member, "", "us", at, "pending", "unpaid", payBy,
				"", "", "USD", goods, 500, 0, goods + 500, tax, p.total, 0, "standard", "shipping.standard",
				"", 500, 0, 500, 50, 550, 100_000, false, "null", at, 1, 1,
			}),
		p.insert("order_lines", "group_id, order_id, position, id, sku, product, tag, code, title, options, picture, quantity, "+
			"currency, unit_price, price_version, tax_class, weight_grams, list, discount, net, tax, gross, rate_ppm, inclusive, "+
			"adjustments", lines...),
		p.insert("order_history", orderHistoryColumns,
			[]any{p.group, p.order, 1, at, "member:" + p.member, "", "", "pending", "", "unpaid", "USD", 0, false}),
		p.insert("order_personal", "group_id, ship_to, bill_to, email, remark", []any{p.group, p.shipTo, p.shipTo, p.email, ""}),
		p.insert("payment_intents", "id, number, group_id, member, guest, quote, state, currency, payable_minor, refunded_minor, "+
			"tenders, pay_by, reason, created_at, updated_at, next_at, version",
			[]any{
				p.intent, "PI" + p.attemptNumber[2:], p.group, p.member, "", p.quote, "processing", "USD", p.total, 0,
				string(tenders), payBy, "", at, at, payBy, 1,
			}),
		p.insert("payment_attempts", "id, intent, number, seq, gateway, state, currency, amount_minor, instruction, expires_at, "+
			"provider_ref, action, code, advice, counted, late, conflict, alerted, evidence, refunding_minor, sends, asks, "+
			"created_at, sent_at, call_by",
			[]any{
				p.attempt, p.intent, p.attemptNumber, 1, "fakepay", "sent", "USD", p.total, `{"locale":"en-US"}`, payBy,
				"", "{}", "", "", false, false, "", false, "", 0, 1, 0, at, at, p.at(now.Add(5 * time.Second)),
			}),
		p.insert("payment_events", paymentEventColumns,
			p.moved("intent", p.intent, 1, "", "open", "shop", at),
			p.moved("attempt", p.attempt, 1, "new", "sent", "shop", at),
			p.moved("intent", p.intent, 1, "open", "processing", "shop", at)),
		p.do(2, reserve, p.articles[0].sku, p.articles[1].sku, at),
		p.insert("reservations", "owner, sku, location, quantity, state, expires_at, created_at, updated_at", reservations...),
		p.insert("stock_log", stockLogColumns, moves...),
		p.insert("events", eventColumns,
			p.event("order", p.group, "order.placed.v1", now, fields{
				"group": p.group, "number": p.number, "member": p.member, "channel": "us", "locale": "en-US", "cart": p.cart,
				"intent": p.intent, "currency": "USD", "payable": p.total, "at": now, "orders": []fields{{
					"order": p.order, "number": p.number + "-1", "merchant": merchant, "discount": 0, "shipping": 550, "tax": tax,
					"total": p.total, "lines": placed,
				}},
			}),
			p.event("payment", p.intent, "payment.opened.v1", now, fields{
				"intent": p.intent, "group": p.group, "payable": payable, "gateway": "fakepay",
			}),
			p.stockChanged("reserve", now)),
	}
}

const (
	orderHistoryColumns = "group_id, order_id, seq, at, by_whom, reason, state_from, state_to, payment_from, payment_to, " +
		"currency, amount, returned"
	paymentEventColumns = "id, intent, about, object, version, kind, was, becomes, source, evidence, provider_ref, currency, " +
		"amount_minor, code, at"
	stockLogColumns = "sku, location, kind, on_hand, reserved, ref, at"
)

func (p *purchase) moved(of, object string, version int, from, to, source string, at any) []any {
	return []any{p.ids.New(), p.intent, of, object, version, "moved", from, to, source, "", "", "USD", p.total, "", at}
}

func (p *purchase) stockChanged(kind string, now time.Time) []any {
	skus := []string{p.articles[0].sku, p.articles[1].sku}
	return p.event("stock", skus[0], "stock.changed.v1", now, fields{"skus": skus, "kind": kind, "ref": p.order})
}

// pay is the second unit of work.
func (p *purchase) pay(now time.Time) []statement {
	at := p.at(now)
	amount := fields{"currency": "USD", "minor": p.total}
	paid := fields{
		"group": p.group, "order": p.order, "merchant": p.articles[0].merchant, "member": p.member, "channel": "us", "seq": 2,
		"at": now, "amount": amount,
	}
	var moves [][]any
	for _, a := range p.articles {
		moves = append(moves, []any{a.sku, "main", "commit", -1, -1, p.order, at})
	}
	return []statement{
		p.do(1, `UPDATE payment_intents SET state = 'captured', updated_at = $1, next_at = NULL, version = version + 1
WHERE id = $2 AND version = 1`, at, p.intent),
		p.do(1, `UPDATE payment_attempts SET state = 'captured', counted = true, provider_ref = $1, evidence = $2, captured_at = $3
WHERE id = $4`, "pay_"+p.attemptNumber[20:], p.ids.New(), at, p.attempt),
		p.insert("payment_events", paymentEventColumns,
			p.moved("attempt", p.attempt, 2, "sent", "captured", "answer", at),
			p.moved("intent", p.intent, 2, "processing", "captured", "answer", at)),
		p.do(1, `UPDATE orders SET state = 'confirmed', payment = 'paid', deadline = NULL, updated_at = $1, steps = 2, version = 2
WHERE group_id = $2 AND id = $3 AND version = 1`, at, p.group, p.order),
		p.insert("order_history", orderHistoryColumns,
			[]any{p.group, p.order, 2, at, "system", "", "pending", "confirmed", "unpaid", "paid", "USD", p.total, false}),
		p.do(2, `UPDATE reservations SET state = 'committed', updated_at = $1 WHERE owner = $2 AND state = 'held'`, at, p.order),
		p.do(2, sell, p.articles[0].sku, p.articles[1].sku, at),
		p.insert("stock_log", stockLogColumns, moves...),
		p.insert("events", eventColumns,
			p.event("order", p.group, "order.paid.v1", now, paid),
			p.event("order", p.group, "order.confirmed.v1", now, paid),
			p.event("payment", p.intent, "payment.captured.v1", now, fields{
				"intent": p.intent, "group": p.group, "attempt": p.attempt, "gateway": "fakepay", "amount": amount, "counted": true,
			}),
			p.stockChanged("commit", now)),
	}
}

// take notes what was read of the cart.
func (p *purchase) take(version int64, lines []byte) ([2]string, error) {
	var in []cartLine
	if err := json.Unmarshal(lines, &in); err != nil {
		return [2]string{}, err
	}
	if len(in) != 2 {
		return [2]string{}, fmt.Errorf("a cart of %d lines", len(in))
	}
	p.version = version
	return [2]string{in[0].SKU, in[1].SKU}, nil
}

// check says whether a statement affected what it must.
func (s statement) check(rows int64) error {
	if rows != s.rows {
		return fmt.Errorf("%d rows instead of %d: %s", rows, s.rows, s.sql)
	}
	return nil
}
