package view

import (
	"time"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
)

// StaffPromotions is the list of campaigns.
type StaffPromotions struct {
	Chrome
	Tabs []Link // by state
	Rows []StaffCampaign
	// New leads to a new one, empty where the employee may not.
	New   string
	Next  string
	Start string
}

// Template implements [Page].
func (StaffPromotions) Template() string { return "staff_promotions" }

// StaffCampaign is a campaign in the list, and at the head of its own page.
type StaffCampaign struct {
	ID      string
	Href    string
	Name    string
	Owner   string // the merchant's name, empty for the site
	Front   string // where it is offered, empty for everywhere
	State   string
	Gives   []Said
	Redeem  string // "", "code" or "coupon"
	Code    string
	From    time.Time // zero for open
	Until   time.Time
	Over    bool // the window is
	Version int64
	// Uses and Spent are counted where UsesMost and Budget bound them.
	Uses     int64
	UsesMost int64
	Spent    money.Money
	Budget   money.Money
}

// StaffPromotion is the page of one campaign.
type StaffPromotion struct {
	Chrome
	StaffCampaign
	// Edit and Act are where it is changed and moved to another state, empty
	// where the employee may not; Row is the version that is acted on.
	Edit     string
	Act      string
	Row      int64
	Moves    []string // the states that it can be moved to
	Versions []StaffVersion
	Groups   []string
	Terms    []Said
	// Conflicts are with what is live.
	Conflicts []Conflict
	Sample    Sample
	Tried     *Tried
	Body      string // its JSON form
	// Form is what is wrong with it by now, or with what was to be done.
	Form Form
}

// Template implements [Page].
func (StaffPromotion) Template() string { return "staff_promotion" }

// StaffVersion is a version of a promotion.
type StaffVersion struct {
	Number int64
	Name   string
	Gives  []Said
	From   time.Time
	Until  time.Time
}

// Conflict is a live promotion that excludes another, and the other way round.
type Conflict struct {
	Name  string
	Href  string
	Owner string
	// Rule says which rule keeps them apart, Mine and Theirs what each of the
	// two says of the other.
	Rule   Said
	Mine   Said
	Theirs Said
}

// Sample is the cart that a promotion is tried on.
type Sample struct {
	Form Form
	// Rows are the names of its fields: "sku.0" and "quantity.0".
	Rows []SampleRow
	// Example says that the cart was filled by the shop.
	Example bool
}

// SampleRow names the fields of a line.
type SampleRow struct{ SKU, Quantity string }

// Tried is what the promotions make of a sample cart.
type Tried struct {
	Lines     []TriedLine
	Shipments []TriedLine
	Gifts     []TriedGift
	Rewards   []TriedReward
	Decisions []TriedDecision

	List             money.Money
	Discount         money.Money
	Shipping         money.Money
	ShippingDiscount money.Money
	Payable          money.Money
	// Optimal says that no combination is cheaper; else Gap bounds by how much
	// one could be.
	Optimal bool
	Gap     money.Money
}

// TriedLine is a line of the cart, or a parcel.
type TriedLine struct {
	Title    string
	Detail   string
	Quantity int64
	List     money.Money
	Net      money.Money
	Shares   []TriedShare
}

// TriedShare is what one promotion takes off a line.
type TriedShare struct {
	Promotion string
	Amount    money.Money
	Bearers   []Borne
}

// Borne is what one party pays of it.
type Borne struct {
	Party  string
	Amount money.Money
}

// TriedGift is a gift that goes with the cart.
type TriedGift struct {
	Promotion string
	Title     string
	Quantity  int64
	Value     money.Money
	Bearers   []Borne
	Open      bool // the buyer may choose another
}

// TriedReward is what the buyer earns.
type TriedReward struct {
	Promotion string
	Said      Said
}

// TriedDecision tells what became of a promotion, and why.
type TriedDecision struct {
	Name    string
	Href    string // empty for the one that is not saved yet
	Version int64
	Applied bool
	// Mine is the promotion that is tried.
	Mine bool
	Said Said
	Near *Said
	// Working shows how the amount came about, nil where there is none.
	Working *TriedWorking
}

// TriedWorking is the calculation of a discount.
type TriedWorking struct {
	Base     money.Money
	Percent  string
	Raw      money.Money
	Rounding string
	Cut      money.Money
	Amount   money.Money
	Times    int64
}

// StaffPromotionForm makes a promotion, or another version of one.
type StaffPromotionForm struct {
	Chrome
	Form   Form
	Action string
	// Choose offers the templates, where none is chosen yet.
	Choose []TemplateChoice
	// Kind is the template's id, empty where Body is filled in as JSON.
	Kind   string
	Of     string // the name of what is changed; empty for a new one
	Row    int64  // the version that was read
	Cancel string
	// Holes are the fields of the template; the others are every promotion's.
	Holes     []Hole
	Channels  []Choice
	Also      []Choice // the shops that it may be offered in too
	Merchants []Choice
	Shares    []Choice
	Classes   string // the kinds that it may share with
	Refunds   []Choice
	Groups    string // the ids there are
	Coupon    bool   // buyers hold a coupon for it, so that no code is typed
	Fixed     bool   // the owner cannot be changed any more
	// Checked says that the promotion is valid; then what it gives, its
	// conflicts and the try stand below.
	Checked   bool
	Gives     []Said
	Conflicts []Conflict
	Sample    Sample
	Tried     *Tried
	// Others are wrong fields that have no input of their own.
	Others []fault.Field
}

// Template implements [Page].
func (StaffPromotionForm) Template() string { return "staff_promotion_form" }

// TemplateChoice is a template to start from.
type TemplateChoice struct{ ID, Href string }

// Hole is a field of a template.
type Hole struct {
	Name     string
	Label    string
	Hint     string
	Mode     string
	Optional bool
	Flag     bool
	Wide     bool
}

// StaffGroups is the page of exclusion groups.
type StaffGroups struct {
	Chrome
	Standard []StaffGroup
	Own      []StaffGroup
	// Write says that the employee may change them.
	Write bool
	// Form is the one that adds a group, or changes the one that is Open.
	Form Form
	Open string
	Pers []Choice
	Pick []Choice
}

// Template implements [Page].
func (StaffGroups) Template() string { return "staff_groups" }

// StaffGroup is an exclusion group with its live members.
type StaffGroup struct {
	ID      string
	Name    string
	Per     string
	Pick    string
	Max     int64
	Version int64
	Members []Link
	Form    Form // filled with what it says
}

// Blank is the form of a new group while another one is open.
func (StaffGroups) Blank() Form { return Form{} }
