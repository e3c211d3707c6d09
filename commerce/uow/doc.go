// Package uow is the unit of work: what happens inside one [Manager.Do]
// happens altogether or not at all.
//
//	err := units.Do(ctx, func(ctx context.Context) error {
//		if err := orders.Insert(ctx, &group); err != nil {
//			return err
//		}
//		return log.Append(ctx, event.New(...))
//	})
//
// The unit travels in the context, so every store joins it by being handed
// that context; the parameter of the function shadows the outer one on
// purpose and is always named ctx. The rules:
//
//   - Isolation is READ COMMITTED. Decisions that must not race are
//     conditional updates in a store, never a read followed by a write.
//   - A nested Do joins the outer unit. An error from a nested Do dooms the
//     outer one, even if it is swallowed.
//   - The function is run again, at most [MaxAttempts] times in all, when the
//     backend reports a serialization failure or a deadlock and on nothing
//     else. It therefore calls no gateway, mail server or broker and starts
//     no goroutine; ids and times are minted before it, objects are loaded
//     inside it.
//   - An error of the commit is returned. If its outcome is unknown the error
//     is fault.Indeterminate: look before trying again.
//   - A context belongs to one backend: stores of another backend that are
//     handed it run on their own.
//   - An operation that makes sense only inside a unit (appending an event,
//     reserving stock, posting to the ledger) reports
//     fault.FailedPrecondition outside one.
//
// The ports of this package belong to no aggregate: [Claims] settles races
// that cross aggregates, [Idempotency] remembers the answers of keyed calls,
// [Leases] elects the owner of a singleton job, [Inbox] drops messages of a
// foreign broker that were already handled.
package uow
