package importer

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jikimi/samples"
)

// A second import of the same content changes nothing, whatever it is
// compressed with.
func TestTwice(t *testing.T) {
	for _, name := range []string{
		samples.Logstash, samples.WinstonDev, samples.WinstonProd, samples.WinstonBroken, samples.WinstonElasticsearch, samples.FilebeatReadTime,
		samples.FilebeatHost, samples.FilebeatK6, samples.FilebeatToLogstash, samples.K6Output, samples.Sensors,
	} {
		t.Run(name, func(t *testing.T) {
			text := sampleText(t, name, 600)
			var m memory
			c := config(&m)
			c.Batch = 100
			first := mustImport(t, text, c)
			before := len(m.docs)
			again := mustImport(t, text, c)
			packed := mustImport(t, gzipped(t, strings.TrimSuffix(text, "\n")), c)
			if before == 0 || first.Known != 0 || int(first.Stored) != before || first.Refused != 0 {
				t.Errorf("first: got %+v, %d in the store, want all stored", first.Progress, before)
			}
			for _, r := range []Result{again, packed} {
				if r.Stored != 0 || r.Known != first.Stored || r.Lines != first.Lines || r.Unreadable != first.Unreadable || len(m.docs) != before {
					t.Errorf("again: got %+v, %d in the store, want %d known and nothing new", r.Progress, len(m.docs), first.Stored)
				}
			}
		})
	}
}

// An import that ends at any document continues there, with or without its
// last note, until every document is there once, in order.
func TestCutOff(t *testing.T) {
	text := sampleText(t, samples.WinstonDev, 200) + sampleText(t, samples.WinstonBroken, 9) + sampleText(t, samples.Sensors, 100)
	var whole memory
	mustImport(t, text, config(&whole))
	for round := range 12 {
		rng := rand.New(rand.NewPCG(1, uint64(round)))
		var m memory
		c := config(&m)
		c.Batch = 1 + rng.IntN(60)
		ends := 0
		for done := false; !done; ends++ {
			left := rng.IntN(90)
			m.trouble = func() error {
				if left--; left < 0 {
					return errors.New("killed")
				}
				return nil
			}
			_, err := Import(t.Context(), strings.NewReader(text), c)
			done = err == nil
		}
		if ends < 2 || !slices.Equal(m.lines(), whole.lines()) {
			t.Fatalf("round %d, %d ends: got %d documents, want %d, each once and in order", round, ends, len(m.docs), len(whole.docs))
		}
	}
}

// A file that has grown continues after what was imported, wherever it ended;
// only a line that was cut off there is kept as it was, too.
func TestGrown(t *testing.T) {
	text := sampleText(t, samples.WinstonDev, 60)
	lines := strings.Count(text, "\n")
	for _, batch := range []int{3, 7, 1000} {
		for end := 0; end < len(text); end += 997 {
			var m memory
			c := config(&m)
			c.Batch = batch
			mustImport(t, text[:end], c)
			r := mustImport(t, text, c)
			cut := int(r.Stored+r.Known) - lines
			if cut != 0 || len(m.docs) < lines || len(m.docs) > lines+1 {
				t.Fatalf("batch %d, grown from %d bytes: got %d documents, %+v, want %d and perhaps a cut one", batch, end, len(m.docs), r.Progress, lines)
			}
			part := mustImport(t, text[:end], c)
			if part.Stored != 0 {
				t.Fatalf("batch %d, the part of %d bytes again: got %d stored, want none", batch, end, part.Stored)
			}
		}
	}
}

