package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"jikimi/ingest/importer"
	"jikimi/samples"
	"jikimi/store/embedded"
	"jikimi/telemetry"
)

// recordedNow is a clock at which the recorded documents are of today.
var recordedNow = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

// importing is a program for the recorded documents, and what it prints.
func importing(t *testing.T) (*app, *strings.Builder) {
	t.Helper()
	var out strings.Builder
	return &app{
		config: config{data: filepath.Join(t.TempDir(), "data"), retention: 30 * 24 * time.Hour, zone: time.UTC},
		now:    func() time.Time { return recordedNow }, stdin: strings.NewReader(""), stdout: &out, stderr: &out,
		log: slog.New(slog.DiscardHandler),
	}, &out
}

// sampleFile is a sample as a file.
func sampleFile(t *testing.T, name string) string {
	t.Helper()
	in, err := samples.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err = errors.Join(err, in.Close()); err != nil {
		t.Fatal(err)
	}
	return textFile(t, string(text))
}

func textFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// TestImport: the server's log gives the figures stated beside it, before and
// after a backup, and once only.
func TestImport(t *testing.T) {
	a, out := importing(t)
	o := importOrder{file: sampleFile(t, samples.WinstonDev), index: "logstash-dev-was-{date}"}
	for _, want := range []string{"14,226 documents stored, 0 there already.\n", "0 documents stored, 14,226 there already.\n"} {
		out.Reset()
		if err := a.importFile(t.Context(), o); err != nil || out.String() != want {
			t.Fatalf("got %q, error %v, want %q", out, err, want)
		}
	}
	checkLatency(t, a)
	out.Reset()
	to := filepath.Join(t.TempDir(), "backup")
	if err := a.backup(t.Context(), to); err != nil || !strings.HasPrefix(out.String(), to+": 2 files, ") {
		t.Fatalf("backup: got %q, error %v, want two files", out, err)
	}
	a.config.data = filepath.Join(t.TempDir(), "restored")
	if err := a.restore(t.Context(), to); err != nil || !strings.Contains(out.String(), a.config.data+": 2 files of 2026-11-22 18:00, ") {
		t.Fatalf("restore: got %q, error %v, want two files", out, err)
	}
	checkLatency(t, a)
	out.Reset()
	if err := a.importFile(t.Context(), o); err != nil || !strings.HasPrefix(out.String(), "0 documents stored, 14,226 ") {
		t.Errorf("into the restored: got %q, error %v, want nothing new", out, err)
	}
}

func checkLatency(t *testing.T, a *app) {
	t.Helper()
	s, err := embedded.Open(t.Context(), a.storeConfig(a.config.data))
	if err != nil {
		t.Fatal(err)
	}
	q := telemetry.LatencyQuery{Range: telemetry.Between(recordedNow.Add(-6*time.Hour), recordedNow, time.UTC), Allow: telemetry.AllowAll(), Compare: telemetry.CompareNone}
	q.Scope.Env, q.Scope.Source = []string{"dev"}, []string{"was"}
	l, err := s.Latency(t.Context(), q)
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	if got := l.Total; got.Count != 5660 || math.Abs(got.P95-65) > .5 || math.Abs(got.P99-331) > .5 {
		t.Errorf("got %d responses, p95 %v, p99 %v, want 5660, 65 and 331", got.Count, got.P95, got.P99)
	}
}

// TestImportSummary: what is in trouble is told in words, and nothing of it
// steers the terminal.
func TestImportSummary(t *testing.T) {
	a, out := importing(t)
	a.stdin = strings.NewReader("oops \x1b[31m\u202e한글\n" + `{"timestamp":"1970-01-01T00:00:01Z"}` + "\n" + `{"timestamp":"2026-11-22T10:00:00Z"}` + "\n")
	err := a.importFile(t.Context(), importOrder{file: "-"})
	want := `2 documents stored, 0 there already.
1 document without a time of their own: theirs is that of their arrival.
1 document could not be read; their text is kept, under the source unreadable:
  line 1: not JSON: "oops \x1b[31m\u202e한글"
1 document refused:
  line 2: the document's time 1970-01-01T00:00:01Z is older than the oldest day kept, 2026-10-23: send later times or keep documents longer: "{\"timestamp\":\"1970-01-01T00:00:01Z\"}"
`
	if out.String() != want || err == nil || err.Error() != "some documents were refused" || exitCode(err, io.Discard) != exitFailed {
		t.Errorf("got error %v and\n%s\nwant refused documents and\n%s", err, out, want)
	}
}

