package faultpoint_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asked returns the optional powers that the module's code asks for by
// As[power](port), written as there, below a folder of the module.
func asked(t *testing.T, folder string, as ...string) []string {
	t.Helper()
	found := map[string]bool{}
	fset := token.NewFileSet()
	err := filepath.WalkDir(filepath.Join("..", "..", folder), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if x, ok := n.(*ast.IndexExpr); ok && slices.Contains(as, written(x.X)) {
				found[written(x.Index)] = true
			}
			return true
		})
		return nil
	})
	require.NoError(t, err)
	return slices.Sorted(maps.Keys(found))
}

func written(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return written(e.X) + "." + e.Sel.Name
	}
	return ""
}

// TestEveryPowerIsKnown finds the optional powers of gateways and stores in the
// code that asks for them: calls through a power that nobody here knows of
// would pass no points.
func TestEveryPowerIsKnown(t *testing.T) {
	t.Parallel()
	powers := asked(t, "payment", "As")
	powers = slices.DeleteFunc(powers, func(p string) bool { return p == "P" || p == "T" })
	require.Equal(t, []string{"Capturer", "Notifier", "Refunder"}, powers, "faultpoint.Full has all of them")

	var outside []string
	for _, folder := range []string{"catalog", "commerce", "order", "payment"} {
		for _, p := range asked(t, folder, "uow.As") {
			outside = append(outside, folder+": "+p)
		}
	}
	require.Equal(t, []string{
		"catalog: Auditor",               // reads for Verify, which runs when all is over
		"catalog: ReturnAuditor",         // so does it
		"commerce: campaign.UsageLister", // reads for Verify
		"commerce: coupon.TieLister",     // reads for Verify
		"commerce: event.Notifier",       // a hint to other nodes: losing it is harmless
		"commerce: event.Watcher",        // a hint from them: whoever misses it polls
		"commerce: order.Counter",        // reads for a quote, which writes nothing
		"order: cart.PriceVersions",      // of the listing, which reads through stores that have points
		"order: uow.CallLister",          // reads for Verify, which runs when all is over
	}, outside)
}
