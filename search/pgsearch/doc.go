// Package pgsearch is a search index on PostgreSQL
package pgsearch
