package importer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"jikimi/ingest"
)

// rawText is lines that cannot be read as a document, on their way to be kept
// as they are.
type rawText struct {
	text   []byte
	line   int64 // it begins in
	mark   string
	reason string
	meant  string // the index it was meant for
}

// maxText of raw text are kept in one document: even where each byte needs six
// as JSON, it is not larger than a document may be.
const maxText = ingest.MaxDocumentBytes/6 - 4096

// unreadable says why a line is no document, empty for one that is.
func unreadable(l line) string {
	text := bytes.TrimSpace(l.text)
	object := bytes.HasPrefix(text, []byte("{"))
	switch {
	case l.cut():
		return fmt.Sprintf("a line of %d bytes, a document may have %d", l.length, ingest.MaxDocumentBytes)
	case json.Valid(text) && object:
		return ""
	case json.Valid(text):
		return "JSON, but not an object"
	case object:
		return "JSON that is cut off or broken"
	}
	return "not JSON"
}

func newRawText(l line, why, meant string) *rawText {
	kept := l.text[:min(len(l.text), maxText)]
	if l.length > int64(len(kept)) {
		why += fmt.Sprintf("; its first %d bytes are kept", len(kept))
	}
	return &rawText{text: bytes.Clone(kept), line: l.number, mark: l.mark, reason: why, meant: meant}
}

// join adds a line that belongs to the text, and says whether it did.
func (t *rawText) join(l line) bool {
	if !continues(l.text) || l.cut() || len(t.text)+1+len(l.text) > maxText {
		return false
	}
	t.text = append(append(t.text, '\n'), l.text...)
	t.mark = l.mark
	return true
}

// continues says whether a line goes on with the one before, as those of a
// stack do: it is indented, closes a bracket or begins with their words.
func continues(text []byte) bool {
	for _, start := range []string{" ", "\t", "at ", "Caused by", "}", "]", ")"} {
		if bytes.HasPrefix(text, []byte(start)) {
			return true
		}
	}
	return false
}

// rawDocument is how raw text is kept.
type rawDocument struct {
	Time       string     `json:"@timestamp,omitempty"`
	Message    string     `json:"message"`
	Unreadable provenance `json:"unreadable"`
}

type provenance struct {
	Reason string `json:"reason"`
	Index  string `json:"index"`
	Line   int64  `json:"line"`
}

// item is the text as a document. Its time is the one that it begins with,
// else that of its arrival.
func (t *rawText) item(arrival time.Time) item {
	it := item{line: t.line, mark: t.mark, text: beginning(t.text), unreadable: t.reason}
	d := rawDocument{Message: string(t.text)}
	at, ok := textTime(t.text)
	if ok {
		d.Time = at.Format(time.RFC3339Nano)
	} else {
		at, it.untimed = arrival, true
	}
	meant := indexOn(t.meant, at)
	d.Unreadable = provenance{t.reason, meant, t.line}
	it.doc = ingest.Document{Index: unreadableIndex(meant, at), ID: t.mark, Source: encode(d)}
	return it
}

// encode writes JSON that does not escape what only HTML needs.
func encode(d rawDocument) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil { // texts and a number: it cannot fail
		panic(err)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}