// A stack that was still being written continues as text of its own.
func TestGrownStack(t *testing.T) {
	var m memory
	c := config(&m)
	mustImport(t, "E: x\n  at a\n", c)
	mustImport(t, "E: x\n  at a\n  at b\nF\n", c)
	var got []string
	for _, d := range m.docs {
		got = append(got, string(d.Source[:strings.Index(string(d.Source), `,"unr`)]))
	}
	if want := []string{`{"message":"E: x\n  at a"`, `{"message":"  at b"`, `{"message":"F"`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Another index is another import; ids of the client's count in their index.
func TestOtherIndex(t *testing.T) {
	const bulk = `{"index":{"_index":"a","_id":"1"}}` + "\n" + `{"n":1}` + "\n"
	var m memory
	c := config(&m)
	mustImport(t, bulk, c)
	c.Index = "b"
	mustImport(t, bulk, c)
	c.Index = ""
	mustImport(t, bulk+`{"index":{"_index":"b","_id":"1"}}`+"\n"+`{"n":2}`, c)
	if got, want := m.lines(), []string{`a {"n":1}`, `b {"n":1}`}; !slices.Equal(got, want) || m.docs[0].ID != "1" {
		t.Errorf("got %q, id %q, want %q, id 1", got, m.docs[0].ID, want)
	}
}

// Without the journal, the ids tell; documents that were refused are offered
// again.
func TestAgain(t *testing.T) {
	text := strings.Repeat(`{"a":1}`+"\n", 30) + `{"b":"refuse me"}` + "\n" + strings.Repeat(`{"a":2}`+"\n", 30)
	var m memory
	c := config(&m)
	c.Batch = 10
	first := mustImport(t, text, c)
	if first.Refused != 1 || first.Stored != 60 || len(first.RefusedSamples) != 1 || first.RefusedSamples[0] != (Sample{31, "as asked", `{"b":"refuse me"}`}) {
		t.Errorf("first: got %+v, want line 31 refused", first)
	}
	lost, forced := c, c
	lost.Journal, forced.Again = notes{}, true
	for name, c := range map[string]Config{"same": c, "lost journal": lost, "forced": forced} {
		if r := mustImport(t, text, c); r.Refused != 1 || r.Stored != 0 || r.Known != 60 || len(m.docs) != 60 {
			t.Errorf("%s: got %+v, want 60 known, 1 refused", name, r.Progress)
		}
	}
}

// The ids of what is surely new are not looked for.
func TestFewQuestions(t *testing.T) {
	var m memory
	c := config(&m)
	c.Batch = 10
	var text strings.Builder
	for i := range 100 {
		fmt.Fprintf(&text, `{"a":%d}`+"\n", i)
	}
	mustImport(t, text.String(), c)
	if m.asked != 10 {
		t.Errorf("got %d ids looked for, want those of the first batch", m.asked)
	}
}

func TestFileJournal(t *testing.T) {
	name := filepath.Join(t.TempDir(), "imports")
	if err := os.WriteFile(name, []byte("one\ntwo\nhal"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, add := range []string{"three", "four"} {
		j, err := OpenJournal(name)
		if err != nil {
			t.Fatal(err)
		}
		if !j.Has("one") || !j.Has("two") || j.Has("hal") || j.Has(add) {
			t.Errorf("before %s: got %v, want one and two", add, j.marks)
		}
		if err := errors.Join(j.Add(add), j.Close()); err != nil || !j.Has(add) {
			t.Errorf("Add: got %v, has it %v, want it noted", err, j.Has(add))
		}
	}
	text, err := os.ReadFile(name)
	if want := "one\ntwo\nthree\nfour\n"; err != nil || string(text) != want {
		t.Errorf("got %q, %v, want %q", text, err, want)
	}
	if _, err := OpenJournal(t.TempDir()); err == nil {
		t.Error("a folder: got no error, want one")
	}
}

// A journal that cannot be written ends the import.
func TestJournalFails(t *testing.T) {
	j, err := OpenJournal(filepath.Join(t.TempDir(), "imports"))
	if err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	var m memory
	c := config(&m)
	c.Journal = j
	if _, err := Import(t.Context(), strings.NewReader(`{"a":1}`), c); !errors.Is(err, os.ErrClosed) {
		t.Errorf("got error %v, want %v", err, os.ErrClosed)
	}
}
