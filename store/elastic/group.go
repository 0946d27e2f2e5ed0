package elastic

import (
	"maps"
	"slices"

	"jikimi/telemetry"
)

// group is indices whose fields agree, so that one search can ask them all.
// Where a field is text in one index and a number in another, a search over
// both fails or finds only a part.
type group struct {
	indices []index
	fields  map[string]field
}

func (g group) names() []string {
	out := make([]string, len(g.indices))
	for i, x := range g.indices {
		out[i] = x.name
	}
	return out
}

// grouped sorts indices into as few groups as their fields allow.
func grouped(list []index) []group {
	var out []group
	for _, i := range list {
		at := slices.IndexFunc(out, func(g group) bool { return agree(g.fields, i.fields) })
		if at < 0 {
			at = len(out)
			out = append(out, group{fields: map[string]field{}})
		}
		out[at].indices = append(out[at].indices, i)
		maps.Copy(out[at].fields, i.fields)
	}
	return out
}

func agree(a, b map[string]field) bool {
	for path, f := range b {
		if g, ok := a[path]; ok && g != f {
			return false
		}
	}
	return true
}

// reader is how documents of one profile are read in a group.
type reader struct {
	profile telemetry.Profile
	// mine finds the profile's documents.
	mine object
	// fields are those that exist and can be read, best first.
	fields map[telemetry.Role][]unitField
}

type unitField struct {
	field
	unit telemetry.Unit
}

// readers are the profiles whose documents may be there, most specific first.
// A document belongs to the first whose marks it has.
func (g group) readers() []reader {
	var out []reader
	var earlier []object
	for _, p := range telemetry.Profiles() {
		marks, possible := g.marked(p)
		if !possible {
			continue
		}
		r := reader{profile: p, mine: allOf(marks, noneOf(earlier...)), fields: map[telemetry.Role][]unitField{}}
		for role, paths := range p.Fields {
			for _, path := range paths {
				if f, ok := g.fields[path.Path]; ok && f.class.fits(role) {
					r.fields[role] = append(r.fields[role], unitField{f, path.Unit})
				}
			}
		}
		out = append(out, r)
		earlier = append(earlier, marks)
	}
	return out
}

// marked finds documents with all marks of one of a profile's sets; no marks
// fit every document. It is not possible where no index of the group has them.
func (g group) marked(p telemetry.Profile) (object, bool) {
	var either []object
	for _, set := range p.Marks {
		var all []object
		for _, path := range set {
			if f, ok := g.fields[path]; ok {
				all = append(all, exists(f))
			}
		}
		if len(all) == len(set) {
			either = append(either, allOf(all...))
		}
	}
	return anyOf(either...), len(either) > 0 || len(p.Marks) == 0
}

// noteOdd names fields that a role cannot be read from in some index because
// of their type there: numbers indexed as text, times as words.
func noteOdd(list []index, roles []telemetry.Role, meta *telemetry.Meta) {
	odd := map[string][]string{}
	for _, i := range list {
		for _, r := range (group{fields: i.fields}).readers() {
			for _, role := range roles {
				if f, ok := oddField(i, r, role); ok && !slices.Contains(odd[f], i.name) {
					odd[f] = append(odd[f], i.name)
				}
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(odd)) {
		addNotice(meta, telemetry.NoticeConflict, "field", path, "indices", nameSome(odd[path]))
	}
}

// oddField is the best field of a role in an index, if it cannot be read there
// and no other can be.
func oddField(i index, r reader, role telemetry.Role) (string, bool) {
	if len(r.fields[role]) > 0 {
		return "", false
	}
	for _, path := range r.profile.Fields[role] {
		if f, ok := i.fields[path.Path]; ok && f.class != classObject && !f.class.fits(role) {
			return path.Path, true
		}
	}
	return "", false
}
