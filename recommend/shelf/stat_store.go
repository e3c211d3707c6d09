package shelf

import "context"

// StatStore keeps the counts that reports and bandits are made of.
type StatStore interface {
	// Add adds counts to those that are there, in one statement for stats and
	// one for exposures. No two of either are of the same thing. Rows are
	// locked in the order of Compare.
	Add(ctx context.Context, stats []Stat, exposures []Exposure) error
	// List returns the stats that q selects, in the order of [Stat.Compare].
	List(ctx context.Context, q StatQuery) ([]Stat, error)
	// Reach sums up the exposures that q selects, by slot and strategy.
	Reach(ctx context.Context, q StatQuery) ([]Reach, error)
	// Purge deletes at most limit exposures of days before a day, the oldest
	// first, and returns how many. Stats stay.
	Purge(ctx context.Context, before string, limit int) (int, error)
}

// StatQuery selects by days, both inside, and slot; an empty slot is all.
type StatQuery struct {
	From, Until string
	Slot        string
}
