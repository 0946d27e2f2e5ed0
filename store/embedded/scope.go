package embedded

import (
	"strings"
	"time"

	"jikimi/telemetry"
)

// Conditions in SQL. Values are bound; column names come from the roles only.

// within is the half-open range.
func (s *statement) within(from, to time.Time) string {
	return `"time" >= ` + s.arg(from.UTC()) + ` AND "time" < ` + s.arg(to.UTC())
}

// allowed is what may be seen; no pattern allows nothing.
func (s *statement) allowed(a telemetry.Allow) string {
	if a.All() {
		return "true"
	}
	either := []string{"false"}
	for _, pattern := range a.Patterns {
		env, source, ok := strings.Cut(pattern, "/")
		if ok {
			either = append(either, "("+s.is("env", env)+" AND "+s.is("source", source)+")")
		}
	}
	return "(" + strings.Join(either, " OR ") + ")"
}

func (s *statement) is(column, value string) string {
	if value == "*" {
		return "true"
	}
	return column + " = " + s.arg(value)
}

// scoped is what the viewer asks to see.
func (s *statement) scoped(scope telemetry.Scope) string {
	all := []string{"true"}
	for _, c := range []struct {
		column string
		values []string
	}{{"env", scope.Env}, {"source", scope.Source}, {"host", scope.Host}} {
		if len(c.values) > 0 {
			all = append(all, c.column+" IN ("+s.list(c.values, "%s")+")")
		}
	}
	return strings.Join(all, " AND ")
}

// filtered is what the filters leave. It returns a telemetry.InvalidError for
// a role without a column and for a status that is none.
func (s *statement) filtered(filters []telemetry.Filter) (string, error) {
	all := []string{"true"}
	for _, f := range filters {
		c, err := s.filter(f)
		if err != nil {
			return "", err
		}
		if f.Not {
			c = "coalesce(NOT (" + c + "), true)"
		}
		all = append(all, c)
	}
	return strings.Join(all, " AND "), nil
}

func (s *statement) filter(f telemetry.Filter) (string, error) {
	at := roleColumn(f.Role)
	switch {
	case at < 0 || f.Role == telemetry.RoleTime:
		return "", invalidFilter(f)
	case len(f.Values) == 0:
		return "false", nil
	case f.Role == telemetry.RoleStatus:
		return s.statuses(f)
	case columnType(f.Role) != "VARCHAR":
		return column(f.Role) + "::VARCHAR IN (" + s.list(f.Values, "%s") + ")", nil
	}
	return "lower(" + column(f.Role) + ") IN (" + s.list(f.Values, "lower(%s)") + ")", nil
}

// statuses takes `404` and classes such as `4xx`.
func (s *statement) statuses(f telemetry.Filter) (string, error) {
	var either []string
	for _, v := range f.Values {
		v = strings.ToLower(v)
		low := strings.ReplaceAll(v, "xx", "00")
		n, ok := telemetry.Number(low)
		if !ok || n < 0 || n > 999 || n != float64(int64(n)) {
			return "", invalidFilter(f)
		}
		high := int64(n)
		if low != v {
			high += 99
		}
		either = append(either, "status BETWEEN "+s.arg(int64(n))+" AND "+s.arg(high))
	}
	return "(" + strings.Join(either, " OR ") + ")", nil
}

func invalidFilter(f telemetry.Filter) error {
	return &telemetry.InvalidError{Param: "filter", Value: string(f.Role), Code: "filter"}
}
