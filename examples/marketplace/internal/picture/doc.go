// Package picture draws the products of the demo shop. Photographs of the
// catalogue may not be shipped, so every product gets a drawing of the sort of
// thing it is, in its own colour, in front of a niche of its category.
//
//	spec := picture.Spec{Kind: "phone", Colour: "rose", Seed: 42}
//	svg, err := picture.Draw(spec)
//
// A spec fits into a key ("phone-rose-0000002a"), so that a server can draw
// whatever it is asked for without knowing the catalogue; equal specs give
// equal bytes everywhere. What it does not do: it takes no text, no markup and
// no numbers from outside into the drawing, only words of its own lists.
package picture
