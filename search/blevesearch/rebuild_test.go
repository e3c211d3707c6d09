package blevesearch_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
)

// held is a context that stops whoever asks whether it has ended.
type held struct {
	context.Context //nolint:containedctx // is one

	once              sync.Once
	reached, released chan struct{}
	release           func()
}

func hold(t *testing.T) *held {
	t.Helper()
	h := &held{Context: t.Context(), reached: make(chan struct{}), released: make(chan struct{})}
	h.release = sync.OnceFunc(func() { close(h.released) })
	t.Cleanup(h.release)
	return h
}

func (h *held) Err() error {
	h.once.Do(func() { close(h.reached) })
	<-h.released
	return nil
}

// begun runs fn beside the test and returns where its error will be.
func begun(fn func() error) <-chan error {
	out := make(chan error, 1)
	go func() { out <- fn() }()
	return out
}

// answers asks until something has had the time to get in the way, and fails
// where an answer does not come.
func answers(t *testing.T, index *blevesearch.Index, want int) {
	t.Helper()
	for range 20 {
		total := make(chan int, 1)
		err := begun(func() error {
			found, err := index.Search(context.Background(), search.Query{Text: "teapot"})
			total <- found.Total
			return err
		})
		select {
		case err := <-err:
			require.NoError(t, err)
			require.Equal(t, want, <-total)
		case <-time.After(10 * time.Second):
			require.Fail(t, "a search waits")
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func fill(n int) func(context.Context, search.Writer) error {
	return func(ctx context.Context, w search.Writer) error { return w.Index(ctx, teapots(n)) }
}

// However long a write takes, a rebuild that begins or ends waits for it alone.
func TestSearchesDoNotWaitForARebuild(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"in memory": "", "on disk": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			index := opened(t, dir, false)
			require.NoError(t, index.Index(t.Context(), teapots(10)))

			slow := hold(t)
			write := begun(func() error { return index.Index(slow, teapots(11)) })
			<-slow.reached
			filling, filled := make(chan struct{}), make(chan struct{})
			rebuild := begun(func() error {
				return index.Rebuild(context.Background(), func(ctx context.Context, w search.Writer) error {
					close(filling)
					<-filled
					return w.Index(ctx, teapots(30))
				})
			})
			answers(t, index, 10)
			slow.release()
			require.NoError(t, <-write)
			<-filling
			answers(t, index, 11)

			slow = hold(t)
			write = begun(func() error { return index.Index(slow, teapots(31)) })
			<-slow.reached
			close(filled)
			answers(t, index, 11)
			slow.release()
			require.NoError(t, <-write)
			require.NoError(t, <-rebuild)
			answers(t, index, 31) // the write is in the new one too
		})
	}
}

// Who searches when a rebuild ends is answered from the index as it was, and the
// others from the new one.
func TestASearchOutlivesItsGeneration(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"in memory": "", "on disk": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			index := opened(t, dir, false)
			require.NoError(t, index.Index(t.Context(), teapots(10)))
			slow := hold(t)
			late := begun(func() error {
				found, err := index.Search(slow, search.Query{Text: "teapot"})
				if err == nil && found.Total != 10 {
					t.Errorf("%d found", found.Total)
				}
				return err
			})
			<-slow.reached
			rebuild := begun(func() error { return index.Rebuild(context.Background(), fill(30)) })
			require.Eventually(t, func() bool {
				stats, err := index.Stats(context.Background())
				return err == nil && stats.Documents == 30
			}, 10*time.Second, time.Millisecond)
			answers(t, index, 30)
			slow.release()
			require.NoError(t, <-late)
			require.NoError(t, <-rebuild)
		})
	}
}

// What is written while a rebuild is busy with a batch is found at once.
func TestAWriteIsFoundBesideARebuild(t *testing.T) {
	t.Parallel()
	index := opened(t, "", false)
	require.NoError(t, index.Index(t.Context(), teapots(10)))
	slow := hold(t)
	rebuild := begun(func() error {
		return index.Rebuild(context.Background(), func(_ context.Context, w search.Writer) error { return w.Index(slow, teapots(12)) })
	})
	<-slow.reached
	write := begun(func() error { return index.Index(context.Background(), teapots(13)) })
	require.Eventually(t, func() bool {
		found, err := index.Search(context.Background(), search.Query{Text: "teapot"})
		return err == nil && found.Total == 13
	}, 10*time.Second, time.Millisecond)
	slow.release()
	require.NoError(t, <-write)
	require.NoError(t, <-rebuild)
	answers(t, index, 13)
}

// impatient is a context that ends as soon as somebody waits beside it.
type impatient struct {
	context.Context //nolint:containedctx // is one

	over chan struct{}
	once sync.Once
}

func (i *impatient) Done() <-chan struct{} {
	i.once.Do(func() { close(i.over) })
	return i.over
}

func (i *impatient) Err() error {
	select {
	case <-i.over:
		return context.Canceled
	default:
		return nil
	}
}

// Who does not wait until a write is on disk has written all the same, also what is
// being filled meanwhile.
func TestAWriteThatNobodyWaitsForOutlivesARebuild(t *testing.T) {
	t.Parallel()
	index := opened(t, t.TempDir(), false)
	filling, filled := make(chan struct{}), make(chan struct{})
	rebuild := begun(func() error {
		return index.Rebuild(context.Background(), func(ctx context.Context, w search.Writer) error {
			close(filling)
			<-filled
			return w.Index(ctx, teapots(5))
		})
	})
	<-filling
	given := 0
	for n := range 10 { // the disk may be faster now and then
		err := index.Index(&impatient{Context: t.Context(), over: make(chan struct{})}, teapots(11 + n)[10+n:])
		if err != nil {
			require.ErrorIs(t, err, fault.Canceled)
			given++
		}
		err = index.Delete(&impatient{Context: t.Context(), over: make(chan struct{})}, []search.Removal{{ID: teapots(n + 1)[n].ID, Version: 3}})
		if err != nil {
			require.ErrorIs(t, err, fault.Canceled)
		}
	}
	require.Positive(t, given)
	answers(t, index, 10)
	close(filled)
	require.NoError(t, <-rebuild)
	answers(t, index, 10)
}
