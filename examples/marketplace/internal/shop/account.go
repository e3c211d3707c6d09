package shop

import (
	"errors"
	"net/http"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
)

func (v *visit) next(in web.Inputs) string { return web.LocalPath(in["next"], v.base+"/account") }

func (v *visit) signInPage(in web.Inputs, form view.Form) view.SignIn {
	p := view.SignIn{Chrome: v.chrome(), Form: form, Next: v.next(in)}
	if v.Demo {
		ada := seed.Member()
		p.Try = &view.Credentials{Email: ada.Email, Password: ada.Password}
	}
	return p
}

func (v *visit) signIn() error {
	in, err := web.ReadQuery(v.r)
	if err != nil {
		return err
	}
	return v.show(v.signInPage(in, view.Form{}))
}

func (v *visit) postSignIn() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	m, err := v.Market.Members.SignIn(v.ctx(), member.SignInInput{
		Email: in["email"], Password: v.r.PostForm.Get("password"), Origin: v.Proxies.Origin(v.r),
	})
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		return v.answer(v.statusOf(err), v.signInPage(in, form))
	}
	return v.begin(m, v.next(in))
}

// begin signs a member in and takes over what the guest had put into carts and
// what the guest has ordered.
func (v *visit) begin(m member.Member, next string) error {
	guest := v.sessions.Guest(v.ctx())
	if err := v.sessions.SignIn(v.ctx(), m.ID, nameOf(m)); err != nil {
		return err
	}
	if err := v.sessions.Put(v.ctx(), keyBegan, v.Clock.Now()); err != nil {
		return err
	}
	if guest != "" {
		merged, err := v.Market.Carts.SignIn(v.ctx(), ref.Member(m.ID), ref.Guest(guest))
		if err != nil {
			return err
		}
		if len(merged) > 0 {
			v.tell(view.Info, "cart.merged", nil)
		}
		adopted, err := v.Market.Checkout.Adopt(v.ctx(), ref.Member(m.ID), ref.Guest(guest))
		if err != nil {
			return err
		}
		if adopted > 0 {
			v.tell(view.Info, "orders.adopted", nil)
		}
		v.sessions.ForgetGuest(v.ctx())
		if err := v.sessions.Put(v.ctx(), keyFormer, guest); err != nil {
			return err
		}
	}
	book, err := v.Market.Members.Addresses(v.ctx(), ref.Member(m.ID), m.ID)
	if err != nil {
		return err
	}
	for _, e := range book.Entries {
		if e.ID == book.Default {
			if err := v.lives(e.Address); err != nil {
				return err
			}
		}
	}
	return v.redirect(next)
}

func nameOf(m member.Member) string {
	if m.Name != "" {
		return m.Name
	}
	return m.Email
}

func (v *visit) signUpPage(in web.Inputs, form view.Form) view.SignUp {
	return view.SignUp{Chrome: v.chrome(), Form: form, Next: v.next(in), MinPassword: member.MinPassword}
}

func (v *visit) signUp() error {
	in, err := web.ReadQuery(v.r)
	if err != nil {
		return err
	}
	return v.show(v.signUpPage(in, view.Form{}))
}

func (v *visit) postSignUp() error {
	in, err := web.ReadForm(v.r)
	if err != nil {
		return err
	}
	m, err := v.Market.Members.Register(v.ctx(), ref.Guest(v.sessions.MustGuest(v.ctx())), member.RegisterInput{
		Email: in["email"], Password: v.r.PostForm.Get("password"), Name: in["name"], Locale: v.channel.Locale,
	})
	if errors.Is(err, fault.AlreadyExists) {
		err = fault.Wrap(err, fault.Invalid, "member.exists", "the e-mail address is taken").WithField("email", "taken", nil)
	}
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		return v.answer(v.statusOf(err), v.signUpPage(in, form))
	}
	return v.begin(m, v.next(in))
}

func (v *visit) postSignOut() error {
	if err := v.sessions.SignOut(v.ctx()); err != nil {
		return err
	}
	v.tell(view.Good, "account.signed_out", nil)
	return v.redirect(v.base + "/")
}

// member returns the id of whoever is signed in; false sends a guest to sign
// in and come back.
func (v *visit) member() (ref.MemberID, bool) { return v.scope.Member(), v.scope.Member() != "" }

func (v *visit) toSignIn() error {
	next := v.base + "/account"
	if v.r.Method == http.MethodGet {
		next = v.r.URL.Path
	}
	return v.redirect(v.base + "/sign-in?next=" + next)
}

func (v *visit) account() error {
	id, ok := v.member()
	if !ok {
		return v.toSignIn()
	}
	m, err := v.Market.Members.Get(v.ctx(), v.scope, id)
	if err != nil {
		return err
	}
	book, err := v.Market.Members.Addresses(v.ctx(), v.scope, id)
	if err != nil {
		return err
	}
	recent, err := v.Market.Orders.List(v.ctx(), v.scope, order.Query{Channel: v.channel.ID}, page.Request{Limit: 3})
	if err != nil {
		return err
	}
	return v.show(view.Account{
		Chrome: v.chrome(), Email: m.Email, Addresses: v.addresses(book, ""), Recent: v.orderCards(recent.Items),
	})
}
