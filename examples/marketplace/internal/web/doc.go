// Package web is the browser's side of the reference marketplace: templates,
// texts in two languages, pictures, and the plain HTTP around them.
//
//	renderer, err := web.NewRenderer(web.RendererConfig{})
//	...
//	err = renderer.Page(w, http.StatusOK, view.Orders{Chrome: chrome})
//
// A [Renderer] parses every template once, for every language, and writes a
// page only when all of it has been rendered, so that a mistake in a template
// gives an error page and never half a page. [Shield] is what stands around
// every handler; [Serve] runs the server until its context ends.
//
// What it does not do: it decides nothing about carts, prices and orders. It
// asks no service and keeps no state but the sessions'.
package web
