// Command searcheval measures the search against human judgements.
//
//	go run ./examples/searcheval --products P.jsonl.gz --queries Q.tsv --qrels R.tsv [--lang zh]
//
// The index is in memory, in a folder with --dir, or in PostgreSQL with
// --postgres URL. It indexes the products, asks the queries through the same API that a shop
// calls, and prints one name=value a line: ndcg@10; condensed_ndcg@10, which
// leaves results out that nobody has judged; zero_result_rate; index_seconds,
// p50_ms and p99_ms.
//
// A product is one JSON object a line with an id and any of name, title,
// short_description or brief, supplier or brand, category and parent or a list
// of categories, attrs (an object), sku, ean, price or retail_price,
// popularity, date_released. The files of queries and judgements have a header
// that names their columns: qid and query, qid, docid and rating.
package main
