package fault

// Kind says what a caller can do about an error. It is an error itself, so
// that errors.Is(err, fault.NotFound) works without a sentinel variable.
type Kind string

// The closed set of kinds. An error that is no [Fault] counts as Internal.
const (
	// NotFound: no such object, or one that the caller's scope may not see.
	NotFound Kind = "not_found"
	// AlreadyExists: an object with that id or that unique value exists.
	AlreadyExists Kind = "already_exists"
	// Conflict: the object changed since it was read; read again and retry.
	Conflict Kind = "conflict"
	// Invalid: the input can never be accepted as it is; Fields says where.
	Invalid Kind = "invalid"
	// FailedPrecondition: valid input, but not in this state.
	FailedPrecondition Kind = "failed_precondition"
	// Unauthenticated: nobody is signed in, or the proof is wrong.
	Unauthenticated Kind = "unauthenticated"
	// PermissionDenied: somebody is signed in who may not do this.
	PermissionDenied Kind = "permission_denied"
	// Exhausted: sold out, limit reached, budget spent.
	Exhausted Kind = "exhausted"
	// RateLimited: too many calls; retry later.
	RateLimited Kind = "rate_limited"
	// Unavailable: nothing was done and the same call may succeed later.
	Unavailable Kind = "unavailable"
	// Indeterminate: whether it was done is unknown (a commit without answer,
	// a payment that timed out). Never rerun blindly: look first.
	Indeterminate Kind = "indeterminate"
	// Canceled: the caller's context ended before anything was done.
	Canceled Kind = "canceled"
	// Unimplemented: the adapter lacks this power.
	Unimplemented Kind = "unimplemented"
	// Internal: a defect of ours.
	Internal Kind = "internal"
)

// Kinds lists the closed set, for tables that must cover it.
func Kinds() []Kind {
	return []Kind{
		NotFound, AlreadyExists, Conflict, Invalid, FailedPrecondition,
		Unauthenticated, PermissionDenied, Exhausted, RateLimited, Unavailable,
		Indeterminate, Canceled, Unimplemented, Internal,
	}
}

// Error returns the kind's wire name, such as "not_found".
func (k Kind) Error() string { return string(k) }
