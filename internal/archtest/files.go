package archtest

import (
	"go/ast"
	"go/doc"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxLines is where a file must be split.
const maxLines = 600

// hasCode reports whether there is more than tests.
func hasCode(p *Package) bool {
	return slices.ContainsFunc(p.Files, func(f *File) bool { return !f.Test() })
}

// checkDocs wants a doc.go with a package comment in every package, commands
// and helpers included.
func checkDocs(t *Tree, report reporter) {
	for _, p := range t.Packages {
		if !hasCode(p) {
			continue
		}
		file := t.files[path.Join(p.Path, "doc.go")]
		switch {
		case file == nil:
			report(p.Path, 0, "lacks doc.go")
		case file.AST.Doc == nil:
			report(file.Path, 0, "lacks the package comment")
		}
	}
}

// checkExamples wants an example with checked output in every package,
// commands, suites and packages of tests alone included.
func checkExamples(t *Tree, report reporter) {
	for _, p := range t.Packages {
		var tests []*ast.File
		for _, f := range p.Files {
			if f.Test() {
				tests = append(tests, f.AST)
			}
		}
		if !slices.ContainsFunc(doc.Examples(tests...), func(e *doc.Example) bool { return e.Output != "" }) {
			report(p.Path, 0, "lacks an Example with // Output:")
		}
	}
}

// checkLength wants files that one can read.
func checkLength(t *Tree, report reporter) {
	for _, f := range t.Go() {
		if f.Lines > maxLines && !f.Generated() {
			report(f.Path, 0, "has %d lines, more than %d", f.Lines, maxLines)
		}
	}
}

// unfinished are the words that promise work for later.
func unfinished() *regexp.Regexp { return regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK|WIP|TBD)\b`) }

// checkWords finds promises in comments and in the texts beside the code.
func checkWords(t *Tree, report reporter) {
	words := unfinished()
	for _, f := range t.Go() {
		for _, group := range f.AST.Comments {
			for _, c := range group.List {
				for i, text := range strings.Split(c.Text, "\n") {
					if found := words.FindString(text); found != "" {
						report(f.Path, f.Line(c.Pos())+i, "%s: finish it, or leave it out", found)
					}
				}
			}
		}
		f.Uses(func(target, name string, pos token.Pos) {
			if target == "context" && words.MatchString(name) {
				report(f.Path, f.Line(pos), "context.%s: take the caller's", name)
			}
		})
	}
	for file := range t.others {
		if !slices.Contains([]string{".md", ".sql", ".sh", ".yml", ".html", ".css"}, path.Ext(file)) || inTestdata(file) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(t.Root, filepath.FromSlash(file)))
		if err != nil {
			report(file, 0, "cannot be read: %v", err)
			continue
		}
		for i, text := range strings.Split(string(content), "\n") {
			if found := words.FindString(text); found != "" {
				report(file, i+1, "%s: finish it, or leave it out", found)
			}
		}
	}
}

// checkEvents wants a versioned name and a golden file of every event.
func checkEvents(t *Tree, report reporter) {
	form := regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\.v[1-9][0-9]*$`)
	seen := map[string]string{}
	for _, f := range t.Go() {
		if f.Test() || below(f.Path, "internal") || strings.HasSuffix(f.Package.Path, "test") {
			continue
		}
		for _, decl := range f.AST.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || fn.Name.Name != "EventName" {
				continue
			}
			line := f.Line(fn.Pos())
			name, ok := returnedLiteral(fn)
			golden := path.Join(f.Package.Path, "testdata/events", name+".json")
			switch {
			case !ok:
				report(f.Path, line, "EventName returns one literal, so that it can be found")
			case !form.MatchString(name):
				report(f.Path, line, "%q is no versioned event name such as order.placed.v1", name)
			case seen[name] != "":
				report(f.Path, line, "%q is also an event of %s", name, seen[name])
			case !t.Has(golden):
				report(f.Path, line, "%q lacks its golden file %s", name, golden)
			}
			seen[name] = f.Path
		}
	}
}

// returnedLiteral returns the string that a function of one statement returns.
func returnedLiteral(fn *ast.FuncDecl) (string, bool) {
	if fn.Body == nil || len(fn.Body.List) != 1 {
		return "", false
	}
	ret, ok := fn.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return "", false
	}
	lit, ok := ret.Results[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	name, err := strconv.Unquote(lit.Value)
	return name, err == nil
}
