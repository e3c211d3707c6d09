package cf

// DefaultBytes is the memory that a model may take unless told otherwise.
const DefaultBytes = 400 << 20

// Model scores items for a profile. It is never changed once fitted, and safe
// for concurrent use.
type Model interface {
	// Score sets into to what the model says about every item. Entries of the
	// profile that the model does not know say nothing.
	Score(p Profile, into *Scores)
	// Bytes is about how much memory the model holds.
	Bytes() int64
}

// Explainer is a model that can tell which entry of a profile says the most for
// an item; false where none speaks for it. [Popular] is none.
type Explainer interface {
	Model
	Why(p Profile, target int32) (source int32, found bool)
}

var (
	_ Explainer = (*Items)(nil)
	_ Explainer = (*EASE)(nil)
	_ Explainer = (*ALS)(nil)
)
