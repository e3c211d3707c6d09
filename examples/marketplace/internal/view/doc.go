// Package view holds what the pages of the marketplace show: plain values
// that a handler fills and a template reads.
//
//	page := view.Orders{Chrome: chrome, Orders: cards, Next: next}
//	err := renderer.Page(w, http.StatusOK, page)
//
// A view knows which template shows it and nothing about HTTP, services or
// stores. Texts that depend on the language are not in here: templates look
// them up by key, and amounts and times are formatted where they are shown.
package view
