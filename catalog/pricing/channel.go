package pricing

import (
	"strconv"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/ref"
)

// Channel is a sales channel: a storefront, an app, a country's shop. It
// sells in one currency. Channels are configuration, not data. All fields but
// Name and TaxInclusive are required.
type Channel struct {
	ID       ref.ChannelID
	Name     string // for people
	Currency money.Currency
	// Locale is the language of a buyer who named none.
	Locale ref.Locale
	// Country is where it sells from, ISO 3166-1 alpha-2: the tax of a sale
	// whose destination is not known.
	Country string
	// TaxInclusive says that prices contain the tax, as consumers' prices in
	// most countries do; otherwise the tax is added.
	TaxInclusive bool
}

// Validate reports every wrong field. Kinds: Invalid.
func (c Channel) Validate() error {
	var v fault.Violations
	if !ref.ValidID(string(c.ID)) {
		v.Add("id", "malformed", nil)
	}
	if !ref.PlainText(c.Name) {
		v.Add("name", "text", nil)
	}
	for _, f := range []struct {
		path, value string
		known       bool
	}{
		{"currency", string(c.Currency), c.Currency.Valid()},
		{"locale", string(c.Locale), c.Locale.Valid()},
		{"country", c.Country, address.KnownCountry(c.Country)},
	} {
		switch {
		case f.value == "":
			v.Add(f.path, "required", nil)
		case !f.known:
			v.Add(f.path, "unknown", nil)
		}
	}
	return v.Err("pricing.channel_invalid", "the channel is not valid")
}

// Channels finds channels by id.
type Channels map[ref.ChannelID]Channel

// NewChannels returns the channels by id, or every violation by its place in
// list. Kinds: Invalid.
func NewChannels(list []Channel) (Channels, error) {
	out := make(Channels, len(list))
	var v fault.Violations
	for i, c := range list {
		path := "[" + strconv.Itoa(i) + "]"
		v.Merge(path, c.Validate())
		if _, twice := out[c.ID]; twice {
			v.Add(path+".id", "duplicate", nil)
		}
		out[c.ID] = c
	}
	if err := v.Err("pricing.channels_invalid", "the channels are not valid"); err != nil {
		return nil, err
	}
	return out, nil
}

// Find returns a channel. Kinds: NotFound.
func (c Channels) Find(id ref.ChannelID) (Channel, error) {
	ch, ok := c[id]
	if !ok {
		return Channel{}, fault.New(fault.NotFound, "pricing.no_channel", "no such channel").With("channel", string(id))
	}
	return ch, nil
}
