package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/search/pgsearch"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "searcheval:", err)
		os.Exit(1)
	}
}

type options struct {
	Products string `required:"" help:"Products, one JSON object a line, gzipped or not." type:"existingfile"`
	Queries  string `required:"" help:"Queries, tab separated with a header: qid, query." type:"existingfile"`
	Qrels    string `required:"" help:"Judgements, tab separated with a header: qid, docid, rating." type:"existingfile"`
	Lang     string `help:"Language of products and queries." default:"en"`
	Dir      string `help:"Keep the index in this folder instead of in memory." type:"path" xor:"index"`
	Postgres string `help:"Keep the index in the PostgreSQL database of this URL, in tables of its own." xor:"index"`
	Verbose  bool   `help:"Print a line for each query too."`
}

// run is main without the process.
func run(ctx context.Context, args []string, w io.Writer) error {
	var o options
	parser, err := kong.New(&o, kong.Name("searcheval"), kong.Writers(w, w),
		kong.Description("Measures the search against human judgements."))
	if err != nil {
		return fmt.Errorf("options: %w", err)
	}
	if _, err := parser.Parse(args); err != nil {
		return fmt.Errorf("options: %w", err)
	}
	locale := ref.Locale(o.Lang)
	analyzer := search.Analyzer{Locale: locale}
	thesaurus := &search.Thesaurus{}
	if err := thesaurus.Replace(&analyzer, search.DefaultSynonyms(locale)); err != nil {
		return fmt.Errorf("synonyms: %w", err)
	}
	index, closeIndex, err := openIndex(ctx, &o, analyzer, thesaurus)
	if err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	defer closeIndex()

	watch := clock.System{}
	started := watch.Now()
	if err := fill(ctx, index, o.Products); err != nil {
		return err
	}
	indexing := watch.Now().Sub(started)

	e := evaluation{index: index, clock: watch, verbose: o.Verbose, out: w}
	if e.judgements, err = readJudgements(o.Qrels); err != nil {
		return err
	}
	queries, err := readQueries(o.Queries)
	if err != nil {
		return err
	}
	if err := e.ask(ctx, queries); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "ndcg@10=%.4f\ncondensed_ndcg@10=%.4f\nzero_result_rate=%.4f\nindex_seconds=%.3f\np50_ms=%.3f\np99_ms=%.3f\n",
		mean(e.ndcg), mean(e.condensed), float64(e.empty)/float64(max(len(queries), 1)), indexing.Seconds(),
		e.percentile(0.50), e.percentile(0.99))
	return err
}

// openIndex opens the index to be measured, and returns what closes it.
func openIndex(ctx context.Context, o *options, a search.Analyzer, t *search.Thesaurus) (search.Index, func(), error) {
	if o.Postgres == "" {
		index, err := blevesearch.Open(blevesearch.Config{Dir: o.Dir, Analyzer: a, Thesaurus: t})
		return index, func() { _ = index.Close() }, err // of a measurement that is over
	}
	pool, err := pgxpool.New(ctx, o.Postgres)
	if err != nil {
		return nil, nil, err
	}
	var index search.Index
	if err = pgsearch.Migrate(ctx, pool, pgsearch.Schema{}); err == nil {
		index, err = pgsearch.Open(ctx, pgsearch.Config{Pool: pool, Name: "searcheval " + o.Lang, Analyzer: a, Thesaurus: t})
	}
	if err != nil {
		pool.Close()
		return nil, nil, err
	}
	return index, pool.Close, nil
}
