package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/payment"
)

// Desk is the desk where cheques arrive: a [payment.Gateway] with books of its
// own in a file, which a process that ends does not forget. It is safe for
// concurrent use; one process may have the file open.
type Desk struct {
	path  string
	to    string // whom and where the buyer sends the cheque to
	clock clock.Clock

	mu    sync.Mutex
	books map[string]cheque // by the number of the payment
}

// cheque is one that the desk expects or has seen.
type cheque struct {
	Ref   string               `json:"ref"`
	State payment.AttemptState `json:"state"`
	// Body is the request, byte for byte: the number cannot be used for
	// another one.
	Body json.RawMessage `json:"body"`
	// Request is Body, read.
	Request payment.PayRequest `json:"-"`
}

var _ payment.Gateway = (*Desk)(nil)

// OpenDesk opens the books at path, or begins them.
func OpenDesk(path, to string, c clock.Clock) (*Desk, error) {
	d := &Desk{path: path, to: to, clock: c, books: map[string]cheque{}}
	text, err := os.ReadFile(path) //nolint:gosec // the path is the host's choice
	if errors.Is(err, fs.ErrNotExist) {
		return d, nil
	}
	if err != nil {
		return nil, fmt.Errorf("cheque desk: %w", err)
	}
	if err := json.Unmarshal(text, &d.books); err != nil {
		return nil, fmt.Errorf("cheque desk: the books are damaged: %w", err)
	}
	for number, c := range d.books {
		if err := json.Unmarshal(c.Body, &c.Request); err != nil {
			return nil, fmt.Errorf("cheque desk: %s is damaged: %w", number, err)
		}
		d.books[number] = c
	}
	return d, nil
}

// Caps implements [payment.Gateway].
func (d *Desk) Caps() payment.Caps {
	return payment.Caps{Code: "cheque", Terms: payment.TermsTransfer, Currencies: []money.Currency{"USD"}, Min: 100, Max: 500_000}
}

// Pay implements [payment.Gateway]: from now on the desk expects a cheque. The
// number makes it repeatable.
func (d *Desk) Pay(ctx context.Context, req payment.PayRequest) (payment.Outcome, error) {
	switch {
	case ctx.Err() != nil:
		return payment.Outcome{}, payment.Fail(payment.NotExecuted, "gone", ctx.Err())
	case req.Number == "" || len(req.Number) > 32:
		return payment.Outcome{}, payment.Fail(payment.Invalid, "number", nil)
	case !d.Caps().Takes(req.Amount):
		return payment.Outcome{}, payment.Fail(payment.Unsupported, "amount", nil)
	}
	body, err := json.Marshal(req)
	if err != nil {
		return payment.Outcome{}, payment.Fail(payment.Invalid, "malformed", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c, known := d.books[req.Number]
	switch {
	case known && !bytes.Equal(c.Body, body):
		return payment.Outcome{}, payment.Fail(payment.Conflict, "number_used", nil)
	case !known:
		c = cheque{
			Ref: fmt.Sprintf("CHQ-%04d", len(d.books)+1), State: payment.AttemptActionRequired, Body: body, Request: req,
		}
		if err := d.write(req.Number, c); err != nil {
			return payment.Outcome{}, err
		}
	}
	out := d.outcome(c)
	if out.State == payment.AttemptDeclined { // of Pay, a refusal is a failure
		return payment.Outcome{}, payment.Decline(out.Code, out.Advice)
	}
	return out, nil
}

// Query implements [payment.Gateway].
func (d *Desk) Query(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return d.change(ctx, ref.Number, nil)
}

// Cancel implements [payment.Gateway]: a cheque that comes now goes back by
// post. One that was cleared before stays paid.
func (d *Desk) Cancel(ctx context.Context, ref payment.AttemptRef) (payment.Outcome, error) {
	return d.change(ctx, ref.Number, func(s payment.AttemptState) payment.AttemptState {
		if s == payment.AttemptActionRequired {
			return payment.AttemptClosed
		}
		return s
	})
}

// Cleared says that a cheque came and the bank paid it.
func (d *Desk) Cleared(ctx context.Context, number string) error {
	return d.settle(ctx, number, payment.AttemptCaptured)
}

// Bounced says that a cheque came and the bank refused it.
func (d *Desk) Bounced(ctx context.Context, number string) error {
	return d.settle(ctx, number, payment.AttemptDeclined)
}

// Taken is what the cheque under a number brought, in minor units.
func (d *Desk) Taken(number string) int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.books[number]; c.State == payment.AttemptCaptured {
		return c.Request.Amount.Minor()
	}
	return 0
}

func (d *Desk) settle(ctx context.Context, number string, to payment.AttemptState) error {
	expected := false
	_, err := d.change(ctx, number, func(s payment.AttemptState) payment.AttemptState {
		if expected = s == payment.AttemptActionRequired; expected {
			return to
		}
		return s
	})
	if err == nil && !expected {
		err = fmt.Errorf("cheque desk: %s is not expected any more", number)
	}
	return err
}

// change moves a cheque to another state, after it was closed where its time
// is over, and says how it stands. A nil function only looks.
func (d *Desk) change(ctx context.Context, number string, to func(payment.AttemptState) payment.AttemptState) (payment.Outcome, error) {
	if ctx.Err() != nil {
		return payment.Outcome{}, payment.Fail(payment.NotExecuted, "gone", ctx.Err())
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := d.books[number]
	if !ok {
		return payment.Outcome{}, payment.Fail(payment.NotFound, "no_such_number", nil)
	}
	was := c.State
	if until := c.Request.ExpiresAt; was == payment.AttemptActionRequired && !until.IsZero() && !d.clock.Now().Before(until) {
		c.State = payment.AttemptClosed
	}
	if to != nil {
		c.State = to(c.State)
	}
	if c.State != was {
		if err := d.write(number, c); err != nil {
			return payment.Outcome{}, err
		}
	}
	return d.outcome(c), nil
}

// outcome is how a cheque stands, in the words of the port.
func (d *Desk) outcome(c cheque) payment.Outcome {
	out := payment.Outcome{State: c.State, ProviderRef: c.Ref, Amount: c.Request.Amount}
	switch c.State { //nolint:exhaustive // what a desk can say
	case payment.AttemptActionRequired:
		out.Action = payment.Action{Kind: payment.ActionShow, Params: map[string]string{"send_to": d.to, "write_on_it": c.Ref}}
	case payment.AttemptDeclined:
		out.Code, out.Advice = "bounced", payment.AdviceOtherMethod
	}
	return out
}

// write keeps a cheque: the new books are on the disk before the old ones are
// gone, and memory follows only then.
func (d *Desk) write(number string, c cheque) error {
	next := make(map[string]cheque, len(d.books)+1)
	for n, old := range d.books {
		next[n] = old
	}
	next[number] = c
	text, err := json.Marshal(next)
	if err == nil {
		err = replace(d.path, text)
	}
	if err != nil { // perhaps it is written: only a look tells
		return payment.Fail(payment.Unknown, "books", err)
	}
	d.books = next
	return nil
}

// replace puts a file in the place of another one, whole or not at all.
func replace(path string, text []byte) error {
	f, err := os.Create(path + ".new") //nolint:gosec // the path is the host's choice
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
