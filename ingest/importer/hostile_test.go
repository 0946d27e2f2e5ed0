package importer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/klauspost/compress/gzip"

	"jikimi/ingest"
	"jikimi/samples"
)

// zeros is 160 megabytes of zeros in a few hundred kilobytes.
func zeros(t *testing.T) io.Reader {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.CopyN(z, zero{}, 160<<20)
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return &b
}

type zero struct{}

func (zero) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Forms that are not read are refused before anything is stored, or where they
// begin to grow.
func TestRefusedInput(t *testing.T) {
	for _, c := range []struct {
		name  string
		input io.Reader
		want  error
	}{
		{"gzip of zeros", zeros(t), ErrBomb},
		{"gzip in gzip", strings.NewReader(gzipped(t, gzipped(t, `{"a":1}`))), ErrTwice},
		{"zstd in gzip", strings.NewReader(gzipped(t, zstded(t, `{"a":1}`))), ErrTwice},
		{"zip", strings.NewReader("PK\x03\x04 and so on"), ErrForm},
		{"bzip2", strings.NewReader("BZh9 and so on"), ErrForm},
		{"UTF-16", strings.NewReader("\xff\xfe{\x00}\x00"), ErrForm},
		{"no gzip", strings.NewReader("\x1f\x8b and so on"), ErrDamaged},
		{"no zstd", strings.NewReader("\x28\xb5\x2f\xfd and so on"), ErrDamaged},
		{"too large", strings.NewReader(strings.Repeat(" ", 2000)), ErrLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m memory
			cfg := config(&m)
			if c.want == ErrLarge { //nolint:errorlint // a case of the table
				cfg.MaxBytes = 1000
			}
			if _, err := Import(t.Context(), c.input, cfg); !errors.Is(err, c.want) || len(m.docs) != 0 {
				t.Errorf("got error %v and %d documents, want %v and none", err, len(m.docs), c.want)
			}
		})
	}
}

// What could be unpacked of a compressed file that is cut off is stored.
func TestCutGzip(t *testing.T) {
	text := sampleText(t, samples.WinstonDev, 2000)
	packed := gzipped(t, text)
	var m memory
	c := config(&m)
	r, err := Import(t.Context(), strings.NewReader(packed[:len(packed)-10]), c)
	if !errors.Is(err, ErrDamaged) || r.Stored < 1000 || r.Unreadable > 0 {
		t.Errorf("got error %v, %+v, want %v and most of the documents", err, r.Progress, ErrDamaged)
	}
	if r := mustImport(t, packed, c); r.Stored+r.Known != 2000 || len(m.docs) != 2000 {
		t.Errorf("the whole file: got %+v, %d in the store, want 2,000", r.Progress, len(m.docs))
	}
}

// A line longer than a document may be is kept as far as a document may hold it.
func TestLongLines(t *testing.T) {
	for name, line := range map[string]string{"text": strings.Repeat("\x01", 10<<20), "JSON": `{"a":"` + strings.Repeat("x", 10<<20) + `"}`} {
		var m memory
		r := mustImport(t, line+"\n{\"a\":1}\n", config(&m))
		if r.Stored != 2 || r.Unreadable != 1 || r.Lines != 2 || len(m.docs[0].Source) > ingest.MaxDocumentBytes || len(m.docs[0].Source) < maxText {
			t.Errorf("%s: got %+v, %d bytes kept, want the beginning and the next line", name, r.Progress, len(m.docs[0].Source))
		}
		if why := r.UnreadableSamples[0].Reason; !strings.Contains(why, "a document may have 1048576; its first 170666 bytes are kept") {
			t.Errorf("%s: got reason %q, want the sizes", name, why)
		}
	}
}

// Stacks without end become several documents.
func TestLongStack(t *testing.T) {
	var m memory
	r := mustImport(t, "E\n"+strings.Repeat("  at "+strings.Repeat("x", 95)+"\n", 4000), config(&m))
	if r.Stored != 3 || r.Unreadable != 3 {
		t.Errorf("got %+v, want three texts", r.Progress)
	}
}

// A full store is waited for, but not for ever.
func TestFullStore(t *testing.T) {
	m := memory{full: 3}
	if r := mustImport(t, `{"a":1}`, config(&m)); r.Stored != 1 {
		t.Errorf("full for a while: got %+v, want one stored", r.Progress)
	}
	m = memory{full: 1 << 30}
	c := config(&m)
	c.Patience = 20 * time.Millisecond
	if _, err := Import(t.Context(), strings.NewReader(`{"a":1}`), c); !errors.Is(err, ingest.ErrFull) {
		t.Errorf("full for ever: got error %v, want %v", err, ingest.ErrFull)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := Import(ctx, strings.NewReader(`{"a":1}`), config(&m)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("ended: got error %v, want %v", err, context.DeadlineExceeded)
	}
}

// An error of the reader comes back after what was read is stored; the line it
// came in is left out.
func TestReaderFails(t *testing.T) {
	var m memory
	broken := errors.New("unplugged")
	in := io.MultiReader(strings.NewReader(`{"a":1}`+"\n"+`{"a":`), iotest.ErrReader(broken))
	if r, err := Import(t.Context(), in, config(&m)); !errors.Is(err, broken) || r.Stored != 1 || len(m.docs) != 1 {
		t.Errorf("got error %v, %+v, want %v and one stored", err, r.Progress, broken)
	}
}

// Small reads make no difference, and progress only grows.
func TestSmallReads(t *testing.T) {
	text := "\ufeff{\"a\":1}\r\n{\"a\":\r2}\r\n\r\n"
	var whole, small memory
	mustImport(t, text, config(&whole))
	c := config(&small)
	c.Batch = 1
	var seen []Progress
	c.Progress = func(p Progress) { seen = append(seen, p) }
	if _, err := Import(t.Context(), iotest.OneByteReader(strings.NewReader(text)), c); err != nil {
		t.Fatal(err)
	}
	if len(small.docs) != 2 || small.docs[1].ID != whole.docs[1].ID || string(small.docs[1].Source) != "{\"a\":\r2}" {
		t.Errorf("got %v, want the documents of %v", small.lines(), whole.lines())
	}
	for i := 1; i < len(seen); i++ {
		if seen[i].Bytes < seen[i-1].Bytes || seen[i].Stored < seen[i-1].Stored {
			t.Errorf("got %+v after %+v, want it to grow", seen[i], seen[i-1])
		}
	}
	if last := seen[len(seen)-1]; last.Bytes != int64(len(text)) || last.Stored != 2 {
		t.Errorf("got %+v at last, want %d bytes, 2 stored", last, len(text))
	}
}
