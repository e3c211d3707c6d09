// Package cf is collaborative filtering: models that learn from who had to do
// with what, and know nothing else of users and items than their numbers.
//
//	m, err := cf.NewMatrix(users, items, interactions)
//	fitted, err := cf.Fit(ctx, m, cf.Options{}) // measures the kinds, keeps the best
//
//	var scores cf.Scores // one a goroutine, used again
//	fitted.Model.Score(m.Profile(user), &scores)
//	best := scores.Top(nil, 10, func(item int32) bool { return !forSale[item] })
//
// Four kinds of models stand in the box beside the popular list. [ItemKNN] and
// [RP3Beta] are two ways to weigh the same sparse counts of who shares what:
// the neighbours belong to the item that is scored, busy users count less, and
// both what happened close together and what happened last may count more. They
// are the default for shops, whose data is sparse. [EASE] is the best on dense
// data and small catalogues; [ALS] is an alternative for dense data and large
// ones. [Auto] hides the newest interactions, asks every candidate for them and
// fits the winner to everything; what the candidates reached is in [Fitted].
//
// The same interactions and options give the same model bit by bit, however
// many goroutines fit it: sums are made in a fixed order, ties go to the smaller
// number. Memory is 16 bytes an interaction and 8 bytes a neighbour; one shopper
// with a hundred thousand interactions is cut to the newest (see [UserCap]).
//
// What it does not do: it keeps no events, knows no stock, and has no answer for
// somebody it knows nothing of. Package recommend/engine does that with it.
package cf
