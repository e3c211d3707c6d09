package coupon

import (
	"context"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
)

// CodeStore keeps the codes of batches, by their digests.
type CodeStore interface {
	// Insert stores a batch with its codes, which are fresh. Kinds:
	// AlreadyExists where the batch is there already, or one of the codes,
	// which fails the unit; FailedPrecondition outside a unit.
	Insert(ctx context.Context, b Batch, codes []Code) error
	// Find returns the code that has one of the digests: of one text there is
	// a digest per key. NotFound.
	Find(ctx context.Context, digests []string) (Code, error)
	// Redeem marks a code as redeemed by a member, for a coupon, if it is
	// fresh, and reports whether it was: of N concurrent calls one wins.
	Redeem(ctx context.Context, digest string, member ref.MemberID, coupon ID, at time.Time) (bool, error)
	// Void makes the fresh codes of a batch of a template void, and the batch
	// voided, and returns how many there were. NotFound. FailedPrecondition outside a
	// unit.
	Void(ctx context.Context, t TemplateID, id BatchID, at time.Time) (int, error)
	// Batches pages through the batches of a template by id, the newest
	// first. Invalid for a foreign cursor.
	Batches(ctx context.Context, t TemplateID, p page.Request) (page.Page[Batch], error)
}

// BatchID names a batch.
type BatchID string

// Batch is a number of codes that were made at once.
type Batch struct {
	ID       BatchID
	Template TemplateID
	Size     int
	MadeAt   time.Time
	VoidedAt time.Time // zero while it is good
	// Redeemed is how many of its codes were redeemed by now.
	Redeemed int
}

// CodeState is what became of a code.
type CodeState string

// The states of a code.
const (
	Fresh    CodeState = "fresh"
	Redeemed CodeState = "redeemed"
	Void     CodeState = "void"
)

// Code is one code of a batch. Its text is nowhere stored: who reads the
// store cannot redeem.
type Code struct {
	Digest   string // HMAC of the text
	Key      string // id of the key that Digest is made with
	Batch    BatchID
	Template TemplateID
	State    CodeState
	// Who redeemed it, for which coupon.
	Member     ref.MemberID
	Coupon     ID
	RedeemedAt time.Time
}
