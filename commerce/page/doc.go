// Package page pages through lists by keyset: a cursor names the last row
// seen, never an offset, so that page 10,000 costs what page 1 costs and rows
// inserted meanwhile neither repeat nor hide others.
//
//	req := page.Request{Limit: 100}
//	for {
//		p, err := orders.List(ctx, scope, order.Query{}, req)
//		if err != nil {
//			return err
//		}
//		show(p.Items)
//		if p.Next == "" {
//			return nil
//		}
//		req.After = p.Next
//	}
//
// Cursors are opaque to callers. A store makes one with [Encode] from the
// sort key of the last row and reads it back with [Decode]; a cursor that was
// made for another list or is damaged is an Invalid fault.
//
// What it does not do: it counts nothing and jumps to no page number, and a
// cursor grants no access: the scope of each call does.
package page
