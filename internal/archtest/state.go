package archtest

import (
	"go/ast"
	"go/token"
	"strings"
)

// checkState forbids what a package could remember between two calls:
// variables, init functions, and assignments to the variables of a library.
func checkState(t *Tree, report reporter) {
	for _, f := range t.Go() {
		checkLibraryVars(f, report)
		if f.Test() || f.Generated() {
			continue
		}
		for _, decl := range f.AST.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					report(f.Path, f.Line(d.Pos()), "no init: what is needed is passed")
				}
			case *ast.GenDecl:
				if d.Tok == token.VAR {
					checkVars(f, d, report)
				}
			}
		}
	}
}

func checkVars(f *File, group *ast.GenDecl, report reporter) {
	for _, spec := range group.Specs {
		vs, ok := spec.(*ast.ValueSpec)
		if !ok {
			continue
		}
		for _, name := range vs.Names {
			if !constant(f, group, vs, name.Name) {
				report(f.Path, f.Line(name.Pos()), "package variable %s: pass it, or make it a function", name.Name)
			}
		}
	}
}

// constant reports whether a package variable is one in name only: a blank
// assertion, a state table, a sentinel error, embedded files, a compiled
// expression, or one that its line excuses to the linter with a reason.
func constant(f *File, group *ast.GenDecl, vs *ast.ValueSpec, name string) bool {
	if name == "_" || name == "transitions" || strings.HasPrefix(name, "Err") || strings.HasPrefix(name, "err") {
		return true
	}
	for _, doc := range []*ast.CommentGroup{group.Doc, vs.Doc} {
		if doc == nil {
			continue
		}
		for _, c := range doc.List {
			if strings.HasPrefix(c.Text, "//go:embed ") {
				return true
			}
		}
	}
	if len(vs.Values) == 1 {
		if call, ok := vs.Values[0].(*ast.CallExpr); ok {
			if target, fn, ok := f.qualified(call.Fun); ok && target == "regexp" && fn == "MustCompile" {
				return true
			}
		}
	}
	return excused(f, vs.Pos())
}

// excused reports whether the line of pos tells the linter of package
// variables why it must stand.
func excused(f *File, pos token.Pos) bool {
	line := f.Line(pos)
	for _, group := range f.AST.Comments {
		for _, c := range group.List {
			if f.Line(c.Pos()) != line {
				continue
			}
			directive, reason, _ := strings.Cut(strings.TrimPrefix(c.Text, "//nolint:"), "//")
			if directive != c.Text && strings.Contains(directive, "gochecknoglobals") && strings.TrimSpace(reason) != "" {
				return true
			}
		}
	}
	return false
}

// checkLibraryVars finds assignments to a variable of an imported package:
// they change the library for everybody in the process.
func checkLibraryVars(f *File, report reporter) {
	assigned := func(targets ...ast.Expr) {
		for _, e := range targets {
			if target, name, ok := f.qualified(e); ok {
				report(f.Path, f.Line(e.Pos()), "assigns %s.%s, a variable of a library", target, name)
			}
		}
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				assigned(n.Lhs...)
			}
		case *ast.IncDecStmt:
			assigned(n.X)
		}
		return true
	})
}
