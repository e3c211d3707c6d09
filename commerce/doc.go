// Package commerce assembles a whole marketplace: every domain's service over
// one set of stores, with its events delivered and its workers run.
//
//	m, err := commerce.New(commerce.Config{}) // in memory, with a fake bank
//	if err != nil {
//		return err
//	}
//	p, err := m.Catalog.CreateProduct(ctx, ref.Staff("ann"), ...)
//	q, err := m.Checkout.Quote(ctx, ref.Member("bo"), ...)
//
// Everything works on the stores right away. What happens by itself (lists and
// the search that follow the catalogue, unpaid orders that close, payments that
// are asked about) is done by [Marketplace.Start] in the background, on any
// number of nodes, or by [Marketplace.Drain] once. [Marketplace.Stop] ends it
// and closes the indexes of the search, which hold files and goroutines.
//
// There is one [Config]: decisions a shop may disagree with are strategies in
// it, each with its default. [New] reports the stores, gateways and channels that
// are missing or wrong at once, by field. Nothing is registered anywhere, and the package has no
// state; a shop that needs one domain only imports that package instead.
//
// What it does not do: it serves no HTTP (examples/marketplace does) and opens
// no database (storage/bunstore does).
package commerce
