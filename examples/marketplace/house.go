package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/schollz/progressbar/v3"

	"github.com/soukhq/souk/commerce"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/examples/marketplace/internal/demo"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/examples/marketplace/internal/shop"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/payment/offlinepay"
	"github.com/soukhq/souk/promo/coupon"
	"github.com/soukhq/souk/recommend/engine"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/bunstore"
	"github.com/soukhq/souk/storage/memory"
)

// plan is what the flags and the environment come down to.
type plan struct {
	url  string // of the database; empty keeps everything in memory
	data string // folder; empty for none
	demo bool
	bank map[string]string // the account to transfer to

	codes   []coupon.CodeKey // of coupons; none where there are no codes
	secure  bool
	proxies web.Proxies
}

var errNoGateway = errors.New("no way to be paid is configured: set BANK_HOLDER and BANK_ACCOUNT to take bank transfers and cash on " +
	"delivery, or use --demo to fill the shop with the demo and take fake money")

func choose(o options, e environment) (plan, error) {
	p := plan{url: e.DatabaseURL, data: o.Data, demo: o.Demo, secure: o.Secure}
	var err error
	if p.proxies, err = web.ParseProxies(o.Proxies); err != nil {
		return p, fmt.Errorf("--trusted-proxy: %w", err)
	}
	switch {
	case o.Memory && p.url != "":
		return p, errors.New("--memory keeps nothing, and DATABASE_URL says where to keep it: leave one of them out")
	case o.Memory:
		p.url, p.data, p.demo = "", "", true
	case p.url == "":
		p.url, p.demo = "sqlite:"+filepath.Join(o.Data, "shop.db"), true
	}
	if p.url != "" {
		if err := bunstore.CheckURL(p.url); err != nil {
			return p, err
		}
	}
	switch {
	case e.CouponKey != "":
		p.codes = []coupon.CodeKey{{ID: "1", Secret: []byte(e.CouponKey)}}
	case p.url == "": // its codes are gone with it
		p.codes = []coupon.CodeKey{{ID: "1", Secret: web.Secret(coupon.MinSecret)}}
	}
	if e.BankHolder != "" && e.BankAccount != "" {
		p.bank = map[string]string{"holder": e.BankHolder, "account": e.BankAccount}
		if e.BankName != "" {
			p.bank["bank"] = e.BankName
		}
	}
	if p.demo && p.bank == nil {
		p.bank = map[string]string{"holder": "Souk Demo", "account": "0000 0000 0000", "bank": "FakePay"}
	}
	if p.bank == nil {
		return p, errNoGateway
	}
	return p, nil
}

// house is the marketplace with all that it opened.
type house struct {
	plan   plan
	log    *slog.Logger
	market *commerce.Marketplace
	stores storage.Stores
	shop   *shop.Shop
	health *web.Health
	// purge drops sessions that have ended.
	purge  func(context.Context) error
	every  time.Duration // how often
	closes []func() error
}

func (h *house) close() {
	for i := len(h.closes) - 1; i >= 0; i-- {
		if err := h.closes[i](); err != nil {
			h.log.Warn("closing", "error", err)
		}
	}
}

