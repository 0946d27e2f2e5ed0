// Package i18n holds what pages say, in Korean and in English.
//
//	texts := catalog.For(i18n.Korean)
//	texts.T("scope.some", "n", 3)
//
// A text names its parameters in braces: {name}. In Korean a parameter may ask
// for the particle that fits its last sound: {name|은/는}. A text with plural
// forms is an object {"one": …, "other": …} and chooses by the parameter n.
package i18n

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Lang is a language of the pages.
type Lang string

// The languages.
const (
	Korean  Lang = "ko"
	English Lang = "en"
)

// Langs are all languages, the first is the default.
func Langs() []Lang { return []Lang{Korean, English} }

//go:embed ko.json en.json
var files embed.FS

// text is a message in one language: One is empty where there are no plural forms.
type text struct{ One, Other string }

func (t *text) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &t.Other)
	}
	var forms struct{ One, Other string }
	if err := json.Unmarshal(b, &forms); err != nil {
		return err
	}
	t.One, t.Other = forms.One, forms.Other
	return nil
}

// Catalog is the texts of all languages.
type Catalog struct{ langs map[Lang]map[string]text }

// Load reads the texts that are built in.
func Load() (*Catalog, error) {
	c := &Catalog{langs: map[Lang]map[string]text{}}
	for _, l := range Langs() {
		b, err := files.ReadFile(string(l) + ".json")
		if err != nil {
			return nil, fmt.Errorf("i18n: %w", err)
		}
		texts := map[string]text{}
		if err := json.Unmarshal(b, &texts); err != nil {
			return nil, fmt.Errorf("i18n: %s: %w", l, err)
		}
		c.langs[l] = texts
	}
	return c, nil
}

// For is the texts in a language; an unknown one gets the default.
func (c *Catalog) For(l Lang) Texts {
	if _, ok := c.langs[l]; !ok {
		l = Langs()[0]
	}
	return Texts{Lang: l, texts: c.langs[l]}
}

// Texts says things in one language. The zero value says keys.
type Texts struct {
	Lang  Lang
	texts map[string]text
}

// T is the text of a key with its parameters, given as name, value pairs. A
// key that does not exist is shown as it is: tests find it before people do.
func (t Texts) T(key string, pairs ...any) string {
	m, ok := t.texts[key]
	if !ok {
		return key
	}
	s := m.Other
	if m.One != "" && isOne(pairs) {
		s = m.One
	}
	return fill(s, pairs)
}

// Has says whether the key has a text.
func (t Texts) Has(key string) bool {
	_, ok := t.texts[key]
	return ok
}

func isOne(pairs []any) bool {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "n" {
			return fmt.Sprint(pairs[i+1]) == "1"
		}
	}
	return false
}

// fill replaces {name} and {name|은/는}.
func fill(s string, pairs []any) string {
	if !strings.Contains(s, "{") {
		return s
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		inside, after, _ := strings.Cut(rest, "}")
		name, particles, _ := strings.Cut(inside, "|")
		value := lookup(pairs, name)
		b.WriteString(value)
		b.WriteString(Particle(b.String(), particles))
		s = after
	}
}

func lookup(pairs []any, name string) string {
	if name == "" {
		return ""
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return fmt.Sprint(pairs[i+1])
		}
	}
	return "{" + name + "}"
}

type contextKey struct{}

// With puts the texts of a request's language into its context.
func With(ctx context.Context, t Texts) context.Context {
	return context.WithValue(ctx, contextKey{}, t)
}

// From is the texts of the context.
func From(ctx context.Context) Texts {
	t, _ := ctx.Value(contextKey{}).(Texts)
	return t
}

// T is From(ctx).T.
func T(ctx context.Context, key string, pairs ...any) string {
	return From(ctx).T(key, pairs...)
}
