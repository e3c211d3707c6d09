package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheFirstEmployee(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	environ := func(password string) map[string]string {
		return map[string]string{
			"DATABASE_URL": "sqlite:" + filepath.Join(folder, "shop.db"), "BANK_HOLDER": "Souk", "BANK_ACCOUNT": "1", "STAFF_PASSWORD": password,
		}
	}
	args := []string{"--addr", "127.0.0.1:0", "--data", folder, "--hire"}
	fails := func(text, email, password, stdin string) {
		t.Helper()
		err := run(t.Context(), append(args, email), environ(password), strings.NewReader(stdin), io.Discard, io.Discard)
		require.Error(t, err)
		require.Contains(t, explain(err), text)
	}
	fails("no e-mail address", "amal", "seven camels at dawn", "")
	fails("STAFF_PASSWORD", "amal@souk.example", "", "\n")
	fails("password: too_short", "amal@souk.example", "camel", "")
	fails("password: ", "amal@souk.example", "", "password1\n")

	signsIn := func(address, password string) bool {
		t.Helper()
		body := strings.NewReader(url.Values{"email": {"Amal@souk.example"}, "password": {password}}.Encode())
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/staff/sign-in", body)
		require.NoError(t, err)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := http.DefaultTransport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode == http.StatusSeeOther
	}
	address, stop := start(t, environ("seven camels at dawn"), "--data", folder, "--hire", "Amal@Souk.example")
	require.True(t, signsIn(address, "seven camels at dawn"))
	stop()
	// Again, with another password and with none: nothing changes.
	for _, password := range []string{"eight camels at dusk", ""} {
		address, stop = start(t, environ(password), "--data", folder, "--hire", "amal@souk.example")
		require.True(t, signsIn(address, "seven camels at dawn"))
		require.False(t, signsIn(address, "eight camels at dusk"))
		stop()
	}
}

func TestAPasswordFromTheStandardInput(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"seven camels\r\nmore": "seven camels", "no end": "no end", "": "", " kept \n": " kept "} {
		got, err := firstLine(strings.NewReader(in))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestADemoThatOthersReachIsWarnedOf(t *testing.T) {
	t.Parallel()
	for addr, warned := range map[string]bool{"127.0.0.1": false, "::1": false, "0.0.0.0": true, "::": true, "192.0.2.1": true} {
		var log bytes.Buffer
		warnOfDemo(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), &net.TCPAddr{IP: net.ParseIP(addr), Port: 1})
		require.Equal(t, warned, strings.Contains(log.String(), "passwords are published"), addr)
	}
}
