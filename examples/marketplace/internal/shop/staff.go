package shop

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/order"
	"github.com/soukhq/souk/payment"
)

// staffChrome stands around the employees' pages, in the language they chose
// or the browser's.
func (s *Shop) staffChrome(r *http.Request) view.Chrome {
	f := s.negotiated(r)
	var lang string
	if q := r.URL.Query().Get("lang"); q != "" {
		lang = q
	} else {
		s.staff.Get(r.Context(), "lang", &lang)
	}
	for _, o := range s.fronts {
		if string(o.channel.ID) == lang {
			f = o
			if err := s.staff.Put(r.Context(), "lang", lang); err != nil {
				s.Log.WarnContext(r.Context(), "the language is not kept", "error", err)
			}
		}
	}
	c := view.Chrome{Locale: f.channel.Locale, Base: f.base, Path: r.URL.Path, Shop: "Souk", Demo: s.Demo}
	for _, o := range s.fronts {
		c.Shops = append(c.Shops, view.Link{
			Label: o.label, Href: r.URL.Path + "?lang=" + string(o.channel.ID), Lang: string(o.channel.Locale), Current: o == f,
		})
	}
	c.Notices = s.staff.Notices(r.Context())
	return c
}

func (s *Shop) staffSignInPage(r *http.Request, form view.Form) view.StaffSignIn {
	p := view.StaffSignIn{Chrome: s.staffChrome(r), Form: form}
	if s.Demo {
		noor := seed.Staff()
		p.Try = &view.Credentials{Email: noor.Email, Password: noor.Password}
	}
	return p
}

func (s *Shop) staffSignIn(w http.ResponseWriter, r *http.Request) error {
	return s.Renderer.Page(w, http.StatusOK, s.staffSignInPage(r, view.Form{}))
}

func (s *Shop) postStaffSignIn(w http.ResponseWriter, r *http.Request) error {
	in, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	employee, err := s.Market.Staff.Authenticate(r.Context(), access.AuthenticateInput{
		Login: in["email"], Password: r.PostForm.Get("password"), Origin: s.Proxies.Origin(r),
	})
	if err != nil {
		form, ok := in.Form(err)
		if !ok {
			return err
		}
		web.RetryAfter(w.Header(), err)
		return s.Renderer.Page(w, web.StatusOf(err), s.staffSignInPage(r, form))
	}
	if err := s.staff.SignInStaff(r.Context(), employee.ID, employee.Name); err != nil {
		return err
	}
	if err := s.staff.Put(r.Context(), keyBegan, s.Clock.Now()); err != nil {
		return err
	}
	return web.Redirect(w, r, s.firstPage(employee))
}

func (s *Shop) postStaffSignOut(w http.ResponseWriter, r *http.Request) error {
	if err := s.staff.SignOut(r.Context()); err != nil {
		return err
	}
	return web.Redirect(w, r, "/staff/sign-in")
}

// staffHome leads to the first page that an employee may open.
func (s *Shop) staffHome(w http.ResponseWriter, r *http.Request) error {
	id := s.staff.Staff(r.Context())
	if id == "" {
		return web.Redirect(w, r, "/staff/sign-in")
	}
	employee, err := s.Market.Staff.Get(r.Context(), ref.Staff(id), id)
	if err != nil {
		return err
	}
	return web.Redirect(w, r, s.firstPage(employee))
}

// opensOrders reports whether an employee sends parcels or looks after their
// payment: orders say who bought what and where it goes.
func opensOrders(who access.Staff) bool {
	return who.Can(access.OrdersRead) && (who.Can(access.OrdersFulfil) || who.Can(access.PaymentsRead))
}

// handlesOrders refuses an employee who is not to open orders.
func (s *Shop) handlesOrders(ctx context.Context, who access.Staff) error {
	if opensOrders(who) {
		return nil
	}
	_, err := s.Market.Staff.Require(ctx, ref.Staff(who.ID), access.PaymentsRead)
	return err
}

