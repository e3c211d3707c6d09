package recommend

import "time"

// Teller is what a [Recommender] may be as well: one that tells what answers.
// Package recommend/engine is.
type Teller interface {
	Status() Status
}

// Status is what answers at a moment.
type Status struct {
	// Version of the model, as in [Answer].
	Version uint64
	// Model is what answers, with its parameters; empty before the first fit.
	Model string
	// FittedAt is when the model was fitted, to how many Interactions of
	// visitors with products.
	FittedAt     time.Time
	Interactions int
	// Waiting counts the events since. The next answers know of them, the fit
	// does not yet.
	Waiting int
	// Products are described or were touched, Sellable of them can be bought;
	// Visitors did something, Baskets were bought at once.
	Products, Sellable, Visitors, Baskets int
	// Trials are the models that were measured before one was chosen, in the
	// order of the trial.
	Trials []Trial
}

// Trial is a model that was measured on the newest interactions.
type Trial struct {
	Model string
	// NDCG at 20, from 0 to 1; what was hidden stands at the top of the list
	// for 1.
	NDCG   float64
	Chosen bool
}
