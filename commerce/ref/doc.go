// Package ref holds the typed ids and small values that several domains
// share, so that a domain can name another's object without importing it.
//
// The owner of an id aliases it (catalog.ProductID = ref.ProductID): both
// names are the same type, and order.Query{MerchantID: ...} compiles without
// the merchant package.
//
// A [Scope] says on whose behalf a call is made. Every service method on an
// owned aggregate takes one right after the context; an object outside it is
// reported as missing, exactly like one that does not exist.
//
//	cart, err := carts.Get(ctx, ref.Member("m-1"), id)
//	order, err := orders.Get(ctx, ref.Merchant("tea-house"), group) // its own part of it
//
// What it does not do: ids are not checked when they are converted, see
// [ValidID] for those from outside; and a scope says who calls, not that
// somebody proved to be that.
package ref
