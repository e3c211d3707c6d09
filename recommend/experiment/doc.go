// Package experiment decides which strategy recommends, and measures what
// becomes of what was shown.
//
//	arm := experiment.Assign("home-2026-03", visitor, arms) // the same for a visitor, always
//
//	choice := bandit.Choose()                              // or: follow the hits
//	feedback.Shown(experiment.Impression{Request: id, Strategy: choice.Arm, Items: items, ...})
//	feedback.Seen(id)
//	feedback.Happened(experiment.Outcome{Visitor: visitor, Product: "tea", Kind: experiment.Click, At: now})
//	hits := feedback.Close(now)                             // whose window has passed
//	for _, hit := range hits {
//		err = bandit.Learn(hit.Strategy, hit.Hit)
//	}
//	report := feedback.Report()                            // hit rate, clicks, revenue by strategy and segment
//
// Three ways to choose: [Assign] by a hash, for a comparison that takes its
// time; [Interleave], which shows two rankings in one list and needs far fewer
// visitors; and a [Bandit], which sends more visitors to what is hit more, never
// less than a floor to any, forgets slowly, and knows the probability of every
// choice, so that [OffPolicy] can ask afterwards what another policy would have
// reached.
//
// Everything is deterministic by a seed, safe for concurrent use, and in
// memory: what a host wants to keep it stores itself.
//
// What it does not do: it shows nothing and records no page. It does not say
// whether a difference is significant.
package experiment