// clerk returns the employee who is signed in and may do all of what is asked.
// Unauthenticated where nobody is, or a session that is over.
func (s *Shop) clerk(ctx context.Context, may ...access.Permission) (access.Staff, ref.Scope, error) {
	none := fault.New(fault.Unauthenticated, "staff.session", "nobody is signed in")
	id := s.staff.Staff(ctx)
	if id == "" {
		return access.Staff{}, ref.Scope{}, none
	}
	scope := ref.Staff(id)
	var employee access.Staff
	for _, p := range may {
		var err error
		if employee, err = s.Market.Staff.Require(ctx, scope, p); err != nil {
			return access.Staff{}, ref.Scope{}, err
		}
	}
	var began time.Time
	if !s.staff.Get(ctx, keyBegan, &began) || employee.SessionOver(began) {
		return access.Staff{}, ref.Scope{}, none
	}
	return employee, scope, nil
}

func (s *Shop) staffOrders(w http.ResponseWriter, r *http.Request) error {
	employee, scope, err := s.clerk(r.Context(), access.OrdersRead)
	if errors.Is(err, fault.Unauthenticated) {
		return web.Redirect(w, r, "/staff/sign-in")
	}
	if err == nil {
		err = s.handlesOrders(r.Context(), employee)
	}
	if err != nil {
		return err
	}
	in, err := web.ReadQuery(r)
	if err != nil {
		return err
	}
	p := view.StaffOrders{Chrome: s.deskChrome(r, employee, "orders"), Staff: employee.Name, Number: in["number"]}
	q := s.staffQuery(&p, in)
	orders, next, err := s.staffFind(r.Context(), scope, q, in)
	if err != nil {
		return fromTheStart(w, r, err)
	}
	if p.Rows, err = s.staffRows(r.Context(), employee, p.Locale, orders); err != nil {
		return err
	}
	p.Next, p.Start = pager(r.URL, string(next))
	if in["number"]+in["channel"]+in["state"]+in["payment"] != "" {
		p.Clear = "/staff/orders"
	}
	w.Header().Add("Vary", "HX-Request")
	if web.Wants(r) {
		return s.Renderer.Fragment(w, http.StatusOK, p, "staff_results")
	}
	return s.Renderer.Page(w, http.StatusOK, p)
}

// staffQuery reads the filters and offers them again. What is on no list
// filters nothing.
func (s *Shop) staffQuery(p *view.StaffOrders, in web.Inputs) order.Query {
	var q order.Query
	words := s.Renderer.Texts(p.Locale)
	choices := func(name string, codes []string, label func(string) string) ([]view.Choice, string) {
		out := []view.Choice{{Label: words.Text("filter.any", nil), Selected: !slices.Contains(codes, in[name])}}
		chosen := ""
		for _, c := range codes {
			out = append(out, view.Choice{Code: c, Label: label(c), Selected: c == in[name]})
			if c == in[name] {
				chosen = c
			}
		}
		return out, chosen
	}
	var channels, states, payments []string
	for _, f := range s.fronts {
		channels = append(channels, string(f.channel.ID))
	}
	for _, st := range order.States() {
		states = append(states, string(st))
	}
	for _, st := range order.PaymentStates() {
		payments = append(payments, string(st))
	}
	var channel, state, paid string
	p.Channels, channel = choices("channel", channels, s.frontName)
	p.States, state = choices("state", states, func(c string) string { return words.Text("state."+c, nil) })
	p.Payments, paid = choices("payment", payments, func(c string) string { return words.Text("payment."+c, nil) })
	q.Channel, q.State, q.Payment = ref.ChannelID(channel), order.State(state), order.PaymentState(paid)
	return q
}

func (s *Shop) frontName(channel string) string {
	for _, f := range s.fronts {
		if string(f.channel.ID) == channel {
			return f.name
		}
	}
	return channel
}