// open puts everything together, and fills it with the demo at the first start.
func open(ctx context.Context, p plan, log *slog.Logger, stdout io.Writer) (*house, error) {
	h := &house{plan: p, log: log, every: 10 * time.Minute}
	if err := h.open(ctx, stdout); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func (h *house) open(ctx context.Context, stdout io.Writer) error {
	if h.plan.data != "" {
		if err := os.MkdirAll(h.plan.data, 0o750); err != nil {
			return fmt.Errorf("the data folder cannot be made: %w", err)
		}
		release, err := occupy(ctx, h.plan.data)
		if err != nil {
			return err
		}
		h.closes = append(h.closes, release)
	}
	c := shop.Config{Demo: h.plan.demo, Log: h.log, Location: time.Local, Secure: h.plan.secure, Proxies: h.plan.proxies, Codes: len(h.plan.codes) > 0}
	checks := map[string]func(context.Context) error{}
	if err := h.openStores(ctx, &c, checks); err != nil {
		return err
	}
	gateways, err := h.openGateways(ctx, &c)
	if err != nil {
		return err
	}
	if err := h.openMarket(gateways, c.Location); err != nil {
		return err
	}
	if h.plan.demo {
		if err := h.fill(ctx, stdout); err != nil {
			return err
		}
	}
	folder := ""
	if h.plan.data != "" {
		folder = filepath.Join(h.plan.data, "pictures")
	}
	if c.Pictures, err = web.NewPictures(folder); err != nil {
		return fmt.Errorf("the folder of the pictures cannot be opened: %w", err)
	}
	h.closes = append(h.closes, c.Pictures.Close)
	h.health = web.NewHealth(h.log, checks)
	c.Market, c.Merchants, c.Health = h.market, h.stores.Merchants, h.health
	h.shop, err = shop.New(c)
	return err
}

// sessions are two stores of the same make.
type sessionStore interface {
	scs.Store
	Purge(ctx context.Context) error
}

func (h *house) openStores(ctx context.Context, c *shop.Config, checks map[string]func(context.Context) error) error {
	var sessions sessionStore = web.NewMemorySessions(nil)
	if h.plan.url == "" {
		h.stores = memory.New().Stores()
	} else {
		db, err := bunstore.Open(ctx, h.plan.url, &bunstore.Options{Log: h.log})
		if err != nil {
			return err
		}
		h.closes = append(h.closes, db.Close)
		if err := db.Migrate(ctx); err != nil {
			return err
		}
		h.stores = db.Stores()
		if sessions, err = web.NewSQLSessions(ctx, db.SQL(), nil); err != nil {
			return err
		}
		checks["database"] = db.SQL().PingContext
	}
	c.Sessions, c.StaffSessions, h.purge = sessions, sessions, sessions.Purge
	return nil
}

func (h *house) openGateways(ctx context.Context, c *shop.Config) ([]payment.Gateway, error) {
	// What is signed is checked in the same breath: nothing outlives the process.
	secrets := [][]byte{web.Secret(32)}
	transfer, err := offlinepay.New(offlinepay.Config{Kind: offlinepay.Transfer, Secrets: secrets, Show: h.plan.bank})
	if err != nil {
		return nil, err
	}
	cash, err := offlinepay.New(offlinepay.Config{Kind: offlinepay.CashOnDelivery, Secrets: secrets})
	if err != nil {
		return nil, err
	}
	gateways := []payment.Gateway{transfer, cash}
	c.Offline = []*offlinepay.Gateway{transfer, cash}
	if !h.plan.demo {
		return gateways, nil
	}
	bank := fakepay.Config{Plan: fakepay.Ask, PayPage: shop.PayPage}
	if h.plan.data != "" {
		journal, err := fakepay.OpenFile(filepath.Join(h.plan.data, "fakepay.journal"))
		if err != nil {
			return nil, fmt.Errorf("the fake bank's books cannot be opened: %w", err)
		}
		h.closes = append(h.closes, journal.Close)
		bank.Journal = journal
	}
	if c.Bank, err = fakepay.Open(ctx, bank); err != nil {
		return nil, err
	}
	return append(gateways, c.Bank.Gateway()), nil
}

// openMarket opens what the pages sell from; days begin and promotions run by
// the time zone that the pages show.
func (h *house) openMarket(gateways []payment.Gateway, zone *time.Location) error {
	taxes, err := shop.Taxes()
	if err != nil {
		return err
	}
	delivery, err := shop.Delivery()
	if err != nil {
		return err
	}
	h.market, err = commerce.New(commerce.Config{
		Stores: h.stores, Channels: shop.Channels(), Gateways: gateways, Log: h.log, Location: zone,
		Catalog:  commerce.CatalogConfig{Taxes: taxes},
		Checkout: commerce.CheckoutConfig{Delivery: delivery},
		Cart:     commerce.CartConfig{MaxLines: 200, MaxQuantity: shop.MaxPieces},
		Coupons:  commerce.CouponsConfig{CodeKeys: h.plan.codes},
		Search:   commerce.SearchConfig{Open: h.openIndex},
		// Enough for a model of some thousand products that keeps neighbours, and
		// too little for one that keeps every pair of them.
		Recommend: commerce.RecommendConfig{Engine: engine.Config{MaxBytes: 24 << 20}},
	})
	return err
}

// openIndex opens the index of a storefront, beside the database where there is
// a folder: it is there at once after a start, and its postings lie in files
// instead of in memory.
func (h *house) openIndex(_ context.Context, s search.Setup) (search.Index, error) {
	c := blevesearch.Config{Analyzer: s.Analyzer, Thesaurus: s.Thesaurus, Queries: s.Queries, Reset: true}
	if h.plan.data != "" {
		c.Dir = filepath.Join(h.plan.data, "search", string(s.Channel))
	}
	return blevesearch.Open(c)
}

// bar shows how far the filling has come, where somebody looks; a file gets
// one line.
type bar struct {
	out io.Writer
	bar *progressbar.ProgressBar
}

func (b *bar) Begin(total int) {
	if !terminal(b.out) {
		_, _ = fmt.Fprintf(b.out, "Filling the shelves with %d products\n", total) // like a bar that cannot be drawn
		return
	}
	b.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(b.out), progressbar.OptionSetDescription("Filling the shelves"),
		progressbar.OptionShowCount(), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionOnCompletion(func() { _, _ = fmt.Fprintln(b.out) }))
}

