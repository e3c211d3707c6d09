package view

import (
	"time"

	"github.com/soukhq/souk/commerce/money"
)

// StaffShelves is the desk of the recommendations.
type StaffShelves struct {
	Chrome
	Spans  []Link
	Slots  []Link
	Places []ShelfPlace
	Models []ShelfModel
	// Rows are by place and strategy, Segments by visitors too.
	Rows     []ShelfLine
	Segments []ShelfLine
	Curves   *Curves // nil where nothing was shown
}

// Template implements [Page].
func (StaffShelves) Template() string { return "staff_shelves" }

// ShelfPlace is where a shelf stands, with what serves it.
type ShelfPlace struct {
	Name string
	Href string // of its form, empty where the employee may not
	Mode string // empty without a policy
	Arms []ShelfArm
}

// ShelfArm is a strategy with its share of the visitors.
type ShelfArm struct{ Name, Share string }

// ShelfModel is what answers.
type ShelfModel struct {
	Strategies                            []string
	Model                                 string // empty before the first fit
	FittedAt                              time.Time
	Interactions, Waiting                 int64
	Products, Sellable, Visitors, Baskets int64
	Trials                                []ShelfTrial
}

// ShelfTrial is a model that was measured.
type ShelfTrial struct {
	Model, NDCG string
	Chosen      bool
}

// ShelfLine is what came of the shelves of a strategy. What is a text is a
// share in percent, but Novelty, which is in bits.
type ShelfLine struct {
	Place, Strategy, Segment    string
	Requests                    int64
	Hits, Clicks, Carts, Orders string
	Revenue                     []money.Money // of a thousand
	Coverage, Novelty           string
}

// Curves is a line chart over days, in the units of its own picture.
type Curves struct {
	Width, Height int
	Left          int // as in Plot
	Lines         []PlotLine
	Days          []CurveDay
	Series        []Curve
}

// CurveDay labels the axis.
type CurveDay struct {
	X     int
	Label string
}

// Curve is one line; Number is its place among the colours.
type Curve struct {
	Name   string
	Number int
	Path   string
	Dots   []CurveDot
}

// CurveDot is a day of a line.
type CurveDot struct {
	X, Y     int
	Day      string
	Share    string
	Requests int64
}

// StaffShelfForm says how a place is served.
type StaffShelfForm struct {
	Chrome
	Name    string
	Form    Form
	Action  string
	Version int64
	Modes   []Choice
	Arms    []ShelfChoice
}

// Template implements [Page].
func (StaffShelfForm) Template() string { return "staff_shelf" }

// ShelfChoice is a strategy to choose.
type ShelfChoice struct {
	Field  string // of its weight
	Use    string // of the box
	Name   string
	About  string
	On     bool
	Weight string
}
