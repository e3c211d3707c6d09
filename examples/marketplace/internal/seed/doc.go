// Package seed fills an empty marketplace with the demo catalogue, its
// promotions and what imaginary visitors did in it.
//
//	done, err := seed.Done(ctx, stores)
//	if err == nil && !done {
//		err = seed.Run(ctx, market, stores, data, progress)
//	}
//
// It writes through the services, as a merchant's import would. What it began
// and could not end, because the process was stopped, the next run completes:
// every id is the catalogue's own. The visitors are drawn by lot and appended to
// the signals of the shop, from which it recommends as from those of anybody
// else. What it does not do: it changes nothing in
// a marketplace that was filled before.
package seed
