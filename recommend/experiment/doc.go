// Package experiment decides between strategies of recommending.
//
//	arm := experiment.Assign("home-2026-03", visitor, arms) // the same for a visitor, always
//	odds := experiment.Odds(tallies, .05)                   // or: follow the hits
//	list := experiment.Interleave(request, a, b, 12)        // or: both in one list
//
// Three ways to choose: [Assign] by a hash, for a comparison that takes its
// time; [Interleave], which shows two rankings in one list and needs far fewer
// visitors; and [Odds], a bandit which sends more visitors to what is hit more
// and never less than a floor to any. The probability of every choice is known,
// so that [OffPolicy] can ask afterwards what another policy would have
// reached.
//
// All of it is computed from the arguments alone, so that any number of nodes
// decide alike. Package recommend/shelf keeps the counts and serves by them.
//
// What it does not do: it keeps nothing, shows nothing and records nothing. It
// does not say whether a difference is significant.
package experiment
