// Package access keeps the site's employees: how they sign in, and what each
// may do.
//
//	ann, err := staff.Authenticate(ctx, access.AuthenticateInput{
//		Login: "ann", Password: "correct horse battery", Origin: "203.0.113.7",
//	})
//	// on every request, with the scope of the session
//	if _, err := staff.Require(ctx, ref.Staff(ann.ID), access.OrdersCancel); err != nil {
//		return err // PermissionDenied
//	}
//
// What a [Role] may do stands in one table in code, so that a change of it is
// reviewed and tested like any other; which roles somebody has stands in the
// store. [Service.Require] reads it anew each time: taking a role away or
// disabling somebody works at once, on every node. Services of other domains
// trust a staff scope; whoever mints one has asked Require before.
//
// Passwords are hashed and guesses bounded by what [Config] is given, which is
// *member.Hasher and *member.Throttle.
//
// What it does not do: staff of merchants, and sessions, which belong to the
// host (one begun before [Staff.CredentialAt] is over). The first employee is
// hired by the system's scope.
//
// Port: [Store]; storage/storagetest is its suite.
package access
