package main

import (
	"fmt"
	"strconv"
	"strings"

	"jikimi/ingest/importer"
)

// summary says what became of an import, a fact a line.
func summary(r importer.Result) string {
	var b strings.Builder
	line := func(format string, args ...any) { _, _ = fmt.Fprintf(&b, format+"\n", args...) } // a Builder never fails
	line("%s stored, %s there already.", documents(r.Stored), thousands(r.Known))
	if r.Untimed > 0 {
		line("%s without a time of their own: theirs is that of their arrival.", documents(r.Untimed))
	}
	if r.Unreadable > 0 {
		line("%s could not be read; their text is kept, under the source unreadable:", documents(r.Unreadable))
		line("%s", sampleLines(r.UnreadableSamples, r.Unreadable))
	}
	if r.Refused > 0 {
		line("%s refused:", documents(r.Refused))
		line("%s", sampleLines(r.RefusedSamples, r.Refused))
	}
	return b.String()
}

// sampleLines shows samples. Their text is hostile: what could steer a
// terminal is written as escapes.
func sampleLines(list []importer.Sample, all int64) string {
	lines := make([]string, len(list))
	for i, s := range list {
		lines[i] = fmt.Sprintf("  line %s: %s: %s", thousands(s.Line), s.Reason, strconv.QuoteToGraphic(s.Text))
	}
	if more := all - int64(len(list)); more > 0 {
		lines = append(lines, "  and "+thousands(more)+" more")
	}
	return strings.Join(lines, "\n")
}

func documents(n int64) string {
	if n == 1 {
		return "1 document"
	}
	return thousands(n) + " documents"
}

// thousands writes a number as in 14,226.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
