// Package money holds exact amounts.
package money