func (b *bar) Add(n int) {
	if b.bar != nil {
		_ = b.bar.Add(n) // a bar that cannot be drawn stops nobody
	}
}

// terminal reports whether what is written can be drawn over.
func terminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (h *house) fill(ctx context.Context, stdout io.Writer) error {
	done, err := seed.Done(ctx, h.stores)
	if err != nil || done {
		return err
	}
	data, err := demo.Load()
	if err != nil {
		return err
	}
	if err := seed.Run(ctx, h.market, h.stores, data, &bar{out: stdout}); err != nil {
		switch {
		case ctx.Err() == nil:
		case h.plan.url == "":
			return errors.New("stopped while the shelves were filled: nothing of it is kept")
		default:
			return errors.New("stopped while the shelves were filled: the next start goes on with it")
		}
		return err
	}
	debug.FreeOSMemory() // the catalogue as text is not needed again
	return nil
}

func (h *house) greet(out io.Writer, addr string) {
	kept := "in " + h.plan.data
	switch {
	case h.plan.url == "":
		kept = "in memory, until you stop it"
	case !strings.HasPrefix(h.plan.url, "sqlite:"):
		kept = "in PostgreSQL"
	case h.plan.url != "sqlite:"+filepath.Join(h.plan.data, "shop.db"):
		file, _, _ := strings.Cut(strings.TrimPrefix(h.plan.url, "sqlite:"), "?")
		kept = "in " + file
	}
	text := fmt.Sprintf("Souk is open: http://%s (kept %s); Ctrl-C closes it\n", addr, kept)
	if h.plan.demo {
		ada, noor := seed.Member(), seed.Staff()
		text += fmt.Sprintf("  buyer  %s  %q\n  staff  %s  %q  http://%s/staff/orders\n", ada.Email, ada.Password, noor.Email, noor.Password, addr)
	}
	_, _ = io.WriteString(out, text) // nobody reads a greeting that cannot be written
}

// serve answers until ctx ends, lets requests finish, then the workers: none of
// them is at work any more when it returns and the stores are closed.
func (h *house) serve(ctx context.Context, ln net.Listener) error {
	work, end := context.WithCancel(context.WithoutCancel(ctx))
	if err := h.market.Start(work); err != nil {
		end()
		return errors.Join(err, ln.Close())
	}
	var tidying sync.WaitGroup
	tidying.Go(func() { h.tidy(work, h.every) })
	tidying.Go(func() { giveBack(work, 5*time.Second) })
	defer tidying.Wait()
	defer end()
	err := web.Serve(ctx, ln, h.shop.Handler(), web.ServeConfig{Log: h.log, Health: h.health})
	stop, cancel := context.WithTimeout(work, 10*time.Second)
	defer cancel()
	return errors.Join(err, h.market.Stop(stop))
}

// tidy drops sessions that have ended, again and again until ctx ends.
func (h *house) tidy(ctx context.Context, every time.Duration) {
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			if err := h.purgeOnce(ctx); err != nil {
				h.log.WarnContext(ctx, "sessions that ended are still there", "error", err)
			}
		}
	}
}

// purgeOnce is the root of the tidying: a defect in it fails this time, not the
// program.
func (h *house) purgeOnce(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return h.purge(ctx)
}

// explain says in one line what keeps the marketplace from starting.
func explain(err error) string {
	f := new(fault.Fault)
	switch errors.As(err, &f); f.Code {
	case "bunstore.schema_newer":
		return "the database was made by a newer version of this program: use that one"
	case "bunstore.url": // without the cause, which may quote the URL
		return "DATABASE_URL is bad: " + f.Message + " (it is like postgres://user@host/shop or sqlite:shop.db)"
	}
	return strings.Join(strings.Fields(err.Error()), " ") // a database's own words may take several lines
}
