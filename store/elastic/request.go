package elastic

import (
	"strconv"
	"strings"

	"jikimi/telemetry"
)

// requests finds the documents of a reader that report the outcome of an HTTP
// request: telemetry.KindOf as a condition.
func (r reader) requests() object {
	if r.profile.Sample {
		return never()
	}
	protocol, event, status := r.fields[telemetry.RoleProtocol], r.fields[telemetry.RoleEvent], r.hasStatus()
	http := anyOf(
		role(protocol, isHTTP),
		allOf(lacks(protocol), status, anyOf(has(r.fields[telemetry.RoleMethod]), has(r.fields[telemetry.RoleRoute]))))
	clientLeft := role(r.fields[telemetry.RoleStatus], func(f field) object { return statusIn(f, "499", "499") })
	response := role(event, func(f field) object { return exactly(f, []string{"response"}) })
	outcome := anyOf(
		allOf(response, anyOf(status, r.timed())),
		allOf(lacks(event), status))
	return allOf(http, noneOf(clientLeft), outcome)
}

func isHTTP(f field) object { return protocolIs(f, "http") }

// protocolIs finds every spelling of a protocol, with a version or without.
func protocolIs(f field, word string) object {
	var either []object
	for _, s := range telemetry.ProtocolSpellings(word) {
		either = append(either, same(f, s))
		if f.class == classKeyword {
			either = append(either, begins(f, s+"/"))
		}
	}
	return anyOf(either...)
}

func levelIs(f field, word string) object {
	either := []object{never()}
	for _, s := range telemetry.LevelSpellings(word) {
		either = append(either, same(f, s))
	}
	return anyOf(either...)
}

func (r reader) hasStatus() object {
	return role(r.fields[telemetry.RoleStatus], func(f field) object { return statusIn(f, "0", "999") })
}

// timed finds documents with a duration that can be read.
func (r reader) timed() object {
	either := []object{never()}
	for _, f := range r.fields[telemetry.RoleDuration] {
		either = append(either, positive(f.field))
	}
	return anyOf(either...)
}

func positive(f field) object { return object{"range": object{f.at: object{"gte": 0}}} }

// failed finds requests that were the server's fault: telemetry.FailedStatus
// as a condition.
func (r reader) failed() object {
	return role(r.fields[telemetry.RoleStatus], func(f field) object {
		return anyOf(statusIn(f, "500", "999"), statusIn(f, "0", "0"))
	})
}

// hosts finds documents of some machines; no names mean all.
func (r reader) hosts(names []string) object {
	if len(names) == 0 {
		return nil
	}
	return role(r.fields[telemetry.RoleHost], func(f field) object { return exactly(f, names) })
}

// filtered is what the filters leave.
func (r reader) filtered(filters []telemetry.Filter) object {
	var list []object
	for _, f := range filters {
		c := r.filter(f)
		if f.Not {
			c = noneOf(c)
		}
		list = append(list, c)
	}
	return allOf(list...)
}

func (r reader) filter(f telemetry.Filter) object {
	return role(r.fields[f.Role], func(at field) object {
		either := []object{never()}
		for _, v := range f.Values {
			either = append(either, filterValue(at, f.Role, v))
		}
		return anyOf(either...)
	})
}

func filterValue(at field, name telemetry.Role, value string) object {
	switch name {
	case telemetry.RoleStatus:
		low, high, _ := statusLimits(value)
		return statusIn(at, low, high)
	case telemetry.RoleLevel:
		return levelIs(at, strings.ToLower(value))
	case telemetry.RoleProtocol:
		return protocolIs(at, strings.ToLower(value))
	}
	return same(at, value)
}

// statusLimits reads `404` and classes such as `4xx`.
func statusLimits(value string) (low, high string, ok bool) {
	value = strings.ToLower(value)
	low, high = strings.ReplaceAll(value, "xx", "00"), strings.ReplaceAll(value, "xx", "99")
	n, err := strconv.Atoi(low)
	return low, high, err == nil && n >= 0 && n <= 999
}

// checkFilters returns an InvalidError for a role that cannot be filtered by
// and for a status that is none.
func checkFilters(filters []telemetry.Filter) error {
	for _, f := range filters {
		known := false
		for _, p := range telemetry.Profiles() {
			known = known || len(p.Fields[f.Role]) > 0
		}
		for _, v := range f.Values {
			if _, _, ok := statusLimits(v); f.Role == telemetry.RoleStatus && !ok {
				known = false
			}
		}
		if !known || f.Role == telemetry.RoleTime {
			return &telemetry.InvalidError{Param: "filter", Value: string(f.Role), Code: "filter"}
		}
	}
	return nil
}
