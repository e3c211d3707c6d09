//go:build unix

package crashtest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/internal/pgtest"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment/fakepay"
)

// life is one process of the shop that will be killed, as its environment
// tells it.
type life struct {
	URL     string // of the stores
	Journal string // of the bank
	Ahead   int64  // nanoseconds
	Name    string
	Buyers  int
}

const lifeEnv = "SOUK_CRASHTEST_LIFE"

// said is a line that the process says: "try" before a buyer sends an order,
// "placed" and "paid" when the answer is there, "failed" when it cannot be.
type said struct {
	What   string
	Member ref.MemberID
	Cart   cart.ID
	Quote  string
	Key    string
	Number string // of the order group
	Minor  int64
}

// TestLife is the process that gets killed: a shop whose workers run, and
// buyers who order and pay, one purchase after the other.
func TestLife(t *testing.T) { //nolint:paralleltest // a process of its own
	raw := os.Getenv(lifeEnv)
	if raw == "" {
		t.SkipNow()
	}
	var l life
	require.NoError(t, json.Unmarshal([]byte(raw), &l))
	c := &ahead{}
	c.by.Store(l.Ahead)
	bank, _ := openBank(t, l.Journal, c)
	s, err := newShop(openDB(t, l.URL).Stores(), bank, c)
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	var mu sync.Mutex
	say := func(line said) {
		b, _ := json.Marshal(line)
		mu.Lock()
		defer mu.Unlock()
		_, _ = os.Stdout.Write(append(b, '\n'))
	}
	var wg sync.WaitGroup
	for b := range l.Buyers {
		wg.Go(func() {
			for i := 0; ; i++ { // until it is killed
				line := said{Key: fmt.Sprintf("%s-%d-%d", l.Name, b, i)}
				line.Member = ref.MemberID(line.Key)
				if err := s.purchase(t.Context(), line, ref.Quantity(1+i%3), say); err != nil {
					say(said{What: "failed", Key: err.Error()})
					return
				}
			}
		})
	}
	wg.Wait()
}

// openBank opens the books of the bank, which outlive the shop.
func openBank(t *testing.T, journal string, c *ahead) (*fakepay.Bank, io.Closer) {
	t.Helper()
	file, err := fakepay.OpenFile(journal)
	require.NoError(t, err)
	bank, err := fakepay.Open(t.Context(), fakepay.Config{Plan: fakepay.Ask, Journal: file, Clock: c})
	require.NoError(t, err)
	return bank, file
}

// purchase orders, pays on the bank's page, and lets the bank tell the shop.
func (s *shop) purchase(ctx context.Context, line said, pieces ref.Quantity, say func(said)) error {
	who := ref.Member(line.Member)
	var in checkout.PlaceInput
	var p checkout.Placed
	if err := again(func() (err error) {
		in, err = s.choose(ctx, who, pieces, line.Key)
		return err
	}); err != nil {
		return err
	}
	line.What, line.Cart, line.Quote = "try", in.Cart, in.Quote
	say(line)
	if err := again(func() (err error) {
		p, err = s.Checkout.Place(ctx, who, in)
		return err
	}); err != nil {
		return err
	}
	line.What, line.Number, line.Minor = "placed", p.Group.Number, p.Group.Payable.Minor()
	say(line)
	err := s.bank.Approve(ctx, number(p.Intent))
	if errors.Is(err, fault.NotFound) {
		return nil // the shop was too slow to ask the bank in time, and will ask again: not while this buyer waits
	}
	if err != nil {
		return err
	}
	if err := again(func() error {
		raw, err := s.bank.Notice(number(p.Intent))
		if err != nil {
			return err
		}
		reply, err := s.Payments.Notify(ctx, "fakepay", raw)
		if err == nil && reply.Status != 200 {
			err = fault.New(fault.Unavailable, "test.nack", "send it again")
		}
		return err
	}); err != nil {
		return err
	}
	line.What = "paid"
	say(line)
	return nil
}

// again is a caller that does not give up at once.
func again(step func() error) error {
	err := step()
	for range 4 {
		if !errors.Is(err, fault.Unavailable) && !errors.Is(err, fault.Conflict) {
			break
		}
		err = step()
	}
	return err
}

// story is what a process had said when it was killed.
type story struct {
	tries, placed, paid []said
}

// kill lets a process live until it has acknowledged some answers.
func (l life) kill(t *testing.T, answers int) story {
	t.Helper()
	exe, err := os.Executable()
	require.NoError(t, err)
	env, err := json.Marshal(l)
	require.NoError(t, err)
	child := exec.CommandContext(t.Context(), exe, "-test.run=^TestLife$", "-test.timeout=90s")
	child.Env = append(os.Environ(), lifeEnv+"="+string(env))
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	t.Cleanup(func() { _ = child.Process.Kill() }) // where the test has failed before

	var st story
	killed := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		var line said
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			require.True(t, killed, "the process said %q", lines.Text())
			break // it died while it spoke
		}
		switch line.What {
		case "try":
			st.tries = append(st.tries, line)
		case "placed":
			st.placed = append(st.placed, line)
		case "paid":
			st.paid = append(st.paid, line)
		default:
			require.Fail(t, "a buyer failed", "%+v", line)
		}
		if len(st.placed)+len(st.paid) >= answers && !killed {
			killed = true
			require.NoError(t, child.Process.Kill())
		}
	}
	_ = child.Wait()
	status, ok := child.ProcessState.Sys().(syscall.WaitStatus)
	require.True(t, ok)
	require.True(t, status.Signaled() && status.Signal() == syscall.SIGKILL, "it ended by %s", child.ProcessState)
	return st
}

