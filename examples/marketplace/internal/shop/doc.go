// Package shop is the server of the reference marketplace: it reads what a
// browser sends, calls the services, and fills the views that package web
// shows.
//
//	s, err := shop.New(shop.Config{Market: market, Merchants: stores.Merchants, Bank: bank, ...})
//	err = web.Serve(ctx, listener, s.Handler(), web.ServeConfig{})
//
// Every storefront stands below its channel's id (/en, /zh), the employees'
// page below /staff, the fake bank's page at /pay. Whatever belongs to
// somebody is asked for in the scope of the visitor, so that what is foreign
// looks like what is missing.
//
// What it does not do: it decides nothing about prices, stock, orders and
// payments, and keeps nothing but sessions.
package shop
