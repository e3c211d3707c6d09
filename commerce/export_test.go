package commerce

import (
	"context"
	"iter"
)

// VerifyEvents is the part of Verify that reads the event log, keeping at most
// so many groups in memory.
func (m *Marketplace) VerifyEvents(ctx context.Context, most int) iter.Seq2[Violation, error] {
	return m.verifyEvents(ctx, most)
}
