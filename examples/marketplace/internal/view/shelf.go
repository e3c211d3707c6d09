package view

// Shelf is a row of products that are recommended.
type Shelf struct {
	// ID is that of its place, one of its kind on a page.
	ID string
	// Request is what the shop is told once the shelf is on the screen.
	Request string
	Title   Said
	Picks   []Pick
	// Hide is where somebody says that they do not want a product, empty where
	// that cannot be said; Back is the page to come back to.
	Hide, Back string
}

// Pick is a product on a shelf.
type Pick struct {
	Card
	Product string
}
