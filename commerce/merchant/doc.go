// Package merchant keeps the sellers of a marketplace: who they are and
// whether they may sell.
//
//	m, err := merchants.Register(ctx, ref.Staff("ann"), merchant.RegisterInput{Name: "Tea House"})
//	err = merchants.Suspend(ctx, ref.Staff("ann"), m.ID, m.Version)
//
// A merchant belongs to itself: its own scope reads it, staff and system read
// all, and for everybody else it is missing. Reads are strong.
//
// What it does not do: onboarding documents, staff of a merchant and
// contracts are other capabilities.
package merchant
