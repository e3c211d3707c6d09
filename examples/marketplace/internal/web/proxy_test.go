package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/examples/marketplace/internal/web"
)

func TestOriginBehindProxies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, proxies, peer string
		forwarded           []string
		want                string
	}{
		{"nobody is believed", "", "192.0.2.1:4000", []string{"203.0.113.9"}, "192.0.2.1"},
		{"zero hops are none", "0", "192.0.2.1:4000", []string{"203.0.113.9"}, "192.0.2.1"},
		{"one hop", "1", "10.0.0.1:4000", []string{"203.0.113.9"}, "203.0.113.9"},
		{"one hop, and what the visitor made up", "1", "10.0.0.1:4000", []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
		{"two hops in two lines", "2", "10.0.0.1:4000", []string{"198.51.100.1", "203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"fewer than the hops", "2", "10.0.0.1:4000", []string{"203.0.113.9"}, "10.0.0.1"},
		{"no header", "1", "10.0.0.1:4000", nil, "10.0.0.1"},
		{"no address", "1", "10.0.0.1:4000", []string{"unknown"}, "10.0.0.1"},
		{"a known network", "10.0.0.0/8", "10.0.0.1:4000", []string{"198.51.100.1, 203.0.113.9, 10.7.7.7"}, "203.0.113.9"},
		{"another network", "10.0.0.0/8", "192.0.2.1:4000", []string{"203.0.113.9"}, "192.0.2.1"},
		{"a list", "10.0.0.0/8, 192.0.2.1", "192.0.2.1:4000", []string{"203.0.113.9, 10.0.0.3"}, "203.0.113.9"},
		{"only known ones", "10.0.0.0/8", "10.0.0.1:4000", []string{"10.0.0.2, 10.0.0.3"}, "10.0.0.2"},
		{"nonsense ends the row", "10.0.0.0/8", "10.0.0.1:4000", []string{"203.0.113.9, ?, 10.0.0.3"}, "10.0.0.3"},
		{"ports and brackets", "1", "[fd00::1]:4000", []string{"[2001:DB8::0:7]:91"}, "2001:db8::7"},
		{"a mapped address", "10.0.0.0/8", "[::ffff:10.0.0.1]:4000", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"no peer", "1", "@", []string{"203.0.113.9"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := web.ParseProxies(c.proxies)
			require.NoError(t, err)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr = c.peer
			r.Header["X-Forwarded-For"] = c.forwarded
			require.Equal(t, c.want, p.Origin(r))
		})
	}
	for _, bad := range []string{"-1", "17", "10.0.0.0/99", "proxy", "10.0.0.1,"} {
		_, err := web.ParseProxies(bad)
		require.Error(t, err, bad)
	}
}
