package archtest

import (
	"fmt"
	"slices"
	"strings"
)

// Finding is one place that breaks a rule.
type Finding struct {
	File string
	Line int // 0 where the finding is about the file or its absence
	Text string
}

func (f Finding) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text)
}

// Rule is one rule of the architecture.
type Rule struct {
	Name  string
	Check func(t *Tree, report reporter)
}

type reporter func(file string, line int, format string, args ...any)

// Rules returns all rules.
func Rules() []Rule {
	return []Rule{
		{"folders", checkFolders},
		{"layers", checkLayers},
		{"modules", checkModules},
		{"testonly", checkTestOnly},
		{"stores", checkStores},
		{"system", checkSystem},
		{"floats", checkFloats},
		{"clock", checkClock},
		{"random", checkRandom},
		{"recover", checkRecover},
		{"panic", checkPanic},
		{"state", checkState},
		{"units", checkUnits},
		{"events", checkEvents},
		{"docs", checkDocs},
		{"examples", checkExamples},
		{"length", checkLength},
		{"words", checkWords},
	}
}

// Findings returns where the tree breaks the rule, sorted.
func (r Rule) Findings(t *Tree) []Finding {
	var found []Finding
	r.Check(t, func(file string, line int, format string, args ...any) {
		found = append(found, Finding{file, line, fmt.Sprintf(format, args...)})
	})
	slices.SortFunc(found, func(a, b Finding) int {
		if c := strings.Compare(a.File, b.File); c != 0 {
			return c
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.Text, b.Text)
	})
	return slices.Compact(found)
}

// covers reports whether path is one of the listed paths or lies below one.
func covers(list []string, path string) bool {
	return slices.ContainsFunc(list, func(entry string) bool { return below(path, entry) })
}

// below reports whether path is dir or lies below it.
func below(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }
