package view

import "time"

// SearchDesk stands around the pages of whoever looks after the search.
type SearchDesk struct {
	Chrome
	Front  string // the name of the storefront
	Fronts []Link
	Tabs   []Link
	Write  bool // may the employee change anything
}

// StaffSearch is the report of what was searched for.
type StaffSearch struct {
	SearchDesk
	Spans  []Link
	Orders []Link
	Rows   []SearchLine
	Next   string
	Start  string
	Plot   *Plot // nil where nothing was searched for
	// Away says that this node's index does not answer; Products is what it
	// holds.
	Away     bool
	Products int64
}

// Template implements [Page].
func (StaffSearch) Template() string { return "staff_search" }

// SearchLine is what became of one text.
type SearchLine struct {
	Text      string
	Href      string // its results in the shop
	Rule      string // makes a rule for it, empty where the employee may not
	Searches  int64
	Visitors  int64
	Empty     int64
	Clicked   string // shares in percent
	Converted string
}

// Plot is a bar chart, in the units of its own picture.
type Plot struct {
	Width, Height int
	Left          int // where the lines begin, their labels before them
	Bars          []PlotBar
	Lines         []PlotLine
}

// PlotBar is one bar with what it stands for.
type PlotBar struct {
	X, Y, Width, Height int
	Place               int
	Shown, Clicked      int64
	Share               string
	Label               int // where its label stands, 0 for none
}

// PlotLine is a line of the grid.
type PlotLine struct {
	Y     int
	Label string
}

// StaffSynonyms is the form of a storefront's synonyms.
type StaffSynonyms struct {
	SearchDesk
	Form    Form
	Version int64
	// Common are those that Defaults adds, one a line.
	Common   []string
	Defaults bool
}

// Template implements [Page].
func (StaffSynonyms) Template() string { return "staff_synonyms" }

// StaffRules is the list of a storefront's rules.
type StaffRules struct {
	SearchDesk
	New  string // empty where the employee may not
	Rows []StaffRule
}

// Template implements [Page].
func (StaffRules) Template() string { return "staff_rules" }

// StaffRule is a rule in the list.
type StaffRule struct {
	Href  string
	When  string
	Query string
	State string // active, soon or over
	From  time.Time
	Until time.Time
	Does  []Said
}

// StaffRuleForm makes a rule or changes one.
type StaffRuleForm struct {
	SearchDesk
	Form    Form
	Action  string
	Delete  string // empty for a new one
	Version int64
	Whens   []Choice
	// Kept is how many preferences the form cannot show; they stay.
	Kept    int
	Preview *RulePreview
}

// Template implements [Page].
func (StaffRuleForm) Template() string { return "staff_rule" }

// RulePreview is what a query finds without a rule and with it.
type RulePreview struct {
	Query    string
	Applies  bool
	Redirect string
	Away     bool
	Before   []PreviewHit
	After    []PreviewHit
}

// PreviewHit is a product at its place.
type PreviewHit struct {
	Place   int
	ID      string
	Title   string
	Picture string
	Pinned  bool
	Moved   int // places up, below 0 for down, 0 also for a product that is new
	New     bool
}