// tally is what was in the air when the processes were killed.
type tally struct {
	answers  int // acknowledged
	paid     int // of these, payments
	open     int // orders without an answer
	effected int // of these, orders that had been placed all the same
	unpaid   int // purchases that were not acknowledged as paid
}

// survive opens what a killed process has left, and requires that all it
// acknowledged is there, that what it did not is done once when it is asked
// for again, and that the books are in order.
func (l life) survive(t *testing.T, c *ahead, st story, sum *tally) {
	t.Helper()
	ctx := t.Context()
	db := openDB(t, l.URL)
	bank, journal := openBank(t, l.Journal, c)
	s, err := newShop(db.Stores(), bank, c)
	require.NoError(t, err)

	acked := map[string]said{}
	for _, line := range st.placed {
		acked[line.Key] = line
		g, err := s.Orders.Find(ctx, ref.Member(line.Member), line.Number)
		require.NoError(t, err, "a placed order is lost: %+v", line)
		require.Equal(t, line.Minor, g.Payable.Minor())
	}
	for _, line := range st.paid {
		g, err := s.Orders.Find(ctx, ref.Member(line.Member), line.Number)
		require.NoError(t, err)
		require.True(t, paid(g), "a payment is lost: %+v", line)
	}
	sum.answers += len(st.placed) + len(st.paid)
	sum.paid += len(st.paid)
	sum.unpaid += len(st.tries) - len(st.paid)

	// Every buyer asks again, with the same key.
	for _, line := range st.tries {
		in := request(line.Cart, line.Quote, line.Key)
		p, err := s.Checkout.Place(ctx, ref.Member(line.Member), in)
		require.NoError(t, err, "%+v", line)
		first, answered := acked[line.Key]
		switch {
		case answered:
			require.True(t, p.Replayed)
			require.Equal(t, first.Number, p.Group.Number)
		default:
			sum.open++
			if p.Replayed {
				sum.effected++
			}
		}
		once, err := s.Checkout.Place(ctx, ref.Member(line.Member), in)
		require.NoError(t, err)
		require.True(t, once.Replayed)
		require.Equal(t, p.Group.ID, once.Group.ID)
	}
	s.recover(t, st)
	for _, line := range st.tries {
		g := s.onlyGroup(t, ref.Member(line.Member))
		require.True(t, paid(g), "%+v: %+v", line, g)
	}
	s.onePaymentEach(t)
	s.sound(t)
	require.NoError(t, errors.Join(db.Close(), journal.Close()))
}

// recover pays what is not paid yet, and lets the workers find out the rest:
// the notices of the dead process are gone with it.
func (s *shop) recover(t *testing.T, st story) {
	t.Helper()
	for range 8 {
		s.clock.skip(2 * time.Minute) // the dead process's leases and calls are over
		require.NoError(t, s.Drain(t.Context()))
		open := 0
		for _, line := range st.tries {
			g := s.onlyGroup(t, ref.Member(line.Member))
			if paid(g) {
				continue
			}
			open++
			in, err := s.Payments.Get(t.Context(), ref.System(), g.Intent)
			require.NoError(t, err)
			if err = s.bank.Approve(t.Context(), number(in)); !errors.Is(err, fault.NotFound) { // the request is sent again
				require.NoError(t, err)
			}
		}
		if open == 0 {
			return
		}
	}
}

func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("processes share no memory to race for")
	}
	for name, url := range map[string]func(t *testing.T) string{
		"sqlite":   func(t *testing.T) string { t.Helper(); return "sqlite:" + filepath.Join(t.TempDir(), "shop.db") },
		"postgres": func(t *testing.T) string { t.Helper(); return pgtest.URL(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := life{URL: url(t), Journal: filepath.Join(t.TempDir(), "bank"), Buyers: 8}
			c := &ahead{}
			db := openDB(t, l.URL)
			require.NoError(t, db.Migrate(t.Context()))
			first, err := newShop(db.Stores(), fakepay.NewAt(c), c)
			require.NoError(t, err)
			first.stockUp(t)
			require.NoError(t, db.Close())

			const kills = 5
			var sum tally
			for n := range kills {
				answers := 40 + rand.New(rand.NewPCG(uint64(n), 1)).IntN(80)
				l.Name, l.Ahead = "life"+strconv.Itoa(n), c.by.Load()
				l.survive(t, c, l.kill(t, answers), &sum)
			}
			t.Logf("%d kills, %d answers kept, %d of them payments, %d orders in the air of which %d had been placed, %d purchases unpaid",
				kills, sum.answers, sum.paid, sum.open, sum.effected, sum.unpaid)
			require.GreaterOrEqual(t, sum.paid, 10*kills)
			require.GreaterOrEqual(t, sum.unpaid, kills, "the kills came under load")
		})
	}
}
