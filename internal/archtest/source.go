package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Module is the path of the module whose rules these are.
const Module = "github.com/soukhq/souk"

// Tree is the source of one module.
type Tree struct {
	Root     string
	Folders  []string // of the top level
	Packages []*Package
	fset     *token.FileSet
	files    map[string]*File
	others   map[string]bool // files that are not Go
}

// Package is the Go files of one folder, tests included.
type Package struct {
	Path  string // from the root, with slashes; "" for the root
	Files []*File
}

// File is one parsed Go file.
type File struct {
	Path    string // from the root, with slashes
	Package *Package
	AST     *ast.File
	Lines   int
	Imports map[string]string // local name to import path
	tree    *Tree
}

// Test reports whether the file is compiled into tests only.
func (f *File) Test() bool { return strings.HasSuffix(f.Path, "_test.go") }

// Name returns the last element of the path.
func (f *File) Name() string { return path.Base(f.Path) }

// Generated reports whether a program wrote the file.
func (f *File) Generated() bool { return ast.IsGenerated(f.AST) }

// Line returns the line of a position.
func (f *File) Line(pos token.Pos) int { return f.tree.fset.Position(pos).Line }

// Has reports whether the tree has the file.
func (t *Tree) Has(file string) bool { return t.files[file] != nil || t.others[file] }

// Go returns the Go files, by path.
func (t *Tree) Go() []*File {
	var all []*File
	for _, p := range t.Packages {
		all = append(all, p.Files...)
	}
	return all
}

// Load parses every Go file of the module at root. Nested modules, hidden
// folders and testdata are left out of the Go files; the other files of
// testdata are known by name.
func Load(root string) (*Tree, error) {
	t := &Tree{Root: root, fset: token.NewFileSet(), files: map[string]*File{}, others: map[string]bool{}}
	byPath := map[string]*Package{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return fmt.Errorf("place %s: %w", name, err)
		}
		rel = filepath.ToSlash(rel)
		if entry.IsDir() {
			return t.enter(rel, entry.Name())
		}
		if path.Ext(rel) != ".go" || inTestdata(rel) {
			t.others[rel] = true
			return nil
		}
		file, err := t.parse(rel)
		if err != nil {
			return err
		}
		dir := strings.TrimPrefix(path.Dir(rel), ".")
		if byPath[dir] == nil {
			byPath[dir] = &Package{Path: dir}
			t.Packages = append(t.Packages, byPath[dir])
		}
		file.Package = byPath[dir]
		byPath[dir].Files = append(byPath[dir].Files, file)
		t.files[rel] = file
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", root, err)
	}
	slices.SortFunc(t.Packages, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
	return t, nil
}

// enter notes a folder or leaves it out.
func (t *Tree) enter(rel, name string) error {
	if rel == "." {
		return nil
	}
	if strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "bin" || name == "node_modules" {
		return filepath.SkipDir
	}
	if !strings.Contains(rel, "/") {
		t.Folders = append(t.Folders, rel)
	}
	if _, err := os.Stat(filepath.Join(t.Root, filepath.FromSlash(rel), "go.mod")); err == nil {
		return filepath.SkipDir
	}
	if name == "testdata" && strings.HasSuffix(rel, "internal/archtest/testdata") {
		return filepath.SkipDir
	}
	return nil
}

func inTestdata(rel string) bool { return slices.Contains(strings.Split(rel, "/"), "testdata") }

func (t *Tree) parse(rel string) (*File, error) {
	src, err := os.ReadFile(filepath.Join(t.Root, filepath.FromSlash(rel)))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	syntax, err := parser.ParseFile(t.fset, rel, src, parser.ParseComments)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	f := &File{
		Path: rel, AST: syntax, Lines: strings.Count(string(src), "\n"), Imports: map[string]string{}, tree: t,
	}
	for _, spec := range syntax.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: import %s: %w", rel, spec.Path.Value, err)
		}
		f.Imports[localName(spec, target)] = target
	}
	return f, nil
}

// localName returns the name under which a file knows an import: its own
// choice, or what the path suggests.
func localName(spec *ast.ImportSpec, target string) string {
	if spec.Name != nil && spec.Name.Name != "_" && spec.Name.Name != "." {
		return spec.Name.Name
	}
	if spec.Name != nil {
		return spec.Name.Name + target // blank and dot imports are known by no name
	}
	base := path.Base(target)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(target))
	}
	return base
}

// Uses calls visit for every name that the file takes from an imported
// package: the import path, the name and where.
func (f *File) Uses(visit func(target, name string, pos token.Pos)) {
	ast.Inspect(f.AST, func(n ast.Node) bool {
		if target, name, ok := f.qualified(n); ok {
			visit(target, name, n.Pos())
		}
		return true
	})
}

// qualified takes a node apart that names something of an imported package.
func (f *File) qualified(n ast.Node) (target, name string, ok bool) {
	sel, isSel := n.(*ast.SelectorExpr)
	if !isSel {
		return "", "", false
	}
	id, isID := sel.X.(*ast.Ident)
	if !isID || id.Obj != nil { // a local of the same name
		return "", "", false
	}
	target, ok = f.Imports[id.Name]
	return target, sel.Sel.Name, ok
}

// Within returns the path of an import inside this module, and whether it is.
func Within(target string) (string, bool) {
	if target == Module {
		return "", true
	}
	return strings.CutPrefix(target, Module+"/")
}
