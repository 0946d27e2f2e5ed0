package importer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"jikimi/ingest"
	"jikimi/samples"
)

var now = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// memory is a store that refuses documents with the word "refuse me".
type memory struct {
	docs []ingest.Document
	// trouble is asked before each document: an error ends the write.
	trouble func() error
	full    int // so many writes find it full
	asked   int // ids that were looked for
}

func (m *memory) Write(_ context.Context, docs []ingest.Document) ([]ingest.Result, error) {
	if m.full > 0 {
		m.full--
		return nil, ingest.ErrFull
	}
	results := make([]ingest.Result, len(docs))
	for i, d := range docs {
		if m.trouble != nil {
			if err := m.trouble(); err != nil {
				return nil, err
			}
		}
		if bytes.Contains(d.Source, []byte("refuse me")) {
			results[i].Err = &ingest.RefusedError{Type: "t", Reason: "as asked"}
			continue
		}
		m.docs = append(m.docs, ingest.Document{Index: d.Index, ID: d.ID, Source: bytes.Clone(d.Source)})
	}
	return results, nil
}

func (m *memory) Stored(_ context.Context, ids []string) (map[string][]string, error) {
	m.asked += len(ids)
	want := map[string]bool{}
	for _, id := range ids {
		want[id] = true
	}
	found := map[string][]string{}
	for _, d := range m.docs {
		if want[d.ID] {
			found[d.ID] = append(found[d.ID], d.Index)
		}
	}
	return found, nil
}

// notes is a journal in memory.
type notes map[string]bool

func (n notes) Has(mark string) bool { return n[mark] }
func (n notes) Add(mark string) error {
	if n[mark] {
		return errors.New("noted twice")
	}
	n[mark] = true
	return nil
}

func config(m *memory) Config {
	return Config{Store: m, Journal: notes{}, Now: func() time.Time { return now }}
}

func mustImport(t *testing.T, text string, c Config) Result {
	t.Helper()
	r, err := Import(t.Context(), strings.NewReader(text), c)
	if err != nil {
		t.Fatalf("Import: %v", err)
	}
	return r
}

// lines of the store's documents: index, a space, the text.
func (m *memory) lines() []string {
	out := make([]string, len(m.docs))
	for i, d := range m.docs {
		out[i] = d.Index + " " + string(d.Source)
	}
	return out
}

// sampleText is the first lines of a sample file.
func sampleText(t *testing.T, name string, most int) string {
	t.Helper()
	f, err := samples.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // only read from
	all, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Collect(strings.Lines(string(all)))
	return strings.Join(lines[:min(most, len(lines))], "")
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, text)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func zstded(t *testing.T, text string) string {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(z.EncodeAll([]byte(text), nil))
}
