package importer

import (
	"bytes"
	"cmp"
	"time"

	"jikimi/ingest"
)

// item is one document of the input.
type item struct {
	doc  ingest.Document
	line int64  // it begins in
	mark string // of its last line
	// text is its beginning as it came, for a sample.
	text string
	// unreadable says why the document is kept as raw text; empty: it is not.
	unreadable string
	untimed    bool
	// refused is a bulk action that an import does not do.
	refused *ingest.RefusedError
}

// assembler makes documents of lines.
type assembler struct {
	index  string
	now    func() time.Time
	clock  *clock
	begun  bool
	bulk   bool
	action *action  // waits for its document
	text   *rawText // waits for lines that belong to it
}

func newAssembler(c Config) *assembler {
	return &assembler{index: c.Index, now: c.Now, clock: newClock()}
}

// add takes a line and returns the documents that it ends.
func (a *assembler) add(l line) []item {
	if len(bytes.TrimSpace(l.text)) == 0 && !l.cut() {
		return a.end()
	}
	if act := a.actionIn(l); act != nil {
		return append(a.endAction(), a.begin(act)...)
	}
	if why := unreadable(l); why != "" {
		return a.addText(l, why)
	}
	return append(a.end(), a.object(l))
}

// actionIn is the bulk action in a line. The input is of the bulk form when
// its first line is one.
func (a *assembler) actionIn(l line) *action {
	if a.begun && !a.bulk {
		return nil
	}
	act := parseAction(l)
	if !a.begun {
		a.begun, a.bulk = true, act != nil
	}
	return act
}

// begin lets an action wait for its document; a deletion has none.
func (a *assembler) begin(act *action) []item {
	if act.verb == "delete" {
		return []item{act.refused("an import deletes nothing")}
	}
	a.action = act
	return nil
}

// end is the text that waits for no more lines.
func (a *assembler) end() []item {
	if a.text == nil {
		return nil
	}
	t := a.text
	a.text = nil
	return []item{t.item(a.now())}
}

// endAction is what waits when a new action begins or the input ends.
func (a *assembler) endAction() []item {
	items := a.end()
	if a.action != nil {
		items = append(items, a.action.refused("its document is missing"))
		a.action = nil
	}
	return items
}

// object is a document that is stored as it came.
func (a *assembler) object(l line) item {
	act := a.take()
	it := item{line: l.number, mark: l.mark, text: beginning(l.text)}
	if act.verb == "update" {
		it.refused = act.refused("an import updates nothing").refused
		return it
	}
	at, ok := a.clock.of(l.text)
	if !ok {
		at, it.untimed = a.now(), true
	}
	it.doc = ingest.Document{Index: indexOn(a.target(act), at), ID: cmp.Or(act.id, l.mark), Source: bytes.Clone(l.text)}
	return it
}

// take is the action that waited for this document, an empty one where none did.
func (a *assembler) take() action {
	act := a.action
	a.action = nil
	if act == nil {
		return action{}
	}
	return *act
}

// target is the index a document is meant for: the one asked for, the action's, the default.
func (a *assembler) target(act action) string { return cmp.Or(a.index, act.index, DefaultIndex) }

// addText adds a line to the text that waits, or lets it wait as a new one.
func (a *assembler) addText(l line, why string) []item {
	if a.text != nil && a.action == nil && a.text.join(l) {
		return nil
	}
	items := a.end()
	a.text = newRawText(l, why, a.target(a.take()))
	return items
}

// sampleBytes of a document are shown in a sample.
const sampleBytes = 160

// beginning is a copy of the first bytes.
func beginning(text []byte) string { return string(text[:min(len(text), sampleBytes)]) }
