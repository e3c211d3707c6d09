package ref

import "strings"

// MaxID is the size of the longest id, in bytes.
const MaxID = 64

// ValidID reports whether s can be an id: [PlainText] of 1 to [MaxID] bytes
// without spaces around it.
func ValidID(s string) bool {
	return s != "" && len(s) <= MaxID && strings.TrimSpace(s) == s && PlainText(s)
}

// Valid reports whether l has the form of a BCP 47 tag: a language of two or
// three letters, then subtags of up to eight letters and digits. Whether
// anybody speaks it is not checked.
func (l Locale) Valid() bool {
	if len(l) > 35 {
		return false
	}
	for i, part := range strings.Split(string(l), "-") {
		if i == 0 && (len(part) < 2 || len(part) > 3) || part == "" || len(part) > 8 {
			return false
		}
		for _, r := range part {
			isLetter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
			if !isLetter && (i == 0 || r < '0' || r > '9') {
				return false
			}
		}
	}
	return true
}
