package view

import (
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

// Page is a view that fills a whole page.
type Page interface {
	// Template names the file that shows the page, without its ending.
	Template() string
	// Language is the locale its texts are in.
	Language() ref.Locale
}

// Chrome is what stands around the contents of every page.
type Chrome struct {
	Locale ref.Locale
	// Base is the root of the shop the page belongs to, such as "/en".
	Base string
	// Path is the address of the page itself, for coming back to it.
	Path string
	Shop string
	// Menu are the departments; Shops the same marketplace in other languages.
	Menu  []Link
	Shops []Link
	// Search is where the box in the head leads, empty without a search; Query
	// is what stands in it.
	Search string
	Query  string
	// Member is the name of whoever is signed in, empty for a guest.
	Member string
	// Pieces is what lies in the cart.
	Pieces  int64
	Notices []Notice
	// New is set where the browser has no session yet, and Unseen is the product
	// of the page then: the browser is asked to say that it looks at it.
	New    bool
	Unseen string
	// Demo shows the line that says nothing is charged or sent.
	Demo bool
}

// Language implements [Page] for every view that has a chrome.
func (c Chrome) Language() ref.Locale { return c.Locale }

// Link is a place to go to.
type Link struct {
	Label   string
	Href    string
	Lang    string // of the label, where it is not the page's
	Current bool
}

// Tone says how a notice is meant.
type Tone string

// The tones of a notice.
const (
	Good Tone = "good"
	Info Tone = "info"
	Warn Tone = "warn"
	Bad  Tone = "bad"
)

// Notice is a line that is shown once, after something was done.
type Notice struct {
	Tone Tone
	// Key names the text, Params fill it.
	Key    string
	Params fault.Params
}

// Pair is a name with its value.
type Pair struct{ Name, Value string }

// Choice is one entry of a list to choose from.
type Choice struct {
	Code     string
	Label    string
	Selected bool
}

// Form is what was typed and what is wrong with it.
type Form struct {
	Values map[string]string
	Faults []fault.Field
	// Fault is what is wrong with the form as a whole, nil for nothing.
	Fault *fault.Fault
}

// Value returns what was typed into a field.
func (f Form) Value(path string) string { return f.Values[path] }

// Wrong returns what is wrong with a field, nil for nothing.
func (f Form) Wrong(path string) *fault.Field {
	for i := range f.Faults {
		if f.Faults[i].Path == path {
			return &f.Faults[i]
		}
	}
	return nil
}

// Failed reports whether anything is wrong.
func (f Form) Failed() bool { return len(f.Faults) > 0 || f.Fault != nil }

// Credentials are shown on the sign-in pages of a demo.
type Credentials struct{ Email, Password string }
