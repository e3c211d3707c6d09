package shop

import (
	"net/http"
	"strings"

	"github.com/soukhq/souk/commerce/access"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

// routes hangs up every address.
func (s *Shop) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", s.assets)
	mux.Handle("GET /pictures/", s.Pictures)
	mux.HandleFunc("GET /healthz", s.Health.Alive)
	mux.HandleFunc("GET /readyz", s.Health.Ready)
	mux.Handle("GET /{$}", s.fail.Handle(s.choose))
	mux.Handle("/", s.fail.Handle(s.nowhere))
	for _, f := range s.fronts {
		front := http.NewServeMux()
		on := func(pattern string, page func(*visit) error) {
			method, path, _ := strings.Cut(pattern, " ")
			front.Handle(method+" "+f.base+path, s.fail.Handle(f.page(page)))
		}
		f.routes(on)
		front.Handle("/", s.fail.Handle(s.neither(front)))
		mux.Handle(f.base+"/", s.sessions.Load(s.visited(front)))
		mux.Handle("GET "+f.base, http.RedirectHandler(f.base+"/", http.StatusMovedPermanently))
	}
	staff := http.NewServeMux()
	staff.Handle("GET /staff/{$}", s.fail.Handle(s.staffHome))
	staff.Handle("GET /staff/sign-in", s.fail.Handle(s.staffSignIn))
	staff.Handle("POST /staff/sign-in", s.fail.Handle(s.postStaffSignIn))
	staff.Handle("POST /staff/sign-out", s.fail.Handle(s.postStaffSignOut))
	staff.Handle("GET /staff/orders", s.fail.Handle(s.staffOrders))
	staff.Handle("GET /staff/orders/{number}", s.desk((*desk).order, access.OrdersRead))
	staff.Handle("POST /staff/orders/{number}/receipts", s.desk((*desk).postReceipt, access.OrdersRead, access.PaymentsRead, access.PaymentsConfirm))
	staff.Handle("POST /staff/orders/{number}/cancel", s.desk((*desk).postCancel, access.OrdersRead, access.OrdersCancel))
	staff.Handle("POST /staff/orders/{number}/ship", s.desk((*desk).postShip, access.OrdersRead, access.OrdersFulfil))
	staff.Handle("POST /staff/orders/{number}/complete", s.desk((*desk).postComplete, access.OrdersRead, access.OrdersFulfil))
	staff.Handle("POST /staff/orders/{number}/take-back", s.desk((*desk).postTakeBack, access.OrdersRead, access.OrdersFulfil))
	staff.Handle("POST /staff/orders/{number}/paid-back", s.desk((*desk).postPaidBack, access.OrdersRead, access.PaymentsRead, access.PaymentsConfirm))
	staff.Handle("GET /staff/orders/{number}/refunds/{order}", s.desk((*desk).refund, access.OrdersRead, access.PaymentsRefund))
	staff.Handle("POST /staff/orders/{number}/refunds/{order}", s.desk((*desk).postRefund, access.OrdersRead, access.PaymentsRefund))
	s.promotionRoutes(staff)
	s.searchRoutes(staff)
	staff.Handle("GET /staff/recommendations", s.desk((*desk).recommendations, access.ShelvesRead))
	staff.Handle("GET /staff/recommendations/{slot}", s.desk((*desk).shelfForm, access.ShelvesRead, access.ShelvesWrite))
	staff.Handle("POST /staff/recommendations/{slot}", s.desk((*desk).postShelf, access.ShelvesRead, access.ShelvesWrite))
	staff.Handle("/", s.fail.Handle(s.nowhere))
	mux.Handle("/staff/", s.staff.Load(staff))
	if s.Bank != nil {
		mux.Handle("GET /pay", s.fail.Handle(s.bankPage))
		mux.Handle("POST /pay", s.fail.Handle(s.bankDecides))
	}
	return web.Shield(mux, web.ShieldConfig{Log: s.Log, Clock: s.Clock, Fail: s.fail.Fail, Secure: s.Secure})
}

// promotionRoutes hangs up what employees run promotions and coupons with.
func (s *Shop) promotionRoutes(mux *http.ServeMux) {
	read := func(pattern string, page func(*desk) error) {
		mux.Handle(pattern, s.desk(page, access.PromotionsRead))
	}
	write := func(pattern string, page func(*desk) error) {
		mux.Handle(pattern, s.desk(page, access.PromotionsRead, access.PromotionsWrite))
	}
	give := func(pattern string, page func(*desk) error) {
		mux.Handle(pattern, s.desk(page, access.PromotionsRead, access.CouponsIssue))
	}
	read("GET /staff/promotions", (*desk).promotions)
	write("GET /staff/promotions/new", (*desk).newPromotion)
	write("POST /staff/promotions/new", (*desk).postPromotion)
	read("GET /staff/promotions/{id}", (*desk).promotion)
	write("GET /staff/promotions/{id}/edit", (*desk).editPromotion)
	write("POST /staff/promotions/{id}/edit", (*desk).postPromotion)
	write("POST /staff/promotions/{id}/state", (*desk).postPromotionState)

	read("GET /staff/groups", (*desk).groups)
	write("POST /staff/groups", (*desk).postGroup)
	write("POST /staff/groups/{id}", (*desk).postGroup)
	write("POST /staff/groups/{id}/remove", (*desk).postGroupRemove)

	read("GET /staff/coupons", (*desk).couponKinds)
	write("GET /staff/coupons/new", (*desk).newCoupon)
	write("POST /staff/coupons/new", (*desk).postCoupon)
	read("GET /staff/coupons/{id}", (*desk).couponKind)
	write("POST /staff/coupons/{id}/state", (*desk).postCouponState)
	give("POST /staff/coupons/{id}/issue", (*desk).postCouponIssue)
	write("POST /staff/coupons/{id}/codes", (*desk).postCouponCodes)
	write("POST /staff/coupons/{id}/batches/{batch}/void", (*desk).postCouponVoid)
	give("POST /staff/coupons/{id}/coupons/{coupon}/revoke", (*desk).postCouponRevoke)
}

