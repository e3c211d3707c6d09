// Package member keeps the people who buy: how they sign in, what they told
// about themselves, and where their parcels go.
//
//	m, err := members.Register(ctx, ref.Guest(token), member.RegisterInput{
//		Email: "li.lei@example.com", Password: "correct horse battery", Name: "Li Lei",
//	})
//	m, err = members.SignIn(ctx, member.SignInInput{
//		Email: "Li.Lei@EXAMPLE.com", Password: "correct horse battery", Origin: "203.0.113.7",
//	})
//	scope := ref.Member(m.ID)
//	home, err := members.AddAddress(ctx, scope, member.AddressInput{Member: m.ID, Address: a})
//	err = members.Forget(ctx, scope, m.ID)
//
// A member is seen by itself, by staff and by system, and is missing for
// everybody else. Reads are strong.
//
// Passwords are hashed by a [Hasher] (argon2id), which bounds how many are
// hashed at once and takes the same time for accounts that do not exist.
// Guesses are bounded by a [Throttle], whose counts lie in the store, so that
// every node sees them. Names, mail and phones stand in columns that
// [Service.Forget] empties, addresses in a table of their own; events carry
// ids only, and printing a [Member] shows no person.
//
// What it does not do: sessions belong to the host (one begun before
// [Member.CredentialAt] is over), and mail to confirm an address or recover a
// password needs a mailer.
//
// Ports: [Store], [BookStore], [AttemptStore]; storage/storagetest is their
// suite.
package member
