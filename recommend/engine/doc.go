// Package engine recommends in the process: it keeps what visitors did, fits
// the models of recommend/cf to it and answers from memory.
//
//	e, err := engine.New(engine.Config{})
//	go e.Run(ctx) // computes rows and fits in the background
//	err = e.Record(ctx, events...)
//	shelf, err := e.Recommend(ctx, recommend.Query{Shelf: recommend.ForYou, Visitor: visitor})
//
// An event changes the visitor's next answer at once, because the profile is
// read anew; the rows of the products it touched are computed by [Engine.Run]
// a moment later, and everything is fitted again, with the kind of model chosen
// anew, when enough has happened. Rows and models are published by swapping a
// pointer: no answer waits for a fit. [Engine.Refresh] and [Engine.Refit] do both
// on demand.
//
// Who is not known is answered from what is: the session, the segments of the
// visitor, each shrunk to its parent, the categories looked at, what is hot
// everywhere, what is newest. Products that hardly anybody touched get a small
// share of the shelf, those first whose neighbours by content the visitor knows. After
// scoring, what was bought, hidden, blocked or cannot be sold is left out, and
// no category and no shop takes more than its share of a shelf.
//
// [Engine.Save] writes a snapshot with a checksum; [Engine.Load] on another
// node reads it and fits the model that was chosen, bit by bit the same, and the
// host replays its events from the position that the snapshot carries.
//
// The same events in the same order and the same seed give the same answers.
// Memory is bounded: 500 products a visitor and up to 5,000 that were
// bought or hidden before them, 8 bytes a neighbour and 4 a product in each of three
// models, twice that at most until a fit puts rows that were computed since in the
// place of others, and old sessions are dropped. A refresh needs some further bytes
// a product while it runs.
//
// What it does not do: it writes nothing to a database and shares nothing
// between nodes but snapshots.
package engine
