package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"

	"github.com/alecthomas/kong"

	"github.com/soukhq/souk/recommend/cf"
)

// memory is what the collector tries to stay below: what it would leave lying
// about longer is not the model's.
const memory = cf.DefaultBytes * 9 / 10

func main() {
	debug.SetMemoryLimit(memory)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "receval:", err)
		os.Exit(1)
	}
}

type options struct {
	Eval   evalCmd   `cmd:"" default:"withargs" help:"Fit a model and measure it (the default)."`
	Orders ordersCmd `cmd:"" help:"Make baskets out of the lines of invoices."`
	Last   lastCmd   `cmd:"" help:"Keep the last item of every line for the test."`
}

type evalCmd struct {
	Train   string `required:"" help:"File to learn from." type:"existingfile"`
	Test    string `required:"" help:"File to measure on." type:"existingfile"`
	K       int    `help:"Length of a list of recommendations." default:"20"`
	Baskets bool   `help:"A line is a basket, whose last item is hidden."`
	Model   string `help:"One of ${enum}." enum:"auto,itemknn,rp3beta,als,ease,popular" default:"auto"`
	Trials  bool   `help:"Say on standard error what the candidates of a choice reached."`
}

type ordersCmd struct {
	Lines string `arg:"" help:"Invoice lines, apart by tabs: invoice, stock code, quantity, time, unit price." type:"existingfile"`
	Split string `help:"The first day of the test." default:"2011-03-01"`
	Train string `required:"" help:"File to write, of the days before."`
	Test  string `required:"" help:"File to write, of the other days."`
}

type lastCmd struct {
	Lines string `arg:"" help:"Users and their items, oldest first." type:"existingfile"`
	Train string `required:"" help:"File to write, without the last items."`
	Test  string `required:"" help:"File to write, of the last items."`
}

// run is main without the process.
func run(ctx context.Context, args []string, w, progress io.Writer) error {
	var o options
	parser, err := kong.New(&o, kong.Name("receval"), kong.Writers(w, progress),
		kong.Description("Measures recommendation models on files of interactions."))
	if err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if err != nil {
		return err
	}
	switch parsed.Selected().Name {
	case "orders":
		return o.Orders.run()
	case "last":
		return o.Last.run()
	}
	return o.Eval.run(ctx, w, progress)
}

func (c evalCmd) run(ctx context.Context, w, progress io.Writer) error {
	if c.K < 1 {
		return fmt.Errorf("--k %d: must be positive", c.K)
	}
	learned, err := learn(ctx, c)
	if err != nil {
		return err
	}
	if c.Trials {
		for _, t := range learned.fitted.Trials {
			fmt.Fprintf(progress, "%s: ndcg=%.4f\n", t, t.NDCG)
		}
		fmt.Fprintf(progress, "chosen: %s\n", learned.fitted.Chosen)
	}
	r, err := learned.measure(ctx, c)
	if err != nil {
		return err
	}
	r.print(w, c, learned.fitted.Chosen.Kind)
	return nil
}

func (r result) print(w io.Writer, c evalCmd, chosen cf.Kind) {
	fmt.Fprintf(w, "model=%s\n", chosen)
	if c.Baskets {
		fmt.Fprintf(w, "hit_rate@10=%.4f\n", r.hits)
	}
	fmt.Fprintf(w, "recall=%.4f\nndcg=%.4f\ncoverage=%.4f\n", r.recall, r.ndcg, r.coverage)
	fmt.Fprintf(w, "fit_seconds=%.2f\npeak_mib=%.0f\n", r.fit.Seconds(), r.peak)
	fmt.Fprintf(w, "p50_ms=%.3f\np99_ms=%.3f\n", r.p50, r.p99)
	fmt.Fprintf(w, "users=%d\nitems=%d\ninteractions=%d\ntested=%d\n", r.users, r.items, r.interactions, r.tested)
}
