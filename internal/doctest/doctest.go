package doctest

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Page is one Markdown file.
type Page struct {
	Root  string
	Path  string // from the root, with slashes
	Lines []string
}

// Pages returns the Markdown files below root. Hidden folders and testdata
// are left out.
func Pages(root string) ([]Page, error) {
	var pages []Page
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".md" {
			return nil
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return fmt.Errorf("place: %w", err)
		}
		pages = append(pages, Page{Root: root, Path: filepath.ToSlash(rel), Lines: strings.Split(string(content), "\n")})
		return nil
	})
	return pages, err
}

// Problems returns what the page says and is not so, each with its line.
func (p Page) Problems() []string {
	var problems []string
	note := func(line int, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("%s:%d: ", p.Path, line+1)+fmt.Sprintf(format, args...))
	}
	p.links(note)
	p.quotes(note)
	p.targets(note)
	p.packages(note)
	return problems
}

type noter func(line int, format string, args ...any)

func (p Page) exists(name string) bool {
	_, err := os.Stat(filepath.Join(p.Root, filepath.FromSlash(name)))
	return err == nil
}

func (p Page) links(note noter) {
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	p.prose(func(i int, line string) {
		for _, m := range link.FindAllStringSubmatch(line, -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if !p.exists(path.Join(path.Dir(p.Path), target)) {
				note(i, "links to %s, which is not there", m[1])
			}
		}
	})
}

// prose calls visit for the lines outside code blocks.
func (p Page) prose(visit func(i int, line string)) {
	code := false
	for i, line := range p.Lines {
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "```"):
			code = !code
		case !code:
			visit(i, line)
		}
	}
}

func (p Page) targets(note noter) {
	makefile, err := os.ReadFile(filepath.Join(p.Root, "Makefile"))
	if err != nil {
		note(0, "no Makefile: %v", err)
		return
	}
	command := regexp.MustCompile("(?:^\\$ |`)make ([a-z ]+)")
	for i, line := range p.Lines {
		for _, m := range command.FindAllStringSubmatch(line, -1) {
			for target := range strings.FieldsSeq(m[1]) {
				if !strings.Contains(string(makefile), "\n"+target+":") {
					note(i, "make has no target %s", target)
				}
			}
		}
	}
}

func (p Page) packages(note noter) {
	quoted := regexp.MustCompile("`((?:commerce|catalog|order|payment|promo|search|recommend|storage|examples|internal)" +
		"(?:/[a-z0-9_-]+)*)`")
	p.prose(func(i int, line string) {
		if !strings.HasPrefix(strings.TrimSpace(line), "|") {
			return
		}
		for _, m := range quoted.FindAllStringSubmatch(line, -1) {
			if !p.exists(m[1]) {
				note(i, "names %s, which is not there", m[1])
			}
		}
	})
}
