package embedded

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// statement is SQL in the making, with its values bound by number.
type statement struct {
	strings.Builder
	args []any
}

// addf adds to the text.
func (s *statement) addf(format string, args ...any) {
	_, _ = fmt.Fprintf(s, format, args...) // a Builder never fails
}

// arg binds a value and is its place in the text.
func (s *statement) arg(v any) string {
	if text, ok := v.(string); ok {
		v = cleanText(text)
	}
	s.args = append(s.args, v)
	return "$" + strconv.Itoa(len(s.args))
}

// list binds values and is them with commas between.
func (s *statement) list(values []string, wrap string) string {
	parts := make([]string, len(values))
	for i, v := range values {
		parts[i] = fmt.Sprintf(wrap, s.arg(v))
	}
	return strings.Join(parts, ", ")
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// evidence is the text with its values written out, ready to be copied.
func (s *statement) evidence() string {
	return placeholder.ReplaceAllStringFunc(s.String(), func(p string) string {
		n, err := strconv.Atoi(p[1:])
		if err != nil || n > len(s.args) {
			return p
		}
		return argText(s.args[n-1])
	})
}

func argText(v any) string {
	switch v := v.(type) {
	case string:
		return literal(v)
	case time.Time:
		return "TIMESTAMP '" + v.UTC().Format("2006-01-02 15:04:05.999999") + "'"
	}
	return fmt.Sprint(v)
}

// from is the rows of some days as one table, with the columns named.
func from(days []*day, columns string) string {
	parts := make([]string, len(days))
	for i, d := range days {
		parts[i] = "SELECT " + columns + " FROM " + d.name + ".doc"
	}
	return "(" + strings.Join(parts, " UNION ALL ") + ")"
}
