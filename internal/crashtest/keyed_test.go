package crashtest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog/pricing"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/commerce/uow"
	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/order/cart"
	"github.com/soukhq/souk/order/checkout"
	"github.com/soukhq/souk/payment/fakepay"
	"github.com/soukhq/souk/storage"
)

// A history is one member with a full cart in each of some channels, who
// orders them from several devices at once, by few keys: the same key for the
// same request, for another one and for another cart; answers get lost and
// devices give up.
const (
	devices   = 8
	callsEach = 12
	fullCarts = 4
	variants  = 2 // of the request for one cart
	sharedKey = 2 * fullCarts
	allKeys   = sharedKey + fullCarts // one more for each cart, in the end
)

// keyed is one call: a cart ordered as one of the variants, by a key.
type keyed struct{ cart, variant, key int }

// answer is what came of it.
type answer struct {
	kind     string // "placed", "mismatch", "refused", "unknown"
	group    ref.GroupID
	replayed bool
}

// desk is the state of the sequential checkout that a history must agree
// with: which request a key stands for, and what a cart became.
type desk struct {
	request [allKeys]keyed
	bound   [allKeys]bool
	group   [fullCarts]ref.GroupID
}

// somebody is a group whose id no answer has told yet.
const somebody ref.GroupID = "?"

func (m desk) take(in keyed, id ref.GroupID) desk {
	m.bound[in.key], m.request[in.key] = true, in
	m.group[in.cart] = id
	return m
}

func (m desk) step(in keyed, out answer) []any {
	fits := !m.bound[in.key] || m.request[in.key] == in
	was := m.group[in.cart]
	switch out.kind {
	case "refused": // try again
		return []any{m}
	case "mismatch":
		if !fits {
			return []any{m}
		}
	case "unknown":
		if !fits {
			return []any{m}
		}
		if was == "" {
			was = somebody
		}
		return []any{m, m.take(in, was)}
	case "placed":
		known := was == out.group || was == somebody && !slices.Contains(m.group[:], out.group)
		fresh := was == "" && !slices.Contains(m.group[:], out.group)
		if fits && (known && out.replayed || fresh && !out.replayed) {
			return []any{m.take(in, out.group)}
		}
	}
	return nil
}

func keyModel() porcupine.Model {
	m := porcupine.NondeterministicModel{
		Init: func() []any { return []any{desk{}} },
		Step: func(state, input, output any) []any {
			return state.(desk).step(input.(keyed), output.(answer)) //nolint:errcheck // the model hands in its own types
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprintf("%+v -> %+v", input, output) },
	}
	return m.ToModel()
}

// trouble is what happens to one call, in its context.
type trouble struct {
	lost   string        // the answer to the first unit: "before" or "after" its commit
	cancel func()        // at some step
	steps  *atomic.Int64 // until then
	late   bool          // while that step runs
}

type troubleKey struct{}

// hinder lets the troubles happen that calls carry.
func hinder(ctx context.Context, call storage.Call, next func(ctx context.Context) error) error {
	t, ok := ctx.Value(troubleKey{}).(*trouble)
	if !ok || t == nil {
		return next(ctx)
	}
	if t.cancel != nil && t.steps.Add(-1) == 0 {
		if t.late {
			go t.cancel()
		} else {
			t.cancel()
		}
	}
	if t.lost == "" || call.Name() != "Units.Do" {
		return next(ctx)
	}
	lost := fault.New(fault.Indeterminate, "test.lost", "the answer to the commit was lost")
	if t.lost == "before" {
		return lost
	}
	err := next(context.WithValue(ctx, troubleKey{}, (*trouble)(nil))) // units inside are part of this one
	if err == nil {
		err = lost
	}
	return err
}

// channels are where a member can have a cart at a time, one in each.
func channels() []pricing.Channel {
	var out []pricing.Channel
	for i := range fullCarts {
		out = append(out, pricing.Channel{
			ID: ref.ChannelID("us-" + strconv.Itoa(i)), Name: "US", Currency: "USD", Locale: ref.English, Country: "US",
		})
	}
	return out
}

func newKeyedShop(t *testing.T, stores storage.Stores) *shop {
	t.Helper()
	c := &ahead{}
	s, err := newShop(stores, fakepay.NewAt(c), c, channels()...)
	require.NoError(t, err)
	s.stockUp(t)
	return s
}

// eachStores runs a test on every backend.
func eachStores(t *testing.T, fn func(t *testing.T, stores storage.Stores)) {
	t.Helper()
	backendtest.All().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		fn(t, on.Open(t))
	})
}

// session is what the devices of one history work on.
type session struct {
	*shop
	member ref.Scope
	carts  [fullCarts][variants]checkout.PlaceInput
}

