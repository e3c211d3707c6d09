package search

import "strings"

// stemEnglish takes plural endings off a folded English word and nothing
// else. A shop's nouns need no more: heavier stemming makes "organizer" and
// "organ" one word.
func stemEnglish(w string) string {
	if len(w) < 4 && w != "tvs" && w != "pcs" || !strings.HasSuffix(w, "s") || !letters(w) {
		return w
	}
	switch {
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"), strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case len(w) > 4 && (strings.HasSuffix(w, "sses") || strings.HasSuffix(w, "shes") ||
		strings.HasSuffix(w, "ches") || strings.HasSuffix(w, "xes") || strings.HasSuffix(w, "zes")):
		return w[:len(w)-2]
	}
	return w[:len(w)-1]
}

// letters reports whether w is of ASCII letters alone.
func letters(w string) bool {
	for i := range len(w) {
		if c := w[i]; c < 'a' || c > 'z' {
			return false
		}
	}
	return true
}

// stopEnglish reports whether w says nothing about a product.
func stopEnglish(w string) bool {
	switch w {
	case "a", "an", "and", "are", "as", "at", "be", "but", "if", "in", "into", "is", "it", "no", "not", "of", "on",
		"or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "was", "will":
		return true
	}
	return purposeEnglish(w)
}

// purposeEnglish reports whether w introduces what a product is meant for or
// comes with, rather than what it is.
func purposeEnglish(w string) bool {
	switch w {
	case "for", "with", "by", "to", "compatible", "fits":
		return true
	}
	return false
}
