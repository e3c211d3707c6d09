// Package catalog is documented elsewhere.
package catalog
