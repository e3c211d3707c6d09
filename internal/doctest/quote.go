package doctest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// quotes checks the blocks that say where they come from.
func (p Page) quotes(note noter) {
	from := regexp.MustCompile(`^<!-- from (\S+) -->$`)
	for i, line := range p.Lines {
		m := from.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		block, ok := p.block(i + 1)
		if !ok {
			note(i, "no block follows")
			continue
		}
		source, err := os.ReadFile(filepath.Join(p.Root, filepath.FromSlash(m[1])))
		if err != nil {
			note(i, "quotes %s, which is not there", m[1])
			continue
		}
		if missing, found := quoted(block, lines(string(source))); !found {
			note(i, "%s does not hold %q, or not there", m[1], missing)
		}
	}
}

// block returns the code block that starts at a line.
func (p Page) block(start int) ([]string, bool) {
	if start >= len(p.Lines) || !strings.HasPrefix(p.Lines[start], "```") {
		return nil, false
	}
	for end := start + 1; end < len(p.Lines); end++ {
		if strings.HasPrefix(p.Lines[end], "```") {
			return lines(strings.Join(p.Lines[start+1:end], "\n")), true
		}
	}
	return nil, false
}

// lines returns the lines of a text without indentation, comment marks of an
// Output block and empty lines.
func lines(text string) []string {
	var all []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "//")); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// quoted reports whether source holds the parts of block, which "..."
// separates, each without a gap and one after the other. Missing is the first
// line that fails.
func quoted(block, source []string) (missing string, found bool) {
	var part []string
	parts := [][]string{}
	for _, line := range append(block, "...") {
		if line != "..." {
			part = append(part, line)
			continue
		}
		if len(part) > 0 {
			parts, part = append(parts, part), nil
		}
	}
	if len(parts) == 0 {
		return "", false
	}
	for _, part := range parts {
		end, wrong := locate(part, source)
		if end < 0 {
			return wrong, false
		}
		source = source[end:]
	}
	return "", true
}

// locate returns the index behind the first occurrence of part, or -1 and the
// line at which its best attempt ended.
func locate(part, source []string) (end int, wrong string) {
	best := 0
	for start := range source {
		n := 0
		for n < len(part) && start+n < len(source) && part[n] == source[start+n] {
			n++
		}
		if n == len(part) {
			return start + n, ""
		}
		best = max(best, n)
	}
	return -1, part[best]
}
