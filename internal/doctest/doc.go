// Package doctest keeps the pages honest: what they quote exists.
//
// In every Markdown file of the module
//
//   - a link to a file or folder of the module leads somewhere;
//   - a block of Go or output that follows a comment of the form
//     "<!-- from examples/quickstart/main.go -->" stands in that file, line by
//     line, indentation aside; a line "..." in the block skips what the page
//     does not show;
//   - a make target that is named exists;
//   - a package in code quotes, such as `order/cart`, that is named in a
//     table exists.
package doctest
