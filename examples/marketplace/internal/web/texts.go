package web

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
)

//go:embed locales/*.json
var localeFiles embed.FS

// Locales lists the languages the marketplace speaks, the fallback first.
func Locales() []ref.Locale { return []ref.Locale{ref.English, ref.Chinese} }

// Texts finds the words of one language. It is safe for concurrent use.
type Texts struct {
	locale    ref.Locale
	localizer *i18n.Localizer
}

// loadTexts reads the messages of every locale.
func loadTexts() (map[ref.Locale]*Texts, error) {
	bundle := i18n.NewBundle(language.Make(string(Locales()[0])))
	bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	texts := map[ref.Locale]*Texts{}
	for _, locale := range Locales() {
		if _, err := bundle.LoadMessageFileFS(localeFiles, "locales/"+string(locale)+".json"); err != nil {
			return nil, fmt.Errorf("load texts of %s: %w", locale, err)
		}
		texts[locale] = &Texts{locale: locale}
	}
	for _, t := range texts {
		t.localizer = i18n.NewLocalizer(bundle, string(t.locale))
	}
	return texts, nil
}

// Text returns the words for a key; params fill its gaps. A key that no
// language knows comes back as it is: a page with a strange word is better
// than no page.
func (t *Texts) Text(key string, params map[string]any) string {
	if s, ok := t.find(&i18n.LocalizeConfig{MessageID: key, TemplateData: params}); ok {
		return s
	}
	return key
}

// Country returns what a country is called, its code where nobody has said.
func (t *Texts) Country(code string) string {
	if s, ok := t.find(&i18n.LocalizeConfig{MessageID: "country." + code}); ok {
		return s
	}
	return code
}

// Count returns the words for a key and a number of things, which the words
// may name as {{.N}}.
func (t *Texts) Count(key string, n int64, params map[string]any) string {
	data := map[string]any{"N": grouped(n)}
	for k, v := range params {
		data[k] = v
	}
	if s, ok := t.find(&i18n.LocalizeConfig{MessageID: key, TemplateData: data, PluralCount: n}); ok {
		return s
	}
	return key
}

// Wrong says what is wrong with a field: the words for its name and code
// together where there are any, else those for the code.
func (t *Texts) Wrong(f fault.Field) string {
	name := f.Path[strings.LastIndexByte(f.Path, '.')+1:]
	keys := []string{"wrong." + name + "." + f.Code}
	for param := range f.Params {
		keys = append(keys, "wrong."+f.Code+"."+param)
	}
	return t.first(f.Params, append(keys, "wrong."+f.Code, "wrong.other")...)
}

// Trouble says what a fault means to whoever sees it: the words for its code
// where there are any, else those for its kind.
func (t *Texts) Trouble(f *fault.Fault) string {
	return t.first(f.Params, "fault."+f.Code, "fault.kind."+string(f.Kind), "fault.kind.internal")
}

func (t *Texts) first(params fault.Params, keys ...string) string {
	data := map[string]any{}
	for k, v := range params {
		data[k] = v
	}
	for _, key := range keys {
		if s, ok := t.find(&i18n.LocalizeConfig{MessageID: key, TemplateData: data}); ok {
			return s
		}
	}
	return keys[len(keys)-1]
}

// find reports false for a key without words. Words that were found in the
// fallback language only are still words.
func (t *Texts) find(c *i18n.LocalizeConfig) (string, bool) {
	s, err := t.localizer.Localize(c)
	var missing *i18n.MessageNotFoundErr
	if err != nil && (s == "" || !errors.As(err, &missing)) {
		return "", false
	}
	return s, s != ""
}

// grouped writes a number with commas between the thousands, as both
// languages do.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// number shows how many there are of something.
func number(n any) (string, error) {
	switch n := n.(type) {
	case int:
		return grouped(int64(n)), nil
	case int64:
		return grouped(n), nil
	}
	return "", fmt.Errorf("%T is no number of things", n)
}
