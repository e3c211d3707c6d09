package web_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

func TestLocalPathsOnly(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"/en/cart", "/en/p/x?colour=red", "/zh/"} {
		require.Equal(t, good, web.LocalPath(good, "/en/"))
	}
	for _, bad := range []string{"", "en/", "//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/en/\r\nSet-Cookie: a=b", "/\t/evil.example", "http:/x"} {
		require.Equal(t, "/en/", web.LocalPath(bad, "/en/"), bad)
	}
}

func TestNegotiate(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]ref.Locale{
		"": ref.English, "zh": ref.Chinese, "zh-TW,zh;q=0.9,en;q=0.8": ref.Chinese, "de-DE,de;q=0.9": ref.English,
		"fr, en;q=0.5, zh;q=0.4": ref.English, "en-GB": ref.English, ";;;": ref.English,
	} {
		require.Equal(t, want, web.Negotiate(accept, web.Locales()), accept)
	}
}

func TestRedirectsReachHtmxToo(t *testing.T) {
	t.Parallel()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
	rec := httptest.NewRecorder()
	require.NoError(t, web.Redirect(rec, req, "/en/cart"))
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, "/en/cart", rec.Header().Get("Location"))

	req.Header.Set("HX-Request", "true")
	rec = httptest.NewRecorder()
	require.NoError(t, web.Redirect(rec, req, "/en/cart"))
	require.Equal(t, http.StatusNoContent, rec.Code)
	require.Equal(t, "/en/cart", rec.Header().Get("HX-Redirect"))
}

func TestInputsBecomeForms(t *testing.T) {
	t.Parallel()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader("name=+Ada+&quantity=2&many=x1"))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	in, err := web.ReadForm(req)
	require.NoError(t, err)
	require.Equal(t, "Ada", in["name"])

	var wrong fault.Violations
	require.Equal(t, ref.Quantity(2), in.Quantity("quantity", &wrong))
	require.NoError(t, wrong.Err("a.b", "m"))
	for _, name := range []string{"many", "missing"} {
		require.Zero(t, in.Quantity(name, &wrong))
	}
	form, ok := in.Form(wrong.Err("a.b", "m"))
	require.True(t, ok)
	require.NotNil(t, form.Wrong("many"))
	require.Nil(t, form.Wrong("quantity"))
	require.Equal(t, "Ada", form.Value("name"))

	form, ok = in.Form(fault.New(fault.Exhausted, "inventory.exhausted", "m"))
	require.True(t, ok)
	require.Equal(t, "inventory.exhausted", form.Fault.Code)
	for _, err := range []error{errors.New("plain"), fault.New(fault.NotFound, "a.b", "m"), fault.New(fault.Internal, "a.b", "m")} {
		_, ok = in.Form(err)
		require.False(t, ok, "%v needs a page of its own", err)
	}

	_, err = web.ReadQuery(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/?sort=%zz", nil))
	require.ErrorIs(t, err, fault.Invalid)
}
