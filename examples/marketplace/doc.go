// Command marketplace is the reference marketplace of Souk: a shop in English
// and one in Chinese, with guests and members, several merchants per cart, and
// a page for employees.
//
//	go run ./examples/marketplace            # SQLite in .souk, filled with the demo
//	go run ./examples/marketplace --memory   # nothing is kept
//	DATABASE_URL=postgres://... go run ./examples/marketplace --demo
//
// A shop that is no demo begins without goods and without employees. The first
// one is hired by a flag, which changes nothing where the login is there:
//
//	STAFF_PASSWORD=... DATABASE_URL=... BANK_HOLDER=... BANK_ACCOUNT=... \
//		go run ./examples/marketplace --hire you@example.com
//
// The demo's passwords are published: do not let others reach it.
//
// Behind a proxy that ends TLS, say so: --secure marks the cookies Secure and
// sends Strict-Transport-Security, --trusted-proxy 1 (or the proxies' networks,
// such as 10.0.0.0/8) lets X-Forwarded-For tell whose sign-ins are counted.
// Without it everybody behind the proxy shares one budget, and a header that
// visitors write themselves is never believed.
package main
