package embedded

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jikimi/ingest"
	"jikimi/telemetry"
)

const dayLength = 24 * time.Hour

// seedDays writes ten requests on each of some days and closes the store.
func seedDays(t *testing.T, c Config, days int) {
	t.Helper()
	s := openStore(t, c)
	for i := range days {
		writeRequests(t, s, sampleNow.Add(-time.Duration(i)*dayLength-time.Hour), 10)
	}
	closeStore(t, s)
}

func writeRequests(t *testing.T, s *Store, at time.Time, n int) []string {
	t.Helper()
	docs := make([]ingest.Document, n)
	for i := range docs {
		docs[i] = doc("logstash-dev-was-2026.11.22", fmt.Sprintf(
			`{"timestamp":%q,"protocol":"HTTP","event":"response","statusCode":200,"IntervalTime":%d,"router":"/%d"}`, at.Format(time.RFC3339), i, i))
	}
	return mustWrite(t, s, docs...)
}

func allDays(days int) telemetry.Range {
	return between(sampleNow.Add(-time.Duration(days)*dayLength), sampleNow)
}

func TestFolderFaults(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name, dir string
		want      error
	}{
		{"a file", file, ErrNotFolder},
		{"below a file", filepath.Join(file, "data"), ErrNotFolder},
		{"cannot be made", "/proc/jikimi", ErrReadOnly}, // not even by root
		{"cannot be written to", "/proc/self", ErrReadOnly},
	}
	if os.Geteuid() != 0 {
		locked := t.TempDir()
		if err := os.Chmod(locked, 0o500); err != nil {
			t.Fatal(err)
		}
		cases = append(cases, struct {
			name, dir string
			want      error
		}{"no permission", locked, ErrReadOnly})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			config := testConfig(t, sampleNow)
			config.Dir = c.dir
			_, err := Open(t.Context(), config)
			var at *FileError
			if !errors.Is(err, c.want) || !errors.As(err, &at) || !strings.HasPrefix(at.File, c.dir) {
				t.Errorf("got error %v, want %v of %s", err, c.want, c.dir)
			}
		})
	}
}

func TestFolderInUse(t *testing.T) {
	c := testConfig(t, sampleNow)
	s := openStore(t, c)
	if _, err := Open(t.Context(), c); !errors.Is(err, ErrInUse) {
		t.Errorf("got error %v, want %v", err, ErrInUse)
	}
	closeStore(t, s)
	openStore(t, c)
}

func TestDayFileInUse(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 1)
	file := filepath.Join(c.Dir, "d20261122.duckdb")
	cmd, out, stdin := helper(t, "hold", file)
	if !out.Scan() || out.Text() != "held" {
		t.Fatalf("helper: got %q, want held", out.Text())
	}
	_, err := Open(t.Context(), c)
	var at *FileError
	if !errors.Is(err, ErrInUse) || !errors.As(err, &at) || at.File != file {
		t.Errorf("got error %v, want %v of %s", err, ErrInUse, file)
	}
	if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
		t.Fatal(err)
	}
	openStore(t, c)
}

func TestNewerSchema(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 2)
	file := filepath.Join(c.Dir, "d20261122.duckdb")
	db, err := sql.Open("duckdb", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("UPDATE meta SET v = '2' WHERE k = 'version'"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	checkNewer(t, c, file)
}

func TestNewerStorage(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 2)
	file := filepath.Join(c.Dir, "d20261122.duckdb")
	patchHeader(t, file, 999)
	checkNewer(t, c, file)
}

func checkNewer(t *testing.T, c Config, file string) {
	t.Helper()
	_, err := Open(t.Context(), c)
	var at *FileError
	if !errors.Is(err, ErrNewer) || !errors.As(err, &at) || at.File != file {
		t.Errorf("got error %v, want %v of %s", err, ErrNewer, file)
	}
}

