// Package faultpoint lets a shop fail at any place where it touches the world:
// before and after every store method, every commit, every call of a gateway
// and every step of an event.
//
//	points := faultpoint.New()
//	points.Arm("commit/after", 2, faultpoint.Crash)
//	p := points.Start()
//	shop, err := commerce.New(commerce.Config{
//		Stores:   p.Stores(stores),
//		Gateways: []payment.Gateway{p.Gateway(bank)},
//	})
//
// The points are derived from the ports themselves, so that a method cannot be
// added without its points. A crash is that of a [Process]: from the armed hit on
// nothing that goes through it reaches stores or gateways, and what was not
// committed is rolled back. The shop of the next process, over the same stores,
// takes over.
package faultpoint
