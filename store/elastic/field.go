package elastic

import (
	"slices"
	"strings"

	"jikimi/telemetry"
)

// class is how a field can be asked.
type class int

const (
	classNone    class = iota
	classKeyword       // whole texts
	classWords         // analysed text without a keyword beside it
	classNumber
	classDate
	classBool
	classIP
	classObject // has fields below it
)

// field is a path of documents and how an index lets it be asked.
type field struct {
	// path is what documents call it; at is the field with its values, has the
	// one that exists in a document with a value.
	path, at, has string
	class         class
}

// besideRoot is where the ingest pipeline in deploy/elasticsearch puts values
// of paths that are objects in some documents and texts in others, which no
// mapping takes: `event` at `jikimi.event`, `event.duration` at
// `jikimi.event/duration`. They are indexed and not part of _source.
const besideRoot = "jikimi."

func beside(path string) string { return besideRoot + strings.ReplaceAll(path, ".", "/") }

// roleFields are the fields of an index that profiles name.
func roleFields(types map[string]string) map[string]field {
	out := map[string]field{}
	for _, path := range namedPaths() {
		if f, ok := resolve(types, path); ok {
			out[path] = f
		}
	}
	return out
}

// namedPaths are all paths of all profiles.
func namedPaths() []string {
	var paths []string
	for _, p := range telemetry.Profiles() {
		for _, set := range p.Marks {
			paths = append(paths, set...)
		}
		for _, fields := range p.Fields {
			for _, f := range fields {
				paths = append(paths, f.Path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

func resolve(types map[string]string, path string) (field, bool) {
	for _, at := range []string{path, beside(path)} {
		f := field{path: path, at: at, has: at, class: classOf(types[at])}
		if f.class == classWords && types[at+".keyword"] == "keyword" {
			f.at, f.class = at+".keyword", classKeyword
		}
		if f.class != classNone {
			return f, true
		}
	}
	for other := range types {
		if strings.HasPrefix(other, path+".") && other != path+".keyword" {
			return field{path: path, at: path, has: path, class: classObject}, true
		}
	}
	return field{}, false
}

func classOf(kind string) class {
	switch kind {
	case "keyword", "constant_keyword", "wildcard":
		return classKeyword
	case "text", "match_only_text":
		return classWords
	case "long", "integer", "short", "byte", "double", "float", "half_float", "scaled_float", "unsigned_long":
		return classNumber
	case "date", "date_nanos":
		return classDate
	case "boolean":
		return classBool
	case "ip":
		return classIP
	}
	return classNone
}

// fits says whether a role can be read from a field of this class.
func (c class) fits(role telemetry.Role) bool {
	switch role {
	case telemetry.RoleTime:
		return c == classDate || c == classNumber
	case telemetry.RoleDuration, telemetry.RoleValue:
		return c == classNumber
	case telemetry.RoleStatus:
		return c == classNumber || c == classKeyword
	}
	return c != classNone && c != classObject
}
