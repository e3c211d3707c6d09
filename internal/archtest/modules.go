package archtest

import (
	"path"
	"strings"
)

// allowance lets a package import a foreign module, for a reason.
type allowance struct{ module, reason string }

// allowances lists, per package, the foreign modules that its code may import.
// L0 to L2 are to stay free of them: what is listed there is listed because
// writing it anew would be worse. An adapter has its own library.
func allowances() map[string][]allowance {
	return map[string][]allowance{
		"commerce/money":    {{"golang.org/x/text", "CLDR number formats and currency names per locale"}},
		"commerce/address":  {{"github.com/nyaruka/phonenumbers", "numbering plans of all countries"}},
		"commerce/validate": {{"github.com/go-playground/validator/v10", "the one place where struct tags are checked"}},
		"commerce/member": {
			{"github.com/alexedwards/argon2id", "password hashes"},
			{"golang.org/x/text", "case folding and normal forms of sign-in names"},
			{"golang.org/x/net/idna", "international domains of mail addresses"},
		},
		"catalog": {{"golang.org/x/text", "slugs from names in any script"}},

		"storage/memory": {{"github.com/tidwall/btree", "ordered indexes with cheap snapshots"}},
		"storage/bunstore": {
			{"github.com/uptrace/bun", "its library"},
			{"github.com/jackc/pgx/v5", "the PostgreSQL driver"},
			{"modernc.org/sqlite", "the SQLite driver, without cgo"},
		},
		"commerce/outbox": {{"github.com/ThreeDotsLabs/watermill", "its library"}},
		"search":          {{"golang.org/x/text", "normal forms, to fold width and accents"}},
		"search/blevesearch": {
			{"github.com/blevesearch/bleve/v2", "its library"},
			{"github.com/blevesearch/bleve_index_api", "the types of its library's index"},
		},
		"search/pgsearch":   {{"github.com/jackc/pgx/v5", "the PostgreSQL driver"}},
		"promo/exprcond":    {{"github.com/expr-lang/expr", "its library"}},
		"payment/stripepay": {{"github.com/stripe/stripe-go/v85", "its library"}},

		"commerce": {{"github.com/ThreeDotsLabs/watermill", "Config takes a publisher for the bridge"}},
	}
}

// testModules are for tests and suites only.
func testModules() []string {
	return []string{
		"testing",
		"github.com/stretchr/testify",
		"pgregory.net/rapid",
		"go.uber.org/goleak",
		"github.com/anishathalye/porcupine",
		"github.com/Shopify/toxiproxy/v2",
		"github.com/nats-io/nats-server/v2",
		"github.com/chromedp/chromedp",
	}
}

// foreign reports whether an import belongs to neither the standard library
// nor this module.
func foreign(target string) bool {
	first, _, _ := strings.Cut(target, "/")
	_, within := Within(target)
	return strings.Contains(first, ".") && !within
}

// checkModules keeps foreign modules where they are listed. The edge and the
// helpers may import any.
func checkModules(t *Tree, report reporter) {
	all, listed := packageMap(), allowances()
	for _, f := range t.Go() {
		p, known := lookup(all, f.Package.Path)
		if !known || p.layer == edge || p.layer == helper || p.layer == suite || f.Test() {
			continue
		}
		for _, spec := range f.AST.Imports {
			target := strings.Trim(spec.Path.Value, `"`)
			if foreign(target) && !covers(allowed(listed, p), target) {
				report(f.Path, f.Line(spec.Pos()), "%q may not import the module of %q", f.Package.Path, target)
			}
		}
	}
}

// allowed returns the modules that a package may import: its own, and for a
// package below an adapter those of the adapter.
func allowed(listed map[string][]allowance, p place) []string {
	var modules []string
	for dir := p.path; ; dir = path.Dir(dir) {
		for _, a := range listed[dir] {
			modules = append(modules, a.module)
		}
		if p.layer != adapter || !strings.Contains(dir, "/") {
			return modules
		}
	}
}

// checkTestOnly keeps the test modules out of what users compile.
func checkTestOnly(t *Tree, report reporter) {
	for _, f := range t.Go() {
		if f.Test() || strings.HasSuffix(f.Package.Path, "test") {
			continue
		}
		for _, spec := range f.AST.Imports {
			target := strings.Trim(spec.Path.Value, `"`)
			if covers(testModules(), target) {
				report(f.Path, f.Line(spec.Pos()), "%q belongs in _test.go files and *test packages", target)
			}
		}
	}
}
