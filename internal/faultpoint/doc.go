// Package faultpoint lets a shop fail at any place where it touches the world:
// before and after every store method, every commit, every call of a gateway
// and every step of an event.
//
//	points := faultpoint.New()
//	shop, err := commerce.New(commerce.Config{
//		Stores:   points.Stores(stores),
//		Gateways: []payment.Gateway{points.Gateway(bank)},
//	})
//	points.Arm("commit/after", 2, faultpoint.Crash)
//
// The points are derived from the ports themselves, so that a method cannot be
// added without its points. A crash is that of the process: from the armed hit
// on nothing that goes through the set reaches stores or gateways, what was not
// committed is rolled back, and a fresh shop over the same stores takes over.
package faultpoint
