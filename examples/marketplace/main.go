package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // machines without zones have TZ too

	"github.com/alecthomas/kong"
	"github.com/caarlos0/env/v11"

	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], env.ToMap(os.Environ()), os.Stdin, os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "marketplace:", explain(err))
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	Addr    string `default:"127.0.0.1:8080" help:"Address to listen on."`
	Data    string `default:".souk" type:"path" help:"Folder of the database, the pictures and the fake bank's books."`
	Memory  bool   `help:"Keep nothing on disk."`
	Demo    bool   `help:"Fill the shop with the demo and take fake money; this is so where DATABASE_URL is not set."`
	Hire    string `placeholder:"EMAIL" help:"Hire an owner who signs in at /staff, where nobody has this login yet. The password is that of STAFF_PASSWORD, else the first line of the standard input."`
	Secure  bool   `help:"Visitors come by HTTPS only, through a proxy that ends TLS: cookies are marked Secure and browsers are told to stay (HSTS)."`
	Proxies string `name:"trusted-proxy" placeholder:"N|CIDR,..." help:"Proxies before the shop: how many in a row, or the networks they are in. X-Forwarded-For then tells whose sign-ins are counted; else the connection does."`
	Verbose bool   `short:"v" help:"Log every request."`
}

// environment is what the environment says.
type environment struct {
	// DatabaseURL is "postgres://..." or "sqlite:FILE".
	DatabaseURL string `env:"DATABASE_URL"`
	// The account that buyers transfer money to; without one a shop that is
	// no demo has no way to be paid.
	BankHolder  string `env:"BANK_HOLDER"`
	BankAccount string `env:"BANK_ACCOUNT"`
	BankName    string `env:"BANK_NAME"`
	// CouponKey is the secret under which codes of coupons are kept, 32 random
	// characters or more; without one a shop that lasts has no codes.
	CouponKey string `env:"COUPON_KEY"`
	// StaffPassword is that of the employee to hire.
	StaffPassword string `env:"STAFF_PASSWORD"`
}

// run is the program: it serves until ctx ends.
func run(ctx context.Context, args []string, environ map[string]string, stdin io.Reader, stdout, stderr io.Writer) error {
	var o options
	helped := false
	parser, err := kong.New(&o, kong.Name("marketplace"), kong.Description("The reference marketplace of Souk."),
		kong.Writers(stdout, stderr), kong.Exit(func(int) { helped = true }))
	if err != nil {
		return err
	}
	if _, err := parser.Parse(args); helped || err != nil {
		return err
	}
	var e environment
	if err := env.ParseWithOptions(&e, env.Options{Environment: environ}); err != nil {
		return err
	}
	level := slog.LevelWarn
	if o.Verbose {
		level = slog.LevelInfo
	}
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	plan, err := choose(o, e)
	if err != nil {
		return err
	}
	if err := hireable(o.Hire); err != nil {
		return err
	}
	// The port first: whoever runs it twice learns so at once.
	ln, err := web.Listen(ctx, o.Addr)
	if err != nil {
		return err
	}
	house, err := open(ctx, plan, log, stdout)
	if err != nil {
		_ = ln.Close() // the error above is the one to tell
		return err
	}
	defer house.close()
	if o.Hire != "" {
		if err := house.hire(ctx, o.Hire, e.StaffPassword, stdin); err != nil {
			_ = ln.Close() // as above
			return err
		}
	}
	if plan.demo {
		warnOfDemo(ctx, log, ln.Addr())
	}
	house.greet(stdout, ln.Addr().String())
	return house.serve(ctx, ln)
}
