package order

import "net/http"

var fixture = 1

func set(t *http.Transport) {
	http.DefaultTransport = t
	t.MaxIdleConns = 1
}
