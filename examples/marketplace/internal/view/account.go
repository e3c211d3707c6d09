package view

// SignUp is the registration page.
type SignUp struct {
	Chrome
	Form Form
	// Next is where the visitor was on the way to.
	Next string
	// MinPassword is the shortest password that is accepted.
	MinPassword int
}

// Template implements [Page].
func (SignUp) Template() string { return "sign_up" }

// SignIn is the page where members sign in.
type SignIn struct {
	Chrome
	Form Form
	Next string
	// Try is shown in a demo only.
	Try *Credentials
}

// Template implements [Page].
func (SignIn) Template() string { return "sign_in" }

// Account is a member's own page.
type Account struct {
	Chrome
	Email     string
	Addresses []Address
	Recent    []OrderCard
}

// Template implements [Page].
func (Account) Template() string { return "account" }

// Address is an entry of the address book, in the lines it is written in.
type Address struct {
	ID       string
	Name     string
	Phone    string
	Lines    []string
	Default  bool
	Selected bool
}

// EditAddress is the page where an address is entered or changed.
type EditAddress struct {
	Chrome
	// ID is empty for a new one.
	ID      string
	Address AddressForm
}

// Template implements [Page].
func (EditAddress) Template() string { return "address" }

// AddressForm is the form of a postal address.
type AddressForm struct {
	Form
	// Prefix stands before the names of the fields: "address.".
	Prefix    string
	Countries []Choice
	// Regions of the country; a country without a list takes free text.
	Regions []Choice
	// Districts asks for the part of the city, where addresses have one.
	Districts bool
	// Default asks whether to use it from now on; shown where it is offered.
	OfferDefault bool
	Default      bool
}
