package search

import (
	"time"

	"github.com/soukhq/souk/commerce/ref"
)

// Asked is one search in the log.
type Asked struct {
	ID      string
	Channel ref.ChannelID
	// Visitor is a key that the shop made of who asked, empty for nobody
	// known: see [Visitor].
	Visitor string
	// Text is what was asked, as [LogText] makes it.
	Text string
	At   time.Time
	Step Step
	// Total is how many products were found; 0 also where only popular ones
	// were shown, and at least 1 where a rule sent the shopper elsewhere.
	Total int
	// Shown is how many products were on the first page, found or popular.
	Shown int
	// Corrected says that another text was searched for, Filtered that filters
	// left products out.
	Corrected bool
	Filtered  bool
}

// Click is a product that was opened from the results of a search. A second
// click on the same one is the first one's.
type Click struct {
	Search  string // the id of the search
	Visitor string
	Product ref.ProductID
	Place   int // among the results, from 1
	At      time.Time
}

// ReportOrder is what the lines of a report are sorted by.
type ReportOrder string

// The orders of a report; equal ones go by text.
const (
	MostAsked ReportOrder = "asked"
	MostEmpty ReportOrder = "empty" // only those that found nothing once or more
)

// ReportQuery selects what a report is made of: the searches of a channel in a
// half-open window.
type ReportQuery struct {
	Channel ref.ChannelID
	// From and Until default to the last 30 days. Stores are handed both.
	From  time.Time
	Until time.Time
	Order ReportOrder // Defaults to MostAsked.
}

// QueryLine is what became of one text.
type QueryLine struct {
	Text     string
	Searches int64
	Visitors int64 // different ones, those without a key not counted
	// Empty is how often nothing was found though nothing was filtered out.
	Empty int64
	// Clicked is how many of the searches led to a product, Converted how many
	// of them to one that was bought.
	Clicked   int64
	Converted int64
}

// PlaceLine is how often a product stood at a place of the first page, and was
// opened from there.
type PlaceLine struct {
	Place   int
	Shown   int64
	Clicked int64
}

// MaxPlaces bounds the places of a report.
const MaxPlaces = 48

// PlaceLines makes the lines of a report: by how many were shown on a page, so
// many pages; by place, so many clicks. There is a line for each place from
// the first to the last that was shown.
func PlaceLines(pages, clicks map[int]int64) []PlaceLine {
	last := 0
	for n, count := range pages {
		if count > 0 {
			last = max(last, min(n, MaxPlaces))
		}
	}
	lines := make([]PlaceLine, last)
	for i := range lines {
		lines[i] = PlaceLine{Place: i + 1, Clicked: clicks[i+1]}
		for n, count := range pages {
			if n > i {
				lines[i].Shown += count
			}
		}
	}
	return lines
}

// PopularQuery selects what suggestions are made of.
type PopularQuery struct {
	Channel ref.ChannelID
	Since   time.Time
	// Visitors is how many different visitors must have asked.
	Visitors int
	Limit    int
}

// Suggests reports whether a search may make a suggestion: it found products
// as it was typed, with all or some of its words.
func (a *Asked) Suggests() bool {
	return a.Total > 0 && !a.Corrected && (a.Step == StepAll || a.Step == StepSome)
}