// TestImportFaults: each is one sentence, and the folder goes on.
func TestImportFaults(t *testing.T) {
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, "\x1f\x8b\x08 and so on")
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	twice, zip := textFile(t, packed.String()), textFile(t, "PK\x03\x04")
	data := filepath.Join(dir, "data")
	for _, tt := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{textFile(t, "")}, "", exitOK},
		{[]string{filepath.Join(dir, "none")}, filepath.Join(dir, "none") + " cannot be read: no such file or directory", exitFailed},
		{[]string{dir}, dir + " is a folder: name a file in it", exitFailed},
		{[]string{fifo}, fifo + " is no regular file: let standard input read it, as in jikimi import - < " + fifo, exitFailed},
		{[]string{twice}, twice + ": it was compressed twice; unpack it once first", exitFailed},
		{[]string{zip}, zip + ": it is a zip archive: this form is not read; give lines of UTF-8 text, plain, gzip or zstd compressed", exitFailed},
		{[]string{zip, "--index=Logs"}, `flag --index: "Logs" is not the name of an index; write small letters, digits, dots and dashes, with {date} for the day, such as logstash-prod-api-{date}`, exitConfig},
	} {
		err := run(t.Context(), append([]string{"import", "--data", data}, tt.args...), nil, nil, io.Discard, io.Discard)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if code := exitCode(err, io.Discard); got != tt.want || code != tt.code {
			t.Errorf("%q: got %s, exit code %d, want %s, %d", tt.args, got, code, tt.want, tt.code)
		}
	}
}

// TestImportBesideServer: one program a folder, also for backups.
func TestImportBesideServer(t *testing.T) {
	data := t.TempDir()
	p := start(t, "--data", data)
	want := data + " is in use by another Jikimi: stop it, or choose another folder with --data"
	for _, args := range [][]string{{"import", textFile(t, "x")}, {"backup", t.TempDir()}} {
		err := run(t.Context(), append(args, "--data", data), nil, nil, io.Discard, io.Discard)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", args[0], err, want)
		}
	}
	if err := p.stop(); err != nil {
		t.Errorf("server: got %v, want nil", err)
	}
}

// TestImportFull: a full disk ends an import with a sentence; it goes on when
// there is space. Where no small disk can be mounted, the sentence alone is tried.
func TestImportFull(t *testing.T) {
	a, out := importing(t)
	want := "there is no space left for " + a.config.data
	if err := syscall.Mount("tmpfs", mustMake(t, a.config.data), "tmpfs", 0, "size=2m"); err != nil {
		t.Logf("no small disk can be mounted here: %v", err)
		err := importFault("file", a.config.data, importer.Result{}, &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		return
	}
	defer func() {
		if err := syscall.Unmount(a.config.data, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	}()
	o := importOrder{file: sampleFile(t, samples.WinstonElasticsearch)}
	ballast := filepath.Join(a.config.data, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20-8<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := a.importFile(t.Context(), o); err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("full: got %v, want %s", err, want)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := a.importFile(t.Context(), o); err != nil || out.String() != "8 documents stored, 0 there already.\n" {
		t.Errorf("with space: got %q, %v, want eight stored", out, err)
	}
}

func mustMake(t *testing.T, dir string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// TestImportInterrupted: a signal is no success.
func TestImportInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	a, _ := importing(t)
	a.stdin = &cancelling{cancel: cancel}
	err := a.importFile(ctx, importOrder{file: "-"})
	if want := "the import was interrupted: the same command goes on from here"; err == nil || err.Error() != want || interrupted(ctx, err) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// cancelling gives one line, during which the signal comes.
type cancelling struct{ cancel func() }

func (c *cancelling) Read(p []byte) (int, error) {
	c.cancel()
	return copy(p, `{"a":1}`+"\n"), io.EOF
}

func TestMeter(t *testing.T) {
	now := recordedNow
	var out strings.Builder
	m := newMeter(&out, 1000, func() time.Time { return now })
	m.show(importer.Progress{Bytes: 1})
	now = now.Add(lineEvery)
	m.show(importer.Progress{Bytes: 500, Lines: 14226, Stored: 14000, Known: 200, Refused: 26, Unreadable: 3})
	m.show(importer.Progress{Bytes: 600})
	m.end()
	if want := "import: 50 %, 14,226 lines, 14,000 stored, 200 there already, 26 refused, 3 unreadable\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	out.Reset()
	m.terminal, m.total = true, 300
	now = now.Add(lineEvery)
	m.show(importer.Progress{Bytes: 100})
	m.end()
	want := "\r[==========                    ] 33 %, 0 lines, 0 stored, 0 there already, 0 refused, 0 unreadable\x1b[K\r\x1b[K"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}
