package archtest

import (
	"go/ast"
	"path"
	"slices"
	"strings"
)

// The number of methods that a store has.
const (
	fewestStoreMethods = 3
	mostStoreMethods   = 8
)

// storeFile returns the file name under which the adapters and the suite keep
// what a file of a domain package declares, and whether it declares a store.
func storeFile(file string) (string, bool) {
	pkg, name := path.Base(path.Dir(file)), path.Base(file)
	switch {
	case name == "store.go", file == "commerce/uow/ports.go":
		return pkg + ".go", true
	case strings.HasSuffix(name, "_store.go"):
		return pkg + "_" + strings.TrimSuffix(name, "_store.go") + ".go", true
	}
	return "", false
}

// checkStores is the rule of the four places: a store interface stands in
// store.go (or *_store.go), its implementations and its suite in files of one
// name, and storage.Stores has a field for it.
func checkStores(t *Tree, report reporter) {
	all := packageMap()
	fields := storesFields(t)
	for _, f := range t.Go() {
		p, known := lookup(all, f.Package.Path)
		if f.Test() || !known || p.layer > cross {
			continue
		}
		name, isStore := storeFile(f.Path)
		if !isStore {
			for _, spec := range interfaces(f) {
				if isStoreName(spec.Name.Name) {
					report(f.Path, f.Line(spec.Pos()), "%s belongs in store.go or *_store.go", spec.Name.Name)
				}
			}
			continue
		}
		for _, dir := range []string{"storage/memory", "storage/bunstore", "storage/storagetest"} {
			if !t.Has(path.Join(dir, name)) {
				report(f.Path, 0, "lacks %s", path.Join(dir, name))
			}
		}
		for _, spec := range interfaces(f) {
			checkStore(f, spec, fields, report)
		}
	}
}

func checkStore(f *File, spec *ast.TypeSpec, fields map[string]bool, report reporter) {
	line, name := f.Line(spec.Pos()), spec.Name.Name
	if !ast.IsExported(name) {
		return
	}
	if !optional(spec) && !fields[Module+"/"+f.Package.Path+"."+name] {
		report(f.Path, line, "storage.Stores has no field of type %s.%s", path.Base(f.Package.Path), name)
	}
	if body, ok := spec.Type.(*ast.InterfaceType); ok && isStoreName(name) {
		if n := len(body.Methods.List); n < fewestStoreMethods || n > mostStoreMethods {
			report(f.Path, line, "%s has %d methods, not %d to %d", name, n, fewestStoreMethods, mostStoreMethods)
		}
	}
	ast.Inspect(spec.Type, func(n ast.Node) bool {
		if target, used, ok := f.qualified(n); ok && target == Module+"/commerce/ref" && used == "Scope" {
			report(f.Path, f.Line(n.Pos()), "a store takes no scope")
		}
		return true
	})
}

// optional reports whether an interface calls itself an optional power of
// another one, which is found by a type assertion and has no field.
func optional(spec *ast.TypeSpec) bool {
	return strings.Contains(strings.Join(strings.Fields(spec.Doc.Text()), " "), "is an optional power")
}

func isStoreName(name string) bool { return strings.HasSuffix(name, "Store") && ast.IsExported(name) }

// interfaces returns the interface types that a file declares.
func interfaces(f *File) []*ast.TypeSpec {
	var all []*ast.TypeSpec
	for _, decl := range f.AST.Decls {
		group, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range group.Specs {
			ts, ok := spec.(*ast.TypeSpec)
			if !ok {
				continue
			}
			if _, ok := ts.Type.(*ast.InterfaceType); ok {
				own := *ts // all rules read one tree at the same time
				if own.Doc == nil {
					own.Doc = group.Doc
				}
				all = append(all, &own)
			}
		}
	}
	return all
}

// storesFields returns the types of the fields of storage.Stores, each as
// import path, dot and name.
func storesFields(t *Tree) map[string]bool {
	fields := map[string]bool{}
	i := slices.IndexFunc(t.Packages, func(p *Package) bool { return p.Path == "storage" })
	if i < 0 {
		return fields
	}
	for _, f := range t.Packages[i].Files {
		ast.Inspect(f.AST, func(n ast.Node) bool {
			ts, ok := n.(*ast.TypeSpec)
			if !ok || ts.Name.Name != "Stores" {
				return true
			}
			ast.Inspect(ts, func(n ast.Node) bool {
				if target, name, ok := f.qualified(n); ok {
					fields[target+"."+name] = true
				}
				return true
			})
			return false
		})
	}
	return fields
}
