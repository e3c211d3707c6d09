package archtest

import (
	"path"
	"strings"
)

// layer is where a package stands. A higher one may import a lower one as far
// as [mayImport] says.
type layer int

const (
	kernel  layer = iota // L0: vocabulary
	domain               // L1: one subdomain, knows no other tree
	cross                // L2: built over several domains
	ports                // storage: the struct of store ports
	adapter              // L3: one foreign library behind a port
	facade               // L4: commerce itself
	edge                 // L5: HTTP API and examples
	suite                // conformance suites of the ports
	helper               // internal: tests and tools
)

func (l layer) String() string {
	return [...]string{
		"L0 kernel", "L1 domain", "L2", "storage", "L3 adapter", "L4 facade", "L5", "suite", "internal",
	}[l]
}

// place is a package's entry in the map.
type place struct {
	path  string
	layer layer
	rank  int // in the kernel: of a package's own rank or lower is importable
}

// topFolders are the folders that may stand at the root.
func topFolders() []string {
	return []string{
		"commerce", "catalog", "order", "payment", "promo", "search", "recommend", "storage", "examples",
		"docs", "internal",
	}
}

// packageMap is the map of the whole module, built or still to be built.
func packageMap() map[string]place {
	all := map[string]place{}
	put := func(l layer, rank int, prefix string, names ...string) {
		for _, name := range names {
			p := path.Join(prefix, name)
			all[p] = place{p, l, rank}
		}
	}
	put(kernel, 0, "commerce", "fault")
	put(kernel, 1, "commerce", "money", "uid", "clock", "ref", "address")
	put(kernel, 2, "commerce", "event", "uow", "page", "actor", "validate")

	put(domain, 0, "commerce", "member", "merchant", "access", "content", "notify", "service", "risk", "ops")
	put(domain, 0, "catalog", "", "pricing", "media", "review", "inventory")
	put(domain, 0, "order", "", "cart", "shipping", "returns", "invoice")
	put(domain, 0, "payment", "", "ledger", "wallet")
	put(domain, 0, "promo", "", "campaign", "coupon", "points", "flashsale", "groupbuy", "lottery")
	put(domain, 0, "search", "")
	put(domain, 0, "recommend", "", "cf", "experiment")

	put(cross, 0, "commerce", "crm", "report", "audit")
	put(cross, 0, "catalog", "listing", "warehouse", "purchasing")
	put(cross, 0, "order", "checkout")
	put(cross, 0, "payment", "settlement", "reconcile")
	put(cross, 0, "promo", "redemption", "ads", "affiliate")
	put(cross, 0, "search", "indexing")
	put(cross, 0, "recommend", "feed", "shelf")

	put(ports, 0, "storage", "")

	put(adapter, 0, "storage", "memory", "bunstore", "cache", "lock", "blob")
	put(adapter, 0, "commerce", "outbox")
	put(adapter, 0, "payment", "fakepay", "offlinepay", "stripepay", "alipay", "wechatpay")
	put(adapter, 0, "promo", "exprcond")
	put(adapter, 0, "recommend", "engine")
	put(adapter, 0, "search", "blevesearch", "pgsearch")

	put(facade, 0, "commerce", "")
	put(edge, 0, "commerce", "rest")
	put(suite, 0, "", "storage/storagetest", "payment/paymenttest", "search/searchtest", "recommend/recommendtest")
	return all
}

// defaults are the adapters that the facade plugs in by itself.
func defaults() []string {
	return []string{
		"storage/memory", "commerce/outbox", "search/blevesearch", "payment/fakepay", "promo/exprcond", "recommend/engine",
	}
}

// lookup returns the place of a package. Adapters, suites and the edge may
// have packages below them; elsewhere only internal ones belong to their
// parent.
func lookup(all map[string]place, pkg string) (place, bool) {
	if below(pkg, "internal") {
		return place{pkg, helper, 0}, true
	}
	if below(pkg, "examples") {
		return place{pkg, edge, 0}, true
	}
	for dir := pkg; ; dir = path.Dir(dir) {
		p, listed := all[dir]
		switch {
		case listed && dir == pkg:
			return p, true
		case listed && (p.layer == adapter || p.layer == suite || p.layer == edge),
			listed && strings.HasPrefix(pkg, dir+"/internal/"):
			return place{pkg, p.layer, p.rank}, true
		case listed || !strings.Contains(dir, "/"):
			return place{}, false
		}
	}
}

// mayImport reports whether code that is no test may import to from from.
func mayImport(from, to place) bool {
	family := below(to.path, from.path) && (from.layer == adapter || from.layer == edge || from.layer == suite ||
		strings.HasPrefix(to.path, from.path+"/internal/"))
	switch {
	case below(to.path, "examples"):
		return below(from.path, "examples") && exampleOf(from.path) == exampleOf(to.path)
	case family:
		return true
	}
	lower := to.layer == kernel || to.layer == domain || to.layer == cross
	switch from.layer {
	case kernel:
		return to.layer == kernel && to.rank <= from.rank
	case domain:
		return to.layer == kernel || to.layer == domain && (below(from.path, to.path) ||
			from.path == "payment/wallet" && to.path == "payment/ledger")
	case cross:
		return to.layer == kernel || to.layer == domain ||
			from.path == "promo/redemption" && to.path == "order/checkout" || // whose port it implements
			(from.path == "search/indexing" || from.path == "recommend/feed") && to.path == "catalog/listing" // whose rows and events they copy
	case ports:
		return lower
	case adapter:
		return lower || to.layer == ports || to.layer == adapter && below(from.path, to.path)
	case facade:
		return lower || to.layer == ports || covers(defaults(), to.path)
	case suite:
		return lower || to.layer == ports || to.layer == suite || to.layer == helper
	case edge, helper:
		return true
	}
	return false
}

// exampleOf returns the example that a package below examples belongs to.
func exampleOf(pkg string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(pkg, "examples/"), "/")
	return name
}

func checkFolders(t *Tree, report reporter) {
	for _, folder := range t.Folders {
		if !covers(topFolders(), folder) {
			report(folder, 0, "is no top-level folder of the design")
		}
	}
}

func checkLayers(t *Tree, report reporter) {
	all := packageMap()
	for _, pkg := range t.Packages {
		from, known := lookup(all, pkg.Path)
		if !known {
			report(pkg.Files[0].Path, 0, "package %q is not in the package map", pkg.Path)
			continue
		}
		for _, f := range pkg.Files {
			for _, spec := range f.AST.Imports {
				target, within := Within(strings.Trim(spec.Path.Value, `"`))
				if !within {
					continue
				}
				line := f.Line(spec.Pos())
				to, known := lookup(all, target)
				switch {
				case !known:
					report(f.Path, line, "imports %q, which is not in the package map", target)
				case f.Test() && !below(target, "examples"):
					// A test may use any adapter; the compiler sees to cycles.
				case !mayImport(from, to):
					report(f.Path, line, "%s %q may not import %s %q", from.layer, pkg.Path, to.layer, target)
				}
			}
		}
	}
}