// staffFind returns the orders of a number, or a page of all.
func (s *Shop) staffFind(ctx context.Context, scope ref.Scope, q order.Query, in web.Inputs) ([]order.Order, page.Cursor, error) {
	if in["number"] == "" {
		list, err := s.Market.Orders.List(ctx, scope, q, page.Request{After: page.Cursor(in["after"]), Limit: 50})
		return list.Items, list.Next, err
	}
	g, err := s.Market.Orders.Find(ctx, scope, in["number"])
	if errors.Is(err, fault.NotFound) {
		return nil, "", nil
	}
	return slices.DeleteFunc(g.Orders, func(o order.Order) bool { return !q.Matches(&o) }), "", err
}

// intents returns how the groups of orders are paid, in one question.
func (s *Shop) intents(ctx context.Context, scope ref.Scope, orders []order.Order) (map[ref.GroupID]payment.Intent, error) {
	groups := make([]ref.GroupID, 0, len(orders))
	for i := range orders {
		if !slices.Contains(groups, orders[i].Group) {
			groups = append(groups, orders[i].Group)
		}
	}
	list, err := s.Market.Payments.List(ctx, scope, payment.Query{Groups: groups}, page.Request{Limit: page.MaxLimit})
	if err != nil {
		return nil, err
	}
	out := make(map[ref.GroupID]payment.Intent, len(groups))
	for _, in := range list.Items { // the newest first
		if _, newer := out[in.Group]; !newer {
			out[in.Group] = in
		}
	}
	return out, nil
}

// staffRows shows orders to an employee; how each is paid only to one who may
// read payments.
func (s *Shop) staffRows(ctx context.Context, who access.Staff, locale ref.Locale, orders []order.Order) ([]view.StaffRow, error) {
	scope := ref.Staff(who.ID)
	var members []ref.MemberID
	var merchants []ref.MerchantID
	for i := range orders {
		if id := orders[i].Member; id != "" && !slices.Contains(members, id) {
			members = append(members, id)
		}
		merchants = append(merchants, orders[i].Merchant)
	}
	names, err := s.fronts[0].names(ctx, merchants...)
	for _, f := range s.fronts {
		if f.channel.Locale == locale && err == nil {
			names, err = f.names(ctx, merchants...)
		}
	}
	if err != nil {
		return nil, err
	}
	people, err := s.Market.Members.GetMany(ctx, scope, members)
	if err != nil {
		return nil, err
	}
	var intents map[ref.GroupID]payment.Intent
	if who.Can(access.PaymentsRead) {
		if intents, err = s.intents(ctx, scope, orders); err != nil {
			return nil, err
		}
	}
	buyers := map[ref.MemberID]string{}
	for _, m := range people {
		buyers[m.ID] = nameOf(m)
	}
	rows := make([]view.StaffRow, len(orders))
	for i := range orders {
		o := &orders[i]
		rows[i] = view.StaffRow{
			Number: o.Number, Group: strings.TrimSuffix(o.Number, "-"+strconv.Itoa(o.Place+1)), PlacedAt: o.PlacedAt,
			Channel: s.frontName(string(o.Channel)), Merchant: names[o.Merchant], Buyer: buyers[o.Member], Total: o.Total,
			State: string(o.State), Payment: string(o.Payment),
		}
		rows[i].Href = "/staff/orders/" + rows[i].Group
		if in, ok := intents[o.Group]; ok {
			rows[i].Attempts = len(in.Attempts)
			if last, tried := in.Last(); tried {
				rows[i].Method = "method." + last.Gateway
				rows[i].Confirm = s.waiting(in) != nil
			}
		}
		if o.Member != "" && rows[i].Buyer == "" {
			rows[i].Buyer = string(o.Member)
		}
		for j := range o.Lines {
			rows[i].Pieces += int64(o.Lines[j].Quantity)
		}
	}
	return rows, nil
}
