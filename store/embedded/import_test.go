package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"jikimi/ingest"
	"jikimi/ingest/importer"
	"jikimi/samples"
)

// inputFile lies in a data folder for the helper to import it.
const inputFile = "input"

func importConfig(s *Store, j importer.Journal) importer.Config {
	return importer.Config{Store: s, Journal: j, Index: "logstash-dev-was-{date}", Now: s.config.Now, Batch: 100}
}

// importInput imports the folder's input, and says when something is stored.
func importInput(dir string) error {
	s, err := Open(context.Background(), helperConfig(dir))
	if err != nil {
		return err
	}
	j, err := importer.OpenJournal(filepath.Join(dir, JournalFile))
	if err != nil {
		return err
	}
	in, err := os.Open(filepath.Join(dir, inputFile))
	if err != nil {
		return err
	}
	c := importConfig(s, j)
	c.Progress = func(p importer.Progress) { fmt.Println(p.Stored) }
	_, err = importer.Import(context.Background(), in, c)
	return errors.Join(err, in.Close(), j.Close(), s.Close())
}

// TestImportKilled: an import that is killed three times has every document
// once in the end, and another import changes nothing.
func TestImportKilled(t *testing.T) {
	c := testConfig(t, sampleNow)
	const most = 4000
	input, err := os.Create(filepath.Join(c.Dir, inputFile))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := samples.Lines(samples.WinstonDev)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[:most] {
		if _, err := fmt.Fprintf(input, "%s\n", line); err != nil {
			t.Fatal(err)
		}
	}
	if err := input.Close(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		killImport(t, c.Dir, rand.IntN(5))
	}
	first, again := importAll(t, c), importAll(t, c)
	if first.Known == 0 || first.Stored+first.Known != most {
		t.Errorf("got %+v, want some of %d known and the rest stored", first.Progress, most)
	}
	if again.Stored != 0 || again.Known != most {
		t.Errorf("again: got %+v, want %d known", again.Progress, most)
	}
	checkImported(t, c, lines[:most])
}

// killImport kills the helper some batches after it began.
func killImport(t *testing.T, dir string, batches int) {
	t.Helper()
	cmd, out, stdin := helper(t, "import", dir)
	defer func() { _ = stdin.Close() }()
	for read := 0; out.Scan(); read++ {
		if read == batches {
			time.AfterFunc(time.Duration(rand.IntN(30))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil {
		t.Log("the helper ended before it was killed")
	}
}

func importAll(t *testing.T, c Config) importer.Result {
	t.Helper()
	s := openStore(t, c)
	j, err := importer.OpenJournal(filepath.Join(c.Dir, JournalFile))
	if err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(filepath.Join(c.Dir, inputFile))
	if err != nil {
		t.Fatal(err)
	}
	r, err := importer.Import(t.Context(), in, importConfig(s, j))
	if err = errors.Join(err, in.Close(), j.Close()); err != nil {
		t.Fatalf("Import: %v", err)
	}
	closeStore(t, s)
	return r
}

// checkImported compares the stored documents with the lines: each once.
func checkImported(t *testing.T, c Config, lines [][]byte) {
	t.Helper()
	var got, want []string
	for _, d := range exportDay(t, openStore(t, c), sampleNow) {
		got = append(got, canonical(t, d.Source))
	}
	for _, line := range lines {
		want = append(want, canonical(t, line))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %d documents, want the %d lines, each once", len(got), len(want))
	}
}

// TestImportTooOld: documents beyond the retention and ahead of the clock are
// refused with a reason, the others are stored.
func TestImportTooOld(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	pr, pw := io.Pipe()
	go func() {
		_, err := io.WriteString(pw, `{"timestamp":"1970-01-01T00:00:01Z"}`+"\n"+`{"timestamp":"2100-01-01T00:00:00Z"}`+"\n"+`{"timestamp":"2026-11-22T10:00:00Z"}`)
		_ = pw.CloseWithError(err) // nil is the end
	}()
	r, err := importer.Import(t.Context(), pr, importConfig(s, nil))
	if err != nil || r.Refused != 2 || r.Stored != 1 || len(r.RefusedSamples) != 2 || r.RefusedSamples[1].Line != 2 {
		t.Errorf("got %+v, %v, want two refused, one stored", r, err)
	}
}

// TestStored: ids are found with the indices that hold them; ids that the
// store made are not the client's.
func TestStored(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	made := mustWrite(t, s, ingest.Document{Index: "a", ID: "1", Source: []byte(`{}`)}, ingest.Document{Index: "b", ID: "1", Source: []byte(`{"timestamp":"2026-11-21T10:00:00Z"}`)},
		ingest.Document{Index: "a", ID: "1", Source: []byte(`{}`)}, doc("a", `{}`))
	ids := []string{"1", "2", "'", made[3]}
	for i := range 2500 {
		ids = append(ids, fmt.Sprintf("no-%d", i))
	}
	got, err := s.Stored(t.Context(), ids)
	slices.Sort(got["1"])
	if err != nil || len(got) != 1 || !slices.Equal(got["1"], []string{"a", "b"}) {
		t.Errorf("got %v, error %v, want 1 in a and b", got, err)
	}
}