func (s *shop) session(ctx context.Context, seed uint64) (*session, error) {
	ses := &session{shop: s, member: ref.Member(ref.MemberID(fmt.Sprintf("m-%d", seed)))}
	for i, channel := range channels() {
		c, err := s.Carts.Open(ctx, ses.member, channel.ID)
		if err != nil {
			return nil, err
		}
		if _, err = s.Carts.Add(ctx, ses.member, cart.AddInput{
			Target: cart.Target{Cart: c.ID}, Items: []cart.Item{{SKU: tea, Quantity: 1}},
		}); err != nil {
			return nil, err
		}
		for v := range variants {
			in := request(c.ID, "", "")
			in.ShipTo.Line1 = strconv.Itoa(v+1) + " Main St"
			q, err := s.Checkout.Quote(ctx, ses.member, in.Choice)
			if err != nil {
				return nil, err
			}
			in.Quote = q.ID
			ses.carts[i][v] = in
		}
	}
	return ses, nil
}

// call makes one call and sorts its answer.
func (s *session) call(ctx context.Context, in keyed) (answer, error) {
	input := s.carts[in.cart][in.variant]
	input.Key = "key-" + strconv.Itoa(in.key)
	p, err := s.Checkout.Place(ctx, s.member, input)
	switch {
	case err == nil:
		return answer{kind: "placed", group: p.Group.ID, replayed: p.Replayed}, nil
	case fault.CodeOf(err) == "idempotency.mismatch":
		return answer{kind: "mismatch"}, nil
	case errors.Is(err, fault.Indeterminate), errors.Is(err, fault.Canceled):
		return answer{kind: "unknown"}, nil
	case errors.Is(err, fault.Conflict):
		return answer{kind: "refused"}, nil
	}
	return answer{}, err
}

// draw chooses what a device does next: the devices go through the carts side
// by side, so that every cart is raced for.
func draw(random *rand.Rand, step int) (keyed, *trouble) {
	in := keyed{cart: step * fullCarts / callsEach, variant: random.IntN(6) / 5}
	in.key = 2*in.cart + random.IntN(2)
	switch random.IntN(8) {
	case 0:
		in.key = random.IntN(sharedKey)
	case 1:
		in.cart = random.IntN(fullCarts)
	}
	t := &trouble{}
	switch random.IntN(10) {
	case 0:
		t.lost = "after"
	case 1:
		t.lost = "before"
	case 2, 3:
		t.steps = &atomic.Int64{}
		t.steps.Store(int64(1 + random.IntN(30)))
		t.late = random.IntN(2) == 0
	}
	return in, t
}

// recordCalls lets the devices of a member call, and then asks for each cart
// once more.
func recordCalls(ctx context.Context, s *shop, seed uint64) ([]porcupine.Operation, error) {
	ses, err := s.session(ctx, seed)
	if err != nil {
		return nil, err
	}
	var (
		clock atomic.Int64
		wg    sync.WaitGroup
		all   = make([][]porcupine.Operation, devices)
		fails = make([]error, devices)
	)
	note := func(ctx context.Context, device int, in keyed) (answer, error) {
		began := clock.Add(1)
		out, err := ses.call(ctx, in)
		all[device] = append(all[device], porcupine.Operation{
			ClientId: device, Input: in, Call: began, Output: out, Return: clock.Add(1),
		})
		return out, err
	}
	for device := range devices {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(seed, uint64(device)))
			for step := 0; step < callsEach && fails[device] == nil; step++ {
				in, t := draw(random, step)
				ctx, cancel := context.WithCancel(ctx)
				if t.steps != nil {
					t.cancel = cancel
				}
				_, fails[device] = note(context.WithValue(ctx, troubleKey{}, t), device, in)
				cancel()
			}
		})
	}
	wg.Wait()
	if err := errors.Join(fails...); err != nil {
		return nil, err
	}
	var want []ref.GroupID
	for i := range fullCarts {
		out, err := note(ctx, 0, keyed{cart: i, key: sharedKey + i})
		if err != nil {
			return nil, err
		}
		want = append(want, out.group)
	}
	return slices.Concat(all...), ses.has(ctx, want)
}

// has makes sure that the member has these groups and no other.
func (s *session) has(ctx context.Context, want []ref.GroupID) error {
	p, err := s.Orders.List(ctx, s.member, order.Query{}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return err
	}
	var got []ref.GroupID
	for _, o := range p.Items {
		got = append(got, o.Group)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		return fmt.Errorf("answered %v, ordered %v", want, got)
	}
	return nil
}

