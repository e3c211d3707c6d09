package order

import "context"

// Place is not finished.
// TODO: charge the card.
func Place() {
	_ = context.TODO() // FIXME
	_ = "TODO in a text is a text"
}

// TODOS is another word.
func TODOS(ctx context.Context) {}

/*
A longer comment
with a HACK in it.
*/
