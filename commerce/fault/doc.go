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
// and translate by code. The English message is a fallback for logs; texts in
// other languages live outside this package. Whatever detail must not leave
// the process (a SQL error, a provider's answer) stays in the wrapped error
// and is reached with [errors.Unwrap] only.
//
// What it does not do: it carries no stack, no HTTP status and no translation.
package fault
