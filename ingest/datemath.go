package ingest

import (
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// resolveIndex resolves the date in an index name such as
// <filebeat-7.17.29-{now/d}-000001>, in UTC. Other names stay as they are.
// Formats may have yyyy, MM, dd and HH; time zones are not known.
func resolveIndex(name string, now time.Time) (string, error) {
	inner, ok := strings.CutPrefix(name, "<")
	inner, closed := strings.CutSuffix(inner, ">")
	if !ok || !closed || len(name) > 255 {
		return name, nil
	}
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(inner, "{")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		date, after, ok := cutDate(rest, now.UTC())
		if !ok {
			return "", newFault(http.StatusBadRequest, "invalid_index_name_exception", "Invalid dynamic name expression [%s]: write one such as <logs-{now/d}>", short(name))
		}
		out.WriteString(date)
		inner = after
	}
}

// cutDate reads now-1d/d{yyyy.MM.dd}} and what follows it.
func cutDate(text string, now time.Time) (date, after string, ok bool) {
	m := regexp.MustCompile(`^now((?:[+-]\d{1,4}[yMwdhHms])*)(?:/([yMwdhHms]))?(?:\{([-yuMdH_.]+)\})?\}`).FindStringSubmatch(text)
	if m == nil {
		return "", "", false
	}
	for _, step := range regexp.MustCompile(`[+-]\d+[a-zA-Z]`).FindAllString(m[1], -1) {
		n, _ := strconv.Atoi(step[:len(step)-1]) // the pattern allows numbers only
		now = move(now, n, step[len(step)-1])
	}
	format := m[3]
	if format == "" {
		format = "yyyy.MM.dd"
	}
	layout := strings.NewReplacer("yyyy", "2006", "uuuu", "2006", "MM", "01", "dd", "02", "HH", "15").Replace(format)
	return roundDown(now, m[2]).Format(layout), text[len(m[0]):], true
}

func move(t time.Time, n int, unit byte) time.Time {
	switch unit {
	case 'y':
		return t.AddDate(n, 0, 0)
	case 'M':
		return t.AddDate(0, n, 0)
	case 'w':
		return t.AddDate(0, 0, 7*n)
	case 'd':
		return t.AddDate(0, 0, n)
	case 'm':
		return t.Add(time.Duration(n) * time.Minute)
	case 's':
		return t.Add(time.Duration(n) * time.Second)
	}
	return t.Add(time.Duration(n) * time.Hour)
}

// roundDown goes to the start of a unit. Those smaller than an hour change
// nothing that a format can show.
func roundDown(t time.Time, unit string) time.Time {
	year, month, day := t.Date()
	switch unit {
	case "y":
		return time.Date(year, time.January, 1, 0, 0, 0, 0, time.UTC)
	case "M":
		return time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	case "w": // begins on Monday
		return time.Date(year, month, day-(int(t.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	case "d":
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return t
}