// sideBySide works through seeds 1 to n, several at a time.
func sideBySide(n uint64, work func(seed uint64) error) error {
	const lanes = 3 // while one writes to disk, another is checked
	var (
		next  atomic.Uint64
		wg    sync.WaitGroup
		fails [lanes]error
	)
	for lane := range lanes {
		wg.Go(func() {
			for seed := next.Add(1); seed <= n && fails[lane] == nil; seed = next.Add(1) {
				if err := work(seed); err != nil {
					fails[lane] = fmt.Errorf("seed %d: %w", seed, err)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(fails[:]...)
}

func verdictOn(ops []porcupine.Operation, within time.Duration) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(keyModel(), ops, within)
}

// Concurrent calls by key are as if one came after the other: one effect for
// a key, the same answer to a repeat, and no to another request.
func TestKeyedHistoriesAreLinearizable(t *testing.T) {
	t.Parallel()
	eachStores(t, func(t *testing.T, stores storage.Stores) {
		t.Helper()
		s := newKeyedShop(t, storage.Intercept(stores, hinder))
		rounds := uint64(200)
		if testing.Short() {
			rounds = 5
		}
		var mu sync.Mutex
		kinds := map[string]int{}
		require.NoError(t, sideBySide(rounds, func(seed uint64) error {
			ops, err := recordCalls(t.Context(), s, seed)
			if err != nil {
				return err
			}
			if v := verdictOn(ops, time.Minute); v != porcupine.Ok {
				return fmt.Errorf("the history is %s", v)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, op := range ops {
				kinds[op.Output.(answer).kind]++ //nolint:errcheck // it is what was recorded
			}
			return nil
		}))
		t.Logf("%d histories of %d calls: %v", rounds, devices*callsEach, kinds)
		for _, kind := range []string{"placed", "mismatch", "unknown"} {
			require.Positive(t, kinds[kind], kind)
		}
		require.Less(t, kinds["refused"], int(rounds)*devices, "hardly anybody is sent away")

		// Whoever gave up between the order and the money has paid once, too.
		for range 3 {
			s.clock.skip(2 * time.Minute)
			for {
				sum, err := s.Payments.Sweep(t.Context(), 1_000)
				require.NoError(t, err)
				if sum.Intents == 0 {
					break
				}
			}
		}
		require.Len(t, s.bank.Payments(), int(rounds)*fullCarts)
		s.onePaymentEach(t)
		s.sound(t)
	})
}

// forgetful breaks the memory of calls: it reads which keys were used when a
// unit begins, and then writes without a condition.
type forgetful struct {
	mu      sync.Mutex
	used    map[string]bool // by what is committed
	effects int             // second ones that it let pass
}

// reading is what a unit of the forgetful has read and will have written.
type reading struct {
	used map[string]bool
	done []string
}

type readingKey struct{}

func (f *forgetful) hook(ctx context.Context, call storage.Call, next func(ctx context.Context) error) error {
	r, inside := ctx.Value(readingKey{}).(*reading)
	switch {
	case call.Name() == "Units.Do" && !inside:
		f.mu.Lock()
		r = &reading{used: f.used}
		f.mu.Unlock()
		err := next(context.WithValue(ctx, readingKey{}, r))
		if err == nil && len(r.done) > 0 {
			f.mu.Lock()
			fresh := map[string]bool{}
			for k := range f.used {
				fresh[k] = true
			}
			for _, k := range r.done {
				fresh[k] = true
			}
			f.used = fresh
			f.mu.Unlock()
		}
		return err
	case call.Name() == "Idempotency.Begin":
		c := call.Args[0].(uow.Call) //nolint:errcheck // the port's own type
		key := c.Scope + c.Key
		err := next(ctx)
		out := call.Results[0].(**uow.Answer) //nolint:errcheck // the port's own type
		if !r.used[key] && (err != nil || *out != nil) && (err == nil || fault.CodeOf(err) == "idempotency.mismatch") {
			*out, err = nil, nil
			f.mu.Lock()
			f.effects++
			f.mu.Unlock()
		}
		if err == nil && *out == nil {
			r.done = append(r.done, key)
		}
		return err
	}
	return next(ctx)
}

func TestAPlantedDoubleEffectIsCaught(t *testing.T) {
	t.Parallel()
	eachStores(t, func(t *testing.T, stores storage.Stores) {
		t.Helper()
		f := &forgetful{}
		s := newKeyedShop(t, storage.Intercept(stores, f.hook))
		caught, seed := 0, uint64(0)
		enough := 3
		if testing.Short() {
			enough = 1
		}
		for caught < enough && seed < 200 {
			seed++
			before := f.effects
			ops, err := recordCalls(t.Context(), s, seed)
			require.NoError(t, err)
			if f.effects == before {
				require.Equal(t, porcupine.Ok, verdictOn(ops, time.Minute), "seed %d: no key had two effects", seed)
			} else if verdictOn(ops, 5*time.Second) == porcupine.Illegal { // some take long to refute
				caught++
			}
		}
		require.Positive(t, caught)
		t.Logf("%d of %d histories, with %d forgotten keys, were caught", caught, seed, f.effects)
	})
}