// searchRoutes hangs up what employees look after the search with.
func (s *Shop) searchRoutes(mux *http.ServeMux) {
	read := func(pattern string, page func(*desk) error) {
		mux.Handle(pattern, s.desk(page, access.SearchRead))
	}
	write := func(pattern string, page func(*desk) error) {
		mux.Handle(pattern, s.desk(page, access.SearchRead, access.SearchWrite))
	}
	read("GET /staff/search", (*desk).searchHome)
	read("GET /staff/search/{channel}", (*desk).searchReport)
	read("GET /staff/search/{channel}/synonyms", (*desk).synonyms)
	write("POST /staff/search/{channel}/synonyms", (*desk).postSynonyms)
	read("GET /staff/search/{channel}/rules", (*desk).rules)
	write("GET /staff/search/{channel}/rules/{rule}", (*desk).ruleForm)
	write("POST /staff/search/{channel}/rules/{rule}", (*desk).postRule)
	write("POST /staff/search/{channel}/rules/{rule}/delete", (*desk).postRuleDelete)
}

func (f *front) routes(on func(pattern string, page func(*visit) error)) {
	on("GET /{$}", (*visit).home)
	on("GET /about", (*visit).about)
	on("GET /c/{slug}", (*visit).category)
	on("GET /p/{slug}", (*visit).product)
	on("GET /search", (*visit).search)
	on("GET /search/suggest", (*visit).suggest)

	on("POST /shelves/seen", (*visit).postSeen)
	on("POST /shelves/hide", (*visit).postHide)

	on("GET /cart", (*visit).cart)
	on("POST /cart/lines", (*visit).postCartLines)
	on("POST /cart/lines/{id}", (*visit).postCartLine)

	on("GET /checkout", (*visit).checkout)
	on("GET /checkout/{step}", (*visit).checkoutStep)
	on("POST /checkout/address", (*visit).postCheckoutAddress)
	on("POST /checkout/delivery", (*visit).postCheckoutDelivery)
	on("POST /checkout/payment", (*visit).postCheckoutPayment)
	on("POST /checkout/coupons", (*visit).postCheckoutCoupons)
	on("POST /checkout/gifts", (*visit).postCheckoutGifts)
	on("POST /checkout/place", (*visit).postCheckoutPlace)

	on("GET /orders", (*visit).orders)
	on("GET /orders/{id}", (*visit).order)
	on("POST /orders/{id}/pay", (*visit).postOrderPay)
	on("POST /orders/{id}/cancel", (*visit).postOrderCancel)
	on("POST /orders/{id}/parts/{part}/cancel", (*visit).postOrderCancel)

	on("GET /sign-in", (*visit).signIn)
	on("POST /sign-in", (*visit).postSignIn)
	on("GET /sign-up", (*visit).signUp)
	on("POST /sign-up", (*visit).postSignUp)
	on("POST /sign-out", (*visit).postSignOut)

	on("GET /coupons", (*visit).coupons)
	on("POST /coupons/claim", (*visit).postCouponClaim)
	on("POST /coupons/codes", (*visit).postCouponCode)

	on("GET /account", (*visit).account)
	on("POST /account/addresses", (*visit).postAddress)
	on("GET /account/addresses/{id}", (*visit).address)
	on("POST /account/addresses/{id}", (*visit).postAddress)
	on("POST /account/addresses/{id}/default", (*visit).postAddressDefault)
	on("POST /account/addresses/{id}/delete", (*visit).postAddressDelete)
}

// choose sends a visitor to the storefront in the browser's language.
func (s *Shop) choose(w http.ResponseWriter, r *http.Request) error {
	w.Header().Add("Vary", "Accept-Language")
	http.Redirect(w, r, s.negotiated(r).base+"/", http.StatusSeeOther)
	return nil
}

func (s *Shop) negotiated(r *http.Request) *front {
	locales := make([]ref.Locale, len(s.fronts))
	for i, f := range s.fronts {
		locales[i] = f.channel.Locale
	}
	want := web.Negotiate(r.Header.Get("Accept-Language"), locales)
	for _, f := range s.fronts {
		if f.channel.Locale == want {
			return f
		}
	}
	return s.fronts[0]
}

func (s *Shop) nowhere(http.ResponseWriter, *http.Request) error { return errNowhere() }

func errNowhere() error { return fault.New(fault.NotFound, "web.page", "no such page") }

// neither answers what no page answers: an address that takes another method,
// or none at all.
func (s *Shop) neither(mux *http.ServeMux) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			other := r.Clone(r.Context())
			other.Method = method
			if _, pattern := mux.Handler(other); method != r.Method && pattern != "/" {
				w.Header().Set("Allow", method)
				return fault.New(fault.Invalid, "web.method", "the address takes no such request")
			}
		}
		return errNowhere()
	}
}
