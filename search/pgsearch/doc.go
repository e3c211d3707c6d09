// Package pgsearch is a search index in PostgreSQL: for shops that want no
// second system, and for many nodes that share one index.
//
//	pool, err := pgxpool.New(ctx, url)
//	if err != nil {
//		return err
//	}
//	if err := pgsearch.Migrate(ctx, pool, pgsearch.Schema{}); err != nil {
//		return err
//	}
//	index, err := pgsearch.Open(ctx, pgsearch.Config{Pool: pool, Name: "en"})
//	if err != nil {
//		return err
//	}
//	defer index.Close()
//
// Terms are made by [search.Analyzer] and stored as a tsvector as they are, so
// that Chinese works on a stock server and no text of a shopper is ever read as
// an operator. One statement finds the candidates by a GIN index, ranks them,
// filters them and counts all facets; the best 200 are ranked again in this
// process. Words are corrected from a table of the vocabulary: long ones by
// their trigrams (extension pg_trgm, which comes with PostgreSQL and which
// [Migrate] creates), short ones among those that begin or end alike. How many
// statements a query takes does not depend on how many words, filters, facets
// or results it has.
//
// One set of tables serves any number of indexes, one for each name. Nodes that
// open the same name share it: what one has written the others find at once,
// older news never replaces newer, and one node at a time rebuilds. A rebuild
// fills a shard beside the live one, takes what every node writes meanwhile,
// and swaps by one update; what a node left that died is swept by the next. The
// version of the analysis is kept with the terms: a node that is newer finds the
// index [search.Stats.Outdated], and whoever feeds it rebuilds it.
//
// [searchtest.Limits] names nothing that it lacks. What it does less well than
// an index in the process: a query takes several times as long, most with many
// thousands of results, because each has to be ranked and
// counted; and how often a word is in a text is kept up to four times.
//
// Tables are filled by whoever may write to the schema; Migrate needs the right
// to create it, and pg_trgm, once. A pooler that hands out a connection for each
// transaction is fine for searching and writing, not for Rebuild, whose lock
// belongs to its connection.
//
// [searchtest.Limits]: https://pkg.go.dev/github.com/soukhq/souk/search/searchtest#Limits
package pgsearch
