package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"jikimi/ingest/importer"
)

const (
	barEvery  = 200 * time.Millisecond
	lineEvery = 5 * time.Second
	barWidth  = 30
)

// meter shows how far an import has come: a bar on a terminal, a line now and
// then elsewhere.
type meter struct {
	out      io.Writer
	terminal bool
	total    int64 // bytes, 0: not known
	now      func() time.Time
	next     time.Time
}

func newMeter(out io.Writer, total int64, now func() time.Time) *meter {
	m := &meter{out: out, total: total, now: now, terminal: isTerminal(out)}
	m.next = now().Add(m.every())
	return m
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

func (m *meter) every() time.Duration {
	if m.terminal {
		return barEvery
	}
	return lineEvery
}

// show writes when it is time to.
func (m *meter) show(p importer.Progress) {
	now := m.now()
	if now.Before(m.next) {
		return
	}
	m.next = now.Add(m.every())
	if m.terminal {
		_, _ = fmt.Fprintf(m.out, "\r%s\x1b[K", m.bar(p)) // only for looking at
		return
	}
	_, _ = fmt.Fprintln(m.out, "import: "+m.text(p))
}

// end clears the bar.
func (m *meter) end() {
	if m.terminal {
		_, _ = io.WriteString(m.out, "\r\x1b[K")
	}
}

func (m *meter) bar(p importer.Progress) string {
	if m.total == 0 {
		return m.text(p)
	}
	full := int(barWidth * min(p.Bytes, m.total) / m.total)
	return "[" + strings.Repeat("=", full) + strings.Repeat(" ", barWidth-full) + "] " + m.text(p)
}

func (m *meter) text(p importer.Progress) string {
	text := fmt.Sprintf("%s lines, %s stored, %s there already, %s refused, %s unreadable",
		thousands(p.Lines), thousands(p.Stored), thousands(p.Known), thousands(p.Refused), thousands(p.Unreadable))
	if m.total == 0 {
		return text
	}
	return fmt.Sprintf("%d %%, %s", 100*min(p.Bytes, m.total)/m.total, text)
}
