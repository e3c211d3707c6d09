package shop

import (
	"strings"

	"github.com/soukhq/souk/commerce/address"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

// prefix stands before the names of an address form's fields.
const prefix = "address."

// addressForm is the form of an address in the storefront's country, the only
// one it delivers to.
func (v *visit) addressForm(form view.Form, a address.Address) view.AddressForm {
	if form.Values == nil {
		form.Values = valuesOf(a)
	}
	f := view.AddressForm{Form: form, Prefix: prefix, Districts: v.channel.Country == "CN"}
	f.Countries = []view.Choice{{Code: v.channel.Country, Label: v.Renderer.Texts(v.channel.Locale).Country(v.channel.Country), Selected: true}}
	regions := address.Regions(v.channel.Country)
	if len(regions) > 0 {
		f.Regions = []view.Choice{{Label: v.text("form.choose"), Selected: true}}
	}
	for _, r := range regions {
		c := view.Choice{Code: r.Value, Label: r.Name, Selected: r.Value == a.Region}
		if v.channel.Locale == ref.Chinese {
			c.Label = r.Value
		}
		f.Regions = append(f.Regions, c)
	}
	return f
}

func valuesOf(a address.Address) map[string]string {
	if a.IsZero() {
		return nil
	}
	return map[string]string{
		prefix + "name": a.Name, prefix + "phone": a.Phone, prefix + "country": a.Country, prefix + "region": a.Region,
		prefix + "city": a.City, prefix + "district": a.District, prefix + "line1": a.Line1, prefix + "line2": a.Line2,
		prefix + "postal_code": a.PostalCode,
	}
}

// readAddress reads an address in its one written form.
func readAddress(in web.Inputs, wrong *fault.Violations) (address.Address, error) {
	a, err := address.Address{
		Name: in[prefix+"name"], Phone: in[prefix+"phone"], Country: in[prefix+"country"], Region: in[prefix+"region"],
		City: in[prefix+"city"], District: in[prefix+"district"], Line1: in[prefix+"line1"], Line2: in[prefix+"line2"],
		PostalCode: in[prefix+"postal_code"],
	}.Normalize()
	if err != nil && !wrong.Merge(strings.TrimSuffix(prefix, "."), err) {
		return a, err
	}
	return a, nil
}

// lines writes an address as its country's post does, with the country in the
// words of whoever reads it.
func lines(a address.Address, words *web.Texts) []string {
	var out []string
	add := func(parts ...string) {
		var filled []string
		for _, p := range parts {
			if p != "" {
				filled = append(filled, p)
			}
		}
		if len(filled) > 0 {
			out = append(out, strings.Join(filled, " "))
		}
	}
	if a.Country == "CN" {
		add(a.Region+a.City+a.District, a.PostalCode)
		add(a.Line1, a.Line2)
		return out
	}
	add(a.Line1)
	add(a.Line2)
	add(a.City, a.Region, a.PostalCode)
	add(words.Country(a.Country))
	return out
}

func shownAddress(a address.Address, words *web.Texts) view.Address {
	return view.Address{Name: a.Name, Phone: a.Phone, Lines: lines(a, words)}
}

func (v *visit) addresses(b member.Book, selected member.AddressID) []view.Address {
	out, words := make([]view.Address, len(b.Entries)), v.Renderer.Texts(v.channel.Locale)
	for i, e := range b.Entries {
		out[i] = shownAddress(e.Address, words)
		out[i].ID, out[i].Default, out[i].Selected = string(e.ID), e.ID == b.Default, e.ID == selected
	}
	return out
}

func (v *visit) address() error {
	id, ok := v.member()
	if !ok {
		return v.toSignIn()
	}
	entry, err := v.id("id")
	if err != nil {
		return err
	}
	p := view.EditAddress{Chrome: v.chrome()}
	var a address.Address
	if entry != "new" {
		e, err := v.Market.Members.Address(v.ctx(), v.scope, id, member.AddressID(entry))
		if err != nil {
			return err
		}
		p.ID, a = entry, e.Address
	}
	p.Address = v.addressForm(view.Form{}, a)
	p.Address.OfferDefault = true
	return v.show(p)
}

// postAddress adds an entry, or changes the one in the address.
func (v *visit) postAddress() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	id, ok := v.member()
	if !ok {
		return v.toSignIn()
	}
	input := member.AddressInput{Member: id, Default: in[prefix+"default"] == "yes"}
	if v.r.PathValue("id") != "" {
		entry, err := v.id("id")
		if err != nil {
			return err
		}
		if _, err := v.Market.Members.Address(v.ctx(), v.scope, id, member.AddressID(entry)); err != nil {
			return err
		}
		input.ID = member.AddressID(entry)
	}
	var wrong fault.Violations
	if input.Address, err = readAddress(in, &wrong); err != nil {
		return err
	}
	err = wrong.Err("member.invalid", "the address does not fit")
	switch {
	case err != nil:
	case input.ID == "":
		_, err = v.Market.Members.AddAddress(v.ctx(), v.scope, input)
	default:
		_, err = v.Market.Members.ChangeAddress(v.ctx(), v.scope, input)
	}
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		p := view.EditAddress{Chrome: v.chrome(), ID: string(input.ID), Address: v.addressForm(form, address.Address{})}
		p.Address.OfferDefault, p.Address.Default = true, input.Default
		return v.answer(web.StatusOf(err), p)
	}
	v.tell(view.Good, "account.address_saved", nil)
	return v.redirect(v.base + "/account")
}

func (v *visit) postAddressDefault() error {
	return v.withEntry(func(id ref.MemberID, entry member.AddressID) error {
		return v.Market.Members.PreferAddress(v.ctx(), v.scope, id, entry)
	})
}

func (v *visit) postAddressDelete() error {
	return v.withEntry(func(id ref.MemberID, entry member.AddressID) error {
		err := v.Market.Members.RemoveAddress(v.ctx(), v.scope, id, entry)
		if err == nil {
			v.tell(view.Good, "account.address_deleted", nil)
		}
		return err
	})
}

func (v *visit) withEntry(do func(ref.MemberID, member.AddressID) error) error {
	if _, err := web.ReadForm(v.r); err != nil {
		return err
	}
	id, ok := v.member()
	if !ok {
		return v.toSignIn()
	}
	entry, err := v.id("id")
	if err != nil {
		return err
	}
	if err := do(id, member.AddressID(entry)); err != nil {
		return err
	}
	return v.redirect(v.base + "/account")
}
