// Package actor carries in a context who acts, for the audit trail only.
//
// It decides nothing: what a call may see and do is said by its ref.Scope.
package actor
