package archtest

import (
	"go/ast"
	"go/token"
	"slices"
)

// exactTrees hold money: no float may touch it.
func exactTrees() []string { return []string{"commerce/money", "catalog/pricing", "promo", "payment"} }

// checkFloats keeps float types, float literals and the functions that make
// or take them out of the packages that hold money, tests included.
func checkFloats(t *Tree, report reporter) {
	types := []string{"float32", "float64", "complex64", "complex128"}
	functions := []string{"ParseFloat", "FormatFloat", "AppendFloat", "NewFloat", "Float", "Float32", "Float64"}
	for _, f := range t.Go() {
		if !covers(exactTrees(), f.Package.Path) {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				if slices.Contains(types, n.Name) {
					report(f.Path, f.Line(n.Pos()), "%s: no float touches money", n.Name)
				}
			case *ast.BasicLit:
				if n.Kind == token.FLOAT || n.Kind == token.IMAG {
					report(f.Path, f.Line(n.Pos()), "%s: no float touches money", n.Value)
				}
			case *ast.SelectorExpr:
				if slices.Contains(functions, n.Sel.Name) {
					report(f.Path, f.Line(n.Pos()), "%s: no float touches money", n.Sel.Name)
				}
			}
			return true
		})
	}
}
