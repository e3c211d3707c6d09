package shop

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/view"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// The page of the fake bank. It belongs to the bank, not to the shop: it knows
// the payment's number and nothing of sessions, and tells the shop by a signed
// notice.

// PayPage is where the bank's page stands; see fakepay.Config.
const PayPage = "/pay"

// billed is a payment with the storefront that it is for.
func (s *Shop) billed(r *http.Request) (fakepay.Payment, *front, error) {
	number := r.URL.Query().Get("number")
	if !ref.ValidID(number) {
		return fakepay.Payment{}, nil, errNowhere()
	}
	p, err := s.Bank.Find(number)
	if err != nil {
		return p, nil, err
	}
	for _, f := range s.fronts {
		if strings.HasPrefix(p.ReturnURL, f.base+"/") {
			return p, f, nil
		}
	}
	return p, nil, errNowhere()
}

func (s *Shop) bankPage(w http.ResponseWriter, r *http.Request) error {
	p, f, err := s.billed(r)
	if err != nil {
		return err
	}
	page := view.Pay{
		Chrome: f.bareChrome(r), Number: p.Number, Amount: p.Amount, Back: p.ReturnURL,
		Action: PayPage + "?" + url.Values{"number": {p.Number}}.Encode(), Open: p.State == payment.AttemptActionRequired,
	}
	for _, other := range s.Bank.Returning(p.ReturnURL) {
		if other.State == payment.AttemptDeclined {
			page.Tries++
		}
	}
	return s.Renderer.Page(w, http.StatusOK, page)
}

func (s *Shop) bankDecides(w http.ResponseWriter, r *http.Request) error {
	in, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	p, _, err := s.billed(r)
	if err != nil {
		return err
	}
	switch in["outcome"] {
	case "approve":
		err = s.Bank.Approve(r.Context(), p.Number)
	case "decline":
		err = s.Bank.Decline(r.Context(), p.Number)
	case "silence": // nobody ever decides
		return web.Redirect(w, r, p.ReturnURL)
	default:
		return fault.New(fault.Invalid, "pay.outcome", "the bank does not know this answer").WithField("outcome", "unknown", nil)
	}
	if err != nil {
		return err
	}
	s.deliver(r.Context())
	return web.Redirect(w, r, p.ReturnURL)
}

// deliver sends the bank's notices to the shop. One that does not get through
// is not lost: the shop asks by itself.
func (s *Shop) deliver(ctx context.Context) {
	code := s.Bank.Caps().Code
	_, err := s.Bank.Deliver(ctx, func(ctx context.Context, raw payment.RawRequest) (payment.Reply, error) {
		return s.Market.Payments.Notify(ctx, code, raw)
	})
	if err != nil {
		s.Log.WarnContext(ctx, "a notice of the bank did not get through", "request", web.RequestID(ctx), "error", err)
	}
}
