package archtest

import (
	"go/token"
	"maps"
	"slices"
	"strings"
)

// Stale returns the exceptions that nothing needs any more, or whose file is
// gone: each would let something in that nobody has thought about. Packages
// that are not built yet are passed over.
func Stale(t *Tree) []Finding {
	var found []Finding
	note := func(file, text string) { found = append(found, Finding{File: file, Text: text}) }

	for what, excused := range map[string]struct {
		files map[string]string
		needs func(*File) bool
	}{
		"ref.System": {systemUsers(), usesSystem},
		"recover":    {recoverers(), func(f *File) bool { return callsBuiltin(f, "recover") }},
		"panic":      {panickers(), func(f *File) bool { return callsBuiltin(f, "panic") }},
	} {
		for file := range excused.files {
			switch f := t.files[file]; {
			case f == nil && t.hasPackage(dirOf(file)):
				note(file, "is excused for "+what+" and is not there")
			case f != nil && !excused.needs(f):
				note(file, "is excused for "+what+" and does not need it")
			}
		}
	}
	for pkg := range secretMakers() {
		if t.hasPackage(pkg) && !t.imports(pkg, []string{"crypto/rand"}) {
			note(pkg, "may make secrets and makes none")
		}
	}
	for pkg, modules := range allowances() {
		for _, a := range modules {
			if t.hasPackage(pkg) && !t.imports(pkg, []string{a.module}) {
				note(pkg, "may import "+a.module+" and does not")
			}
		}
	}
	slices.SortFunc(found, func(a, b Finding) int { return strings.Compare(a.String(), b.String()) })
	return found
}

// hasPackage reports whether a package has code that is no test.
func (t *Tree) hasPackage(pkg string) bool {
	return slices.ContainsFunc(t.Packages, func(p *Package) bool {
		return p.Path == pkg && slices.ContainsFunc(p.Files, func(f *File) bool { return !f.Test() })
	})
}

// imports reports whether code of a package, or of one below it, imports one
// of the modules.
func (t *Tree) imports(pkg string, modules []string) bool {
	return slices.ContainsFunc(t.Go(), func(f *File) bool {
		return !f.Test() && below(f.Package.Path, pkg) &&
			slices.ContainsFunc(slices.Collect(maps.Values(f.Imports)), func(target string) bool {
				return covers(modules, target)
			})
	})
}

func usesSystem(f *File) bool {
	used := false
	f.Uses(func(target, name string, _ token.Pos) {
		used = used || isSystem(target, name)
	})
	return used
}

func dirOf(file string) string { return file[:max(0, strings.LastIndex(file, "/"))] }
