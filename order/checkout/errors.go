package checkout

import (
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/order/cart"
)

// ChangedError refuses to place a quote that is not what the choice costs now,
// and carries what it does cost. Nothing was written and nothing charged. Its
// kind is Conflict, code "checkout.quote_changed" or
// "checkout.quote_expired".
type ChangedError struct {
	// Quote is the new quote, for the buyer to agree to.
	Quote Quote
	fault *fault.Fault
}

// Error returns the fault's text.
func (e *ChangedError) Error() string { return e.fault.Error() }

// Unwrap returns the fault.
func (e *ChangedError) Unwrap() error { return e.fault }

func changed(q Quote, code, message string) error {
	return &ChangedError{Quote: q, fault: fault.New(fault.Conflict, code, message)}
}

func closed(c *cart.Cart) error {
	return fault.New(fault.FailedPrecondition, "cart.closed", "the cart is closed").With("state", string(c.State))
}

// notReady refuses a quote with problems: Exhausted where all that is wrong is
// that too little is left, else Invalid.
func notReady(q Quote) error {
	kind := fault.Exhausted
	for _, p := range q.Problems {
		if p.Code != "sold_out" && p.Code != "insufficient" {
			kind = fault.Invalid
		}
	}
	f := fault.New(kind, "checkout.not_ready", "the cart cannot be ordered as it is")
	for _, p := range q.Problems {
		f = f.WithField(p.Path, p.Code, p.Params)
	}
	return f
}
