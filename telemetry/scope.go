package telemetry

import (
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"
)

// Caps on what a URL may carry.
const (
	maxValues     = 20  // values of one parameter
	maxValueBytes = 256 // bytes of one value
)

// Scope is what the viewer asks to see. An empty list means all. Env and
// source come from index names (see ParseIndex), host is a role.
type Scope struct {
	Env, Source, Host []string
}

func parseScope(v url.Values) (Scope, error) {
	var s Scope
	for _, p := range []struct {
		name string
		into *[]string
	}{{"env", &s.Env}, {"source", &s.Source}, {"host", &s.Host}} {
		values, err := parseValues(v, p.name)
		if err != nil {
			return Scope{}, err
		}
		*p.into = values
	}
	return s, nil
}

// parseValues are the distinct non-empty values of a repeatable parameter, sorted.
func parseValues(v url.Values, name string) ([]string, error) {
	var out []string
	for _, s := range v[name] {
		if len(s) > maxValueBytes {
			return nil, invalid(name, s, "long")
		}
		if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			return nil, invalid(name, strings.ToValidUTF8(s, "·"), "text")
		}
		if s != "" {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > maxValues {
		return nil, invalid(name, out[0], "many")
	}
	return out, nil
}

func (s Scope) addTo(v url.Values) {
	add(v, "env", s.Env)
	add(v, "source", s.Source)
	add(v, "host", s.Host)
}

func add(v url.Values, name string, values []string) {
	if len(values) > 0 {
		v[name] = slices.Clone(values)
	}
}

// Allow is what the viewer may see: env/source patterns. The zero value allows
// nothing. Stores intersect it with the Scope.
type Allow struct {
	// Patterns are `env/source`; `*` stands for any env or any source, and an
	// env or source may be empty. No other wildcard exists.
	Patterns []string
}

// AllowAll allows every env and source.
func AllowAll() Allow { return Allow{Patterns: []string{"*/*"}} }

// Match says whether documents of this env and source may be seen.
func (a Allow) Match(env, source string) bool {
	return slices.ContainsFunc(a.Patterns, func(p string) bool {
		e, s, ok := strings.Cut(p, "/")
		return ok && (e == "*" || e == env) && (s == "*" || s == source)
	})
}

// All says whether nothing is hidden.
func (a Allow) All() bool { return slices.Contains(a.Patterns, "*/*") }

// Key is the canonical text of what is allowed, for cache keys.
func (a Allow) Key() string {
	p := slices.Clone(a.Patterns)
	slices.Sort(p)
	return strings.Join(slices.Compact(p), "\x00")
}

// Filter narrows a question to documents whose role has (or, with Not, lacks)
// one of the values. Comparison ignores letter case. A document that lacks the
// role passes a Not filter only.
type Filter struct {
	Role   Role
	Not    bool
	Values []string
}

// filterable are the roles a person may filter by. Status also takes classes
// (`5xx`).
var filterable = []Role{RoleProtocol, RoleMethod, RoleRoute, RoleStatus, RoleLevel, RoleUser}

// FilterRoles are the roles a person may filter by, in the order of a menu.
func FilterRoles() []Role { return slices.Clone(filterable) }

// parseFilters reads `filter=role:value` and `filter=-role:value`. Values of
// one role and sign are alternatives; filters of different roles all apply.
func parseFilters(v url.Values) ([]Filter, error) {
	texts, err := parseValues(v, "filter")
	if err != nil {
		return nil, err
	}
	var filters []Filter
	for _, text := range texts {
		name, value, ok := strings.Cut(text, ":")
		name, not := strings.CutPrefix(name, "-")
		role := Role(name)
		if !ok || value == "" || !slices.Contains(filterable, role) {
			return nil, invalid("filter", text, "filter")
		}
		if role == RoleStatus && !validStatus(value) {
			return nil, invalid("filter", text, "filter-status")
		}
		filters = addFilter(filters, role, not, value)
	}
	return filters, nil
}

func addFilter(filters []Filter, role Role, not bool, value string) []Filter {
	for i, f := range filters {
		if f.Role == role && f.Not == not {
			filters[i].Values = append(filters[i].Values, value)
			return filters
		}
	}
	return append(filters, Filter{Role: role, Not: not, Values: []string{value}})
}

// validStatus takes `404` and `4xx`.
func validStatus(s string) bool {
	if len(s) != 3 || s[0] < '1' || s[0] > '9' {
		return false
	}
	rest := s[1:]
	return rest == "xx" || (rest[0] >= '0' && rest[0] <= '9' && rest[1] >= '0' && rest[1] <= '9')
}

// Text is one value of the filter as the URL carries it.
func (f Filter) Text(value string) string {
	sign := ""
	if f.Not {
		sign = "-"
	}
	return sign + string(f.Role) + ":" + value
}

func addFilters(v url.Values, filters []Filter) {
	var texts []string
	for _, f := range filters {
		for _, value := range f.Values {
			texts = append(texts, f.Text(value))
		}
	}
	slices.Sort(texts)
	add(v, "filter", texts)
}
