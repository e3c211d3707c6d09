// Package order is documented.
package order
