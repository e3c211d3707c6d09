package faults_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/internal/backendtest"
	"github.com/soukhq/souk/internal/faultpoint"
)

// cast is which story tests a point, at which of its hits.
type cast struct {
	story story
	hits  map[string]int // of the points that are tested in this story
	all   map[string]int
	want  outcome
}

// audition rehearses stories and gives every point to the first that passes
// it.
func audition(t *testing.T, on backendtest.Backend, told []story) []cast {
	t.Helper()
	var out []cast
	given := map[string]bool{}
	for _, y := range told {
		c := cast{story: y, hits: map[string]int{}}
		c.all, c.want = rehearse(t, on.Open(t), y)
		for p, n := range c.all {
			if !given[p] {
				given[p] = true
				c.hits[p] = n
			}
		}
		out = append(out, c)
	}
	return out
}

func call(point string) string {
	name, _ := strings.CutSuffix(point, "/before")
	name, _ = strings.CutSuffix(name, "/after")
	return name
}

// TestEveryPointIsReached requires that the stories pass every point there is:
// a method that is new belongs into one.
func TestEveryPointIsReached(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{}
	for _, c := range audition(t, inMemory(), stories()) {
		for p := range c.hits {
			reached[p] = true
		}
		t.Logf("%s: %d points, %d of them first", c.story, len(c.all), len(c.hits))
	}
	for _, p := range faultpoint.Points() {
		require.True(t, reached[p], "no story passes %s: let one", p)
	}
	for _, step := range faultpoint.Steps() {
		require.True(t, reached[step+"/before"] && reached[step+"/after"], "no story passes the step %s of an event", step)
	}
	t.Logf("%d fault points, %d of them passed", len(faultpoint.Points()), len(reached))
}

// middle is a hit in the middle of a story.
func middle(hits int) int { return 1 + (hits-1)/2 }

// TestEveryPoint lets every point fail once, crash once and delay once, alone.
func TestEveryPoint(t *testing.T) {
	t.Parallel()
	for _, c := range audition(t, inMemory(), stories()) {
		for _, p := range faultpoint.Points() {
			if c.hits[p] == 0 || testing.Short() && !sampled(p, c.hits) {
				continue
			}
			for _, e := range []faultpoint.Effect{faultpoint.Crash, faultpoint.Error, faultpoint.Delay} {
				if testing.Short() && e != faultpoint.Crash {
					break
				}
				if e == faultpoint.Delay && c.story.slow {
					continue // nobody waits for anybody in it
				}
				alone(t, c, wound{p, middle(c.hits[p]), e})
			}
		}
	}
}

// sampled picks one point of every port.
func sampled(point string, of map[string]int) bool {
	port, _, _ := strings.Cut(point, ".")
	for _, p := range faultpoint.Points() {
		if of[p] > 0 && strings.HasPrefix(p, port) {
			return p == point
		}
	}
	return false
}

func alone(t *testing.T, c cast, x wound) {
	t.Helper()
	t.Run(c.story.name+"/"+x.String(), func(t *testing.T) {
		t.Parallel()
		require.Empty(t, suffer(t, inMemory().Open(t), c.story, c.want, x), "the fault happened")
	})
}

// TestEveryHit does the same at every hit of every point by night, and by day
// at every fifth commit.
func TestEveryHit(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("every point has its turn already")
	}
	nightly := os.Getenv("SOUK_NIGHTLY") != ""
	for _, c := range audition(t, inMemory(), stories()) {
		for _, p := range faultpoint.Points() {
			step := 1
			if !nightly {
				step = 5
			}
			if !nightly && (c.story.slow || call(p) != "commit") {
				continue
			}
			for n := 1; n <= c.all[p]; n += step {
				alone(t, c, wound{p, n, faultpoint.Error})
				alone(t, c, wound{p, n, faultpoint.Crash})
			}
		}
	}
}

// TestEveryPointOnDatabases lets every point fail once and crash once over each
// database, several in one run.
func TestEveryPointOnDatabases(t *testing.T) {
	t.Parallel()
	databases().Each(t, func(t *testing.T, on backendtest.Backend) {
		t.Helper()
		told := stories()
		if testing.Short() {
			told = told[:1]
		}
		for _, c := range audition(t, on, told) {
			for _, e := range []faultpoint.Effect{faultpoint.Error, faultpoint.Crash} {
				var all []wound
				for _, p := range faultpoint.Points() {
					if c.hits[p] > 0 {
						all = append(all, wound{p, middle(c.hits[p]), e})
					}
				}
				together(t, on, c, all)
			}
		}
	})
}

// inOneRun is how many faults a run over a database has.
const inOneRun = 40

// together runs wounds in groups; neighbours are in different ones.
func together(t *testing.T, on backendtest.Backend, c cast, all []wound) {
	t.Helper()
	runs := (len(all) + inOneRun - 1) / inOneRun
	for r := range runs {
		if testing.Short() && r > 0 {
			return
		}
		var wounds []wound
		for i := r; i < len(all); i += runs {
			wounds = append(wounds, all[i])
		}
		t.Run(c.story.name+"/"+wounds[0].String(), func(t *testing.T) {
			t.Parallel()
			missed := suffer(t, on.Open(t), c.story, c.want, wounds...)
			for _, x := range wounds {
				for _, p := range missed {
					if x.point == p {
						require.Empty(t, suffer(t, on.Open(t), c.story, c.want, x), "the fault happened")
					}
				}
			}
		})
	}
}
