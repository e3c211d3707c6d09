// Command quickstart opens a shop in memory and sells two packets of tea in it.
package main
