package shop_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/member"
	"github.com/soukhq/souk/examples/marketplace/internal/seed"
	"github.com/soukhq/souk/examples/marketplace/internal/shop"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
	"github.com/soukhq/souk/storage/memory"
)

func TestBehindAProxyThatEndsTLS(t *testing.T) {
	t.Parallel()
	h := newHouse(t, memory.New().Stores())
	pictures, err := web.NewPictures("")
	require.NoError(t, err)
	proxies, err := web.ParseProxies("1")
	require.NoError(t, err)
	s, err := shop.New(shop.Config{
		Market: h.market, Merchants: h.stores.Merchants, Clock: h.clock, Pictures: pictures, Secure: true, Proxies: proxies,
		Sessions: web.NewMemorySessions(h.clock), StaffSessions: web.NewMemorySessions(h.clock), Health: web.NewHealth(nil, nil),
	})
	require.NoError(t, err)
	signIn := func(path, email, password, forwarded string) *httptest.ResponseRecorder {
		body := url.Values{"email": {email}, "password": {password}}.Encode()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", forwarded)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		return w
	}

	throttle, err := member.NewThrottle(member.ThrottleConfig{Store: h.stores.SignInAttempts, Clock: h.clock})
	require.NoError(t, err)
	for i := range 100 { // all that an origin has in a window
		require.NoError(t, throttle.Attempt(t.Context(), strconv.Itoa(i), "203.0.113.7"))
	}
	noor, ada := seed.Staff(), seed.Member()
	for path, who := range map[string]seed.Login{"/staff/sign-in": noor, "/en/sign-in": ada} {
		require.Equal(t, http.StatusTooManyRequests, signIn(path, who.Email, who.Password, "203.0.113.7").Code, path)
		w := signIn(path, who.Email, who.Password, "203.0.113.7, 203.0.113.8")
		require.Equal(t, http.StatusSeeOther, w.Code, path)
		require.NotEmpty(t, w.Header().Get("Strict-Transport-Security"))
		cookies := w.Result().Cookies()
		require.Len(t, cookies, 1, path)
		require.True(t, cookies[0].Secure, path)
	}
}
