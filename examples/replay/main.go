package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"

	"github.com/alecthomas/kong"

	"github.com/soukhq/souk/commerce/clock"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
}

type options struct {
	Dir      string `arg:"" help:"Folder with lines.tsv.gz and products.tsv.gz." type:"existingdir"`
	SQLite   string `name:"sqlite" help:"Keep the shop in this file, which is created." placeholder:"FILE" xor:"store"`
	Postgres string `help:"Keep the shop in this empty database." placeholder:"URL" xor:"store"`
	Limit    int    `help:"Take the first so many invoices only." placeholder:"N"`
	Workers  int    `help:"Buyers at the same time. Defaults to what the store can use." placeholder:"N"`
	Check    bool   `help:"Sell nothing: compare a store that was filled earlier."`
	Advise   bool   `help:"Restock at the end, and print what the shop recommends from its purchases."`
	Verify   bool   `help:"Check every invariant of the shop at the end." default:"true" negatable:""`
}

// run is main without the process: progress goes to progress, results to w.
func run(ctx context.Context, args []string, w, progress io.Writer) error {
	var o options
	parser, err := kong.New(&o, kong.Name("replay"), kong.Writers(w, progress),
		kong.Description("Replays the invoices of a real shop and proves the totals."))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); err != nil {
		return err
	}
	if o.Check && o.SQLite == "" && o.Postgres == "" {
		return errors.New("--check needs a store that lasts: --sqlite or --postgres")
	}
	f, err := readFile(o.Dir, o.Limit)
	if err != nil {
		return err
	}
	f.report(w)
	return o.replay(ctx, f, w, progress)
}

func (o options) replay(ctx context.Context, f *file, w, progress io.Writer) error {
	s, err := openStore(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = s.close() }() // again where all went well: it does nothing then
	fmt.Fprintf(w, "store: %s\n", s.name)
	if !o.Check {
		if err := o.sell(ctx, s, f, w, progress); err != nil {
			return err
		}
		if err := s.reopen(ctx); err != nil {
			return err
		}
	}
	shop, err := s.shop(clock.System{})
	if err != nil {
		return err
	}
	if err := prove(ctx, shop, f, w); err != nil {
		return err
	}
	if o.Advise {
		if err := advise(ctx, s, f, w); err != nil {
			return err
		}
	}
	if !o.Verify {
		return nil
	}
	return verify(ctx, shop, w)
}

// sell fills the shop and replays the invoices.
func (o options) sell(ctx context.Context, s *store, f *file, w, progress io.Writer) error {
	workers := o.Workers
	if workers <= 0 {
		workers = s.workers
	}
	start := clock.System{}.Now()
	if err := fill(ctx, s, f, progress); err != nil {
		return err
	}
	filled := clock.System{}.Now()
	fmt.Fprintf(w, "filled: %d products, %d SKUs, %d members in %.1f s\n",
		len(f.products), len(f.skus), len(f.customers), filled.Sub(start).Seconds())
	if err := replay(ctx, s, f, workers, progress); err != nil {
		return err
	}
	took := clock.System{}.Now().Sub(filled).Seconds()
	fmt.Fprintf(w, "sold: %d orders in %.1f s by %d workers on %d processors, %.1f orders/s\n",
		len(f.invoices), took, workers, runtime.GOMAXPROCS(0), float64(len(f.invoices))/max(took, 1e-9))
	return nil
}
