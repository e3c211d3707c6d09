// Package shipping says how one merchant's shipment can be delivered and what
// each way costs.
//
//	table, err := shipping.NewTable(shipping.Method{
//		Code: "standard",
//		Rates: []shipping.Rate{{
//			Zone:     shipping.Zone{Countries: []string{"US"}},
//			Base:     money.New(495, "USD"),
//			FreeFrom: &free, // from 50.00 on
//		}},
//	})
//	options, err := table.Rates(ctx, shipment)
//
// [RateCalculator] is the decision a shop may make its own; [Table] is the
// default, with flat rates, rates by weight or pieces, rates that end at a
// list amount, and zones of countries, regions and postal codes, for all
// merchants or some. Rates see list amounts only: a delivery that gets free
// by what a promotion leaves over is a promotion itself.
//
// What it does not do: it keeps nothing, knows no carrier's interface and
// charges no tax; the checkout adds the tax of an option's class.
package shipping
