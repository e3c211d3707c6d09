package engine_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/recommend"
	"github.com/soukhq/souk/recommend/engine"
)

// Whoever asks first for what is hot, and whoever asks while that is found out, has
// an answer.
func TestManyAskForAHotListThatNeverWasRanked(t *testing.T) {
	t.Parallel()
	for name, run := range map[string]bool{"by itself": false, "beside Run": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := engine.New(engine.Config{Clock: clock.NewManual(start)})
			require.NoError(t, err)
			if run {
				ctx, stop := context.WithCancel(t.Context())
				var running sync.WaitGroup
				running.Go(func() { _ = e.Run(ctx) }) // until the test ends it
				t.Cleanup(running.Wait)
				t.Cleanup(stop)
			}
			events := visits(300, 20_000, 40_000, 3)
			for len(events) > 0 {
				require.NoError(t, e.Record(t.Context(), events[:recommend.MaxEvents]...))
				events = events[recommend.MaxEvents:]
			}
			const asking = 8
			var answers [asking]recommend.Answer
			var wg sync.WaitGroup
			together := make(chan struct{})
			for n := range asking {
				wg.Go(func() {
					<-together
					answers[n], _ = e.Recommend(t.Context(), recommend.Query{Shelf: recommend.Hot})
				})
			}
			close(together)
			wg.Wait()
			for _, a := range answers {
				require.NotEmpty(t, a.Items, a.Empty)
				if !run { // which may have ranked a part before
					require.Equal(t, answers[0].Items, a.Items)
				}
			}
		})
	}
}
