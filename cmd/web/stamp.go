package main

import (
	"bytes"
	"strconv"
	"time"
)

// stamp is a place in a document's text that says a time. Documents are moved
// by whole seconds, so only the part down to the second is written anew: the
// text keeps its length, its fraction and its zone.
type stamp struct {
	at int // first byte in the text
	// layout is the form of the date down to the second; empty: seconds since
	// 1970 in ten digits (more digits after them are the fraction).
	layout string
	// clock is what the text says, read as if it were UTC.
	clock time.Time
}

// stampKeys are the keys whose values are times: Logstash's and winston's own,
// winston's wall clock and its uncaught exceptions, k6's, and the clocks of
// devices and clients inside the documents.
func stampKeys() []string {
	return []string{"@timestamp", "timestamp", "time", "date", "Time", "ts", "at"}
}

// stampLayouts are the forms of dates met in the recordings.
func stampLayouts() []string {
	return []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", "Mon Jan 02 2006 15:04:05"}
}

const epochDigits = 10

// findStamps finds all times in a document's text.
func findStamps(text []byte) []stamp {
	var found []stamp
	for _, key := range stampKeys() {
		key := []byte(`"` + key + `":`)
		for from := 0; ; {
			i := bytes.Index(text[from:], key)
			if i < 0 {
				break
			}
			from += i + len(key)
			if s, ok := readStamp(text, from); ok {
				found = append(found, s)
			}
		}
	}
	return found
}

func readStamp(text []byte, at int) (stamp, bool) {
	if at >= len(text) || text[at] != '"' {
		return readEpoch(text, at)
	}
	at++
	for _, layout := range stampLayouts() {
		if end := at + len(layout); end <= len(text) {
			if t, err := time.Parse(layout, string(text[at:end])); err == nil {
				return stamp{at: at, layout: layout, clock: t}, true
			}
		}
	}
	return stamp{}, false
}

// readEpoch takes seconds and milliseconds since 1970 as devices send them now:
// ten or thirteen digits.
func readEpoch(text []byte, at int) (stamp, bool) {
	digits := 0
	for at+digits < len(text) && text[at+digits] >= '0' && text[at+digits] <= '9' {
		digits++
	}
	if digits != epochDigits && digits != epochDigits+3 {
		return stamp{}, false
	}
	n, err := strconv.ParseInt(string(text[at:at+epochDigits]), 10, 64)
	return stamp{at: at, clock: time.Unix(n, 0).UTC()}, err == nil
}

// write puts the stamp's time, moved by a number of whole seconds, into text.
func (s stamp) write(text []byte, move time.Duration) {
	t := s.clock.Add(move)
	if s.layout == "" {
		strconv.AppendInt(text[s.at:s.at], t.Unix(), 10)
		return
	}
	t.AppendFormat(text[s.at:s.at], s.layout)
}
