// Package fault is the one error type of Souk.
//
// A [Fault] has a [Kind] from a closed set, a code in the words of the trade
// ("order.not_cancellable"), parameters, and, for bad input, the fields that
// are wrong. Callers decide by kind:
//
//	if errors.Is(err, fault.NotFound) {
//		http.NotFound(w, r)
//	}
//
// and translate by code. Input that is wrong in several places is gathered, so
// that the caller learns of all of them at once:
//
//	var v fault.Violations
//	if in.Quantity < 1 {
//		v.Add("quantity", "out_of_range", fault.Params{"min": 1})
//	}
//	v.Merge("address", in.Address.Validate())
//	return v.Err("order.invalid", "the order is not valid")
//
// Like all of errors.Is, the test by kind looks through the whole chain: it
// holds also for the kind of a fault that was wrapped. [KindOf] tells the kind
// of the outermost fault, which is the one to answer with.
//
// The English message is a fallback for logs; texts in other languages live
// outside this package. Whatever detail must not leave the process (a SQL
// error, a provider's answer) stays in the wrapped error and is reached with
// [errors.Unwrap] only.
//
// What it does not do: it carries no stack, no HTTP status and no translation.
package fault
