package elastic

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"jikimi/telemetry"
)

// Conditions in Elasticsearch's words. A nil condition holds for everything.

// allOf holds where all conditions do. What is nested without need is
// flattened, so that evidence stays readable.
func allOf(conditions ...object) object {
	var filter, not []object
	for _, c := range conditions {
		switch {
		case c == nil:
		case c["match_none"] != nil:
			return never()
		case only(c, "filter", "must_not"):
			b := c["bool"].(object)
			filter, not = append(filter, list(b, "filter")...), append(not, list(b, "must_not")...)
		default:
			filter = append(filter, c)
		}
	}
	switch {
	case len(filter) == 1 && len(not) == 0:
		return filter[0]
	case len(filter)+len(not) == 0:
		return nil
	}
	b := object{}
	if len(filter) > 0 {
		b["filter"] = filter
	}
	if len(not) > 0 {
		b["must_not"] = not
	}
	return object{"bool": b}
}

// anyOf holds where one of the conditions does. With none of them, and with
// one that always does, it is nil.
func anyOf(conditions ...object) object {
	var should []object
	for _, c := range conditions {
		switch {
		case c == nil:
			return nil // holds for everything
		case only(c, "should"):
			should = append(should, list(c["bool"].(object), "should")...)
		case c["match_none"] == nil:
			should = append(should, c)
		}
	}
	switch {
	case len(conditions) == 0:
		return nil
	case len(should) == 0:
		return never()
	case len(should) == 1:
		return should[0]
	}
	return object{"bool": object{"should": should}}
}

// noneOf holds where no condition does; one that is nil holds everywhere.
func noneOf(conditions ...object) object {
	c := anyOf(conditions...)
	switch {
	case len(conditions) == 0:
		return nil
	case c == nil:
		return never()
	case c["match_none"] != nil:
		return nil
	case only(c, "should"):
		return object{"bool": object{"must_not": list(c["bool"].(object), "should")}}
	}
	return object{"bool": object{"must_not": []object{c}}}
}

// only says whether a condition is a bool of these kinds of clauses alone.
func only(c object, kinds ...string) bool {
	b, ok := c["bool"].(object)
	for kind := range b {
		ok = ok && slices.Contains(kinds, kind)
	}
	return ok
}

func list(b object, kind string) []object {
	out, _ := b[kind].([]object)
	return out
}

func never() object { return object{"match_none": object{}} }

func exists(f field) object { return object{"exists": object{"field": f.has}} }

// has holds where one of a role's fields has a value.
func has(fields []unitField) object {
	either := []object{never()}
	for _, f := range fields {
		either = append(either, exists(f.field))
	}
	return anyOf(either...)
}

// lacks holds where none of a role's fields has a value.
func lacks(fields []unitField) object {
	return noneOf(has(fields))
}

// role holds where the field that a role is read from, the first with a value,
// meets the condition.
func role(fields []unitField, condition func(field) object) object {
	either := []object{never()}
	for i, f := range fields {
		either = append(either, allOf(lacks(fields[:i]), condition(f.field)))
	}
	return anyOf(either...)
}

// same compares a text in any letter case.
func same(f field, value string) object {
	switch f.class {
	case classKeyword:
		return sameKeyword(f, value)
	case classWords:
		return object{"match_phrase": object{f.at: value}}
	case classNumber:
		if v, ok := telemetry.Number(value); ok {
			return object{"term": object{f.at: v}}
		}
	case classBool:
		if v := strings.ToLower(value); v == "true" || v == "false" {
			return object{"term": object{f.at: v}}
		}
	case classIP:
		if a, err := netip.ParseAddr(value); err == nil {
			return object{"term": object{f.at: a.String()}}
		}
	}
	return never()
}

// sameKeyword: case_insensitive knows ASCII only, so other letters are tried
// in both cases.
func sameKeyword(f field, value string) object {
	spellings := []string{value}
	for _, s := range []string{strings.ToLower(value), strings.ToUpper(value)} {
		if !strings.EqualFold(s, value) || !isASCII(value) {
			spellings = append(spellings, s)
		}
	}
	either := make([]object, len(spellings))
	for i, s := range spellings {
		either[i] = object{"term": object{f.at: object{"value": s, "case_insensitive": true}}}
	}
	return anyOf(either...)
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}

// exactly compares with texts as they are.
func exactly(f field, values []string) object {
	if f.class == classKeyword {
		return object{"terms": object{f.at: values}}
	}
	either := make([]object, len(values))
	for i, v := range values {
		either[i] = same(f, v)
	}
	return anyOf(either...)
}

// begins holds for texts that begin so, in any letter case.
func begins(f field, prefix string) object {
	if f.class != classKeyword {
		return never()
	}
	return object{"prefix": object{f.at: object{"value": prefix, "case_insensitive": true}}}
}

// statusIn holds for a status from low to high. Among texts of three digits
// the order is the same.
func statusIn(f field, low, high string) object {
	if low == high {
		return object{"term": object{f.at: low}}
	}
	return object{"range": object{f.at: object{"gte": low, "lte": high}}}
}

// within is a half-open range. Fields hold whole milliseconds.
func within(f field, from, to time.Time) object {
	limits := object{"gte": ceilMillis(from), "lt": ceilMillis(to)}
	if f.class == classDate {
		limits["format"] = "epoch_millis"
	}
	return object{"range": object{f.at: limits}}
}

func ceilMillis(t time.Time) int64 {
	ms := t.UnixMilli()
	if time.UnixMilli(ms).Before(t) {
		ms++
	}
	return ms
}