// patchHeader sets the version of DuckDB's storage in a file's main header:
// checksum, "DUCK", version, in a block of 4,096 bytes.
func patchHeader(t *testing.T, file string, version uint64) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := binary.LittleEndian.Uint64(text), headerSum(text[8:4096]); got != want {
		t.Fatalf("checksum: got %x computed, want %x: DuckDB has another one now", want, got)
	}
	binary.LittleEndian.PutUint64(text[12:], version)
	binary.LittleEndian.PutUint64(text, headerSum(text[8:4096]))
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// headerSum is DuckDB's checksum of a block.
func headerSum(block []byte) uint64 {
	sum := uint64(5381)
	for i := 0; i+8 <= len(block); i += 8 {
		sum ^= binary.LittleEndian.Uint64(block[i:]) * 0xbf58476d1ce4e5b9
	}
	return sum
}

// TestDamagedDay: a day whose file is not what was written is left out, and
// the answer says so; the other days go on, for readers and for writers.
func TestDamagedDay(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(text []byte) []byte
	}{
		{"other content", func([]byte) []byte { return []byte("this was a day file once, long ago, in another life") }},
		{"empty", func([]byte) []byte { return nil }},
		{"cut", func(text []byte) []byte { return text[:len(text)/3] }},
		{"blocks overwritten", func(text []byte) []byte {
			for i := 3 * 4096; i < len(text); i++ {
				text[i] ^= 0x5a
			}
			return text
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := testConfig(t, sampleNow)
			seedDays(t, config, 3)
			file := filepath.Join(config.Dir, "d20261121.duckdb")
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, c.damage(text), 0o600); err != nil {
				t.Fatal(err)
			}
			checkDamaged(t, openStore(t, config))
		})
	}
}

func checkDamaged(t *testing.T, s *Store) {
	t.Helper()
	l := requestsOf(t, s, allDays(3))
	if l.Total.Count != 20 || !l.Partial {
		t.Errorf("got %d requests, partial %v, want 20 and partial", l.Total.Count, l.Partial)
	}
	noted := ""
	for _, n := range l.Notices {
		if n.Code == telemetry.NoticeDayUnreadable {
			noted += n.Params["day"] + " "
		}
	}
	if noted != "2026-11-21 " {
		t.Errorf("got unreadable days %q, want 2026-11-21", noted)
	}
	docs := []ingest.Document{
		doc("logs", `{"timestamp":"2026-11-21T10:00:00Z"}`), doc("logs", `{"timestamp":"2026-11-22T10:00:00Z"}`)}
	results, err := s.Write(context.Background(), docs)
	if err != nil {
		t.Fatalf("Write: %v", err)
	}
	var refusal *ingest.RefusedError
	if results[0].Err == nil || errors.As(results[0].Err, &refusal) || results[1].Err != nil {
		t.Errorf("got errors %v and %v, want the store's trouble and none", results[0].Err, results[1].Err)
	}
}

// TestLeftOvers: a file that was being made when the process died is removed.
func TestLeftOvers(t *testing.T) {
	c := testConfig(t, sampleNow)
	file := filepath.Join(c.Dir, "d20261122.duckdb.new")
	if err := os.WriteFile(file, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	writeRequests(t, openStore(t, c), sampleNow, 1)
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want the file removed", err)
	}
}

func TestClosedStore(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	closeStore(t, s)
	if _, err := s.Write(t.Context(), []ingest.Document{doc("logs", `{}`)}); !errors.Is(err, ErrClosed) {
		t.Errorf("Write: got error %v, want %v", err, ErrClosed)
	}
	_, err := s.Latency(t.Context(), telemetry.LatencyQuery{Range: allDays(1), Allow: telemetry.AllowAll()})
	if !errors.Is(err, telemetry.ErrUnavailable) || !errors.Is(err, ErrClosed) {
		t.Errorf("Latency: got error %v, want %v", err, telemetry.ErrUnavailable)
	}
}

func TestTooMuchWaiting(t *testing.T) {
	s := openStore(t, testConfig(t, sampleNow))
	s.waiting.Add(queueBytes)
	if _, err := s.Write(t.Context(), []ingest.Document{doc("logs", `{}`)}); !errors.Is(err, ingest.ErrFull) {
		t.Errorf("got error %v, want %v", err, ingest.ErrFull)
	}
	s.waiting.Add(-queueBytes)
	mustWrite(t, s, doc("logs", `{}`))
}
