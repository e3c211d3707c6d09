// Package actor carries in a context who acts, for the audit trail only.
//
//	ctx = actor.With(ctx, actor.Actor{Scope: ref.Staff("ann"), Request: requestID})
//	err := orders.Cancel(ctx, ref.Staff("ann"), in)
//
// What it does not do: it decides nothing. What a call may see and do is said
// by its ref.Scope, which is an argument for that reason.
package actor
