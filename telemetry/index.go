package telemetry

import (
	"regexp"
	"strings"
	"time"
)

// IndexName is what an index's name says about its documents.
type IndexName struct {
	// Env and Source say who logged; Env is empty where the name has none.
	Env, Source string
	// Day is the UTC day in the name, zero where there is none.
	Day time.Time
}

var (
	dateSuffix = regexp.MustCompile(`^(.*?)-?(\d{4})[.-](\d{2})[.-](\d{2})$`)
	rollSuffix = regexp.MustCompile(`-\d{6}$`)
)

// ParseIndex reads `logstash-{env}-{source}-{YYYY.MM.dd}`. The env has no dash,
// the source may have some: logstash-dev-was-api-2026.11.22 is dev, was-api.
// Any other name has no env, and what stands before its date is its source.
func ParseIndex(name string) IndexName {
	var n IndexName
	rest := name
	if m := dateSuffix.FindStringSubmatch(name); m != nil {
		if day, err := time.Parse("2006.01.02", m[2]+"."+m[3]+"."+m[4]); err == nil {
			rest, n.Day = m[1], day
		}
	} else if loc := rollSuffix.FindStringIndex(name); loc != nil {
		rest = name[:loc[0]]
	}
	if tail, ok := strings.CutPrefix(rest, "logstash-"); ok {
		if env, source, ok := strings.Cut(tail, "-"); ok && env != "" && source != "" {
			n.Env, n.Source = env, source
			return n
		}
	}
	n.Source = rest
	return n
}
