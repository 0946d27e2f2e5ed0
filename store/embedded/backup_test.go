package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"jikimi/ingest"
)

// TestBackupWhileWriting: the backup of a store that is written to opens, has
// all that was acknowledged before, and goes on from there.
func TestBackupWhileWriting(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 2)
	s := openStore(t, c)
	writeRequests(t, s, sampleNow.Add(-time.Minute), 10)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			_, err := s.Write(context.Background(), []ingest.Document{
				doc("logs", `{"timestamp":"2026-11-22T17:59:00Z","method":"GET","status":200}`),
				doc("logs", `{"timestamp":"2026-11-21T18:00:00Z","method":"GET","status":200}`),
			})
			if err != nil {
				t.Errorf("Write: %v", err)
			}
		}
	})
	to := filepath.Join(t.TempDir(), "backup")
	b, err := s.Backup(t.Context(), to)
	stop()
	wg.Wait()
	if err != nil || len(b.Unreadable) > 0 || len(b.Files) != 2 || b.Bytes() < 1000 {
		t.Fatalf("Backup: got %+v, error %v, want two days", b, err)
	}
	restored := testConfig(t, sampleNow)
	if _, err := Restore(t.Context(), to, restored.Dir); err != nil {
		t.Fatalf("Restore: %v", err)
	}
	r := openStore(t, restored)
	got, most := requestsOf(t, r, allDays(3)), requestsOf(t, s, allDays(3)).Total.Count
	if got.Partial || got.Total.Count < 30 || got.Total.Count > most {
		t.Errorf("got %d requests, partial %v, want from 30 to %d", got.Total.Count, got.Partial, most)
	}
	writeRequests(t, r, sampleNow.Add(-time.Minute), 10)
	if again := requestsOf(t, r, allDays(3)).Total.Count; again != got.Total.Count+10 {
		t.Errorf("after 10 more: got %d requests, want %d", again, got.Total.Count+10)
	}
}

// TestBackupIsWhole: documents and the journal come back as they were, and the
// store's own files are left alone.
func TestBackupIsWhole(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 3)
	if err := os.WriteFile(filepath.Join(c.Dir, JournalFile), []byte("mark\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, c)
	to := t.TempDir()
	if _, err := s.Backup(t.Context(), to); err != nil {
		t.Fatalf("Backup: %v", err)
	}
	if got, want := names(t, to), []string{"d20261120.duckdb", "d20261121.duckdb", "d20261122.duckdb", JournalFile, "manifest.json"}; !slices.Equal(got, want) {
		t.Errorf("got files %q, want %q", got, want)
	}
	restored := testConfig(t, sampleNow)
	restored.Dir = filepath.Join(restored.Dir, "new")
	m, err := Restore(t.Context(), to, restored.Dir)
	if err != nil || len(m.Files) != 4 || !m.Made.Equal(sampleNow) {
		t.Fatalf("Restore: got %+v, %v, want 4 files made at %v", m, err, sampleNow)
	}
	if text, err := os.ReadFile(filepath.Join(restored.Dir, JournalFile)); err != nil || string(text) != "mark\n" {
		t.Errorf("journal: got %q, %v, want it as it was", text, err)
	}
	r := openStore(t, restored)
	for days := range 3 {
		day := sampleNow.Add(-time.Duration(days) * dayLength)
		got, want := exportDay(t, r, day), exportDay(t, s, day)
		same := slices.EqualFunc(got, want, func(a, b Document) bool {
			return a.ID == b.ID && a.Index == b.Index && a.Time.Equal(b.Time) && jsonEqual(t, a.Source, b.Source)
		})
		if len(want) != 10 || !same {
			t.Errorf("%s: got %d documents, want %d, the same", day.Format(time.DateOnly), len(got), len(want))
		}
	}
	writeRequests(t, s, sampleNow.Add(-time.Minute), 1)
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// TestBackupFaults: a backup is complete or leaves nothing behind.
func TestBackupFaults(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 3)
	damaged := filepath.Join(c.Dir, "d20261121.duckdb")
	if err := os.WriteFile(damaged, []byte("this was a day file once, long ago"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, c)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]error{full: ErrNotEmpty, filepath.Join(full, "mine"): ErrNotFolder, "/proc/jikimi": ErrReadOnly} {
		if _, err := s.Backup(t.Context(), dir); !errors.Is(err, want) {
			t.Errorf("%s: got error %v, want %v", dir, err, want)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	to := filepath.Join(t.TempDir(), "backup")
	if _, err := s.Backup(ended, to); !errors.Is(err, context.Canceled) || len(names(t, to)) > 0 {
		t.Errorf("cancelled: got error %v, files %q, want none", err, names(t, to))
	}
	b, err := s.Backup(t.Context(), to)
	if err != nil || !slices.Equal(b.Unreadable, []string{damaged}) || len(b.Files) != 2 {
		t.Errorf("got %+v, error %v, want two days and %s left out", b, err, damaged)
	}
	closeStore(t, s)
	if _, err := s.Backup(t.Context(), t.TempDir()); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: got error %v, want %v", err, ErrClosed)
	}
}

// TestRestoreFaults: nothing is restored of a backup that is not what its
// manifest says, and nothing over what is there.
func TestRestoreFaults(t *testing.T) {
	c := testConfig(t, sampleNow)
	seedDays(t, c, 2)
	backup := t.TempDir()
	if _, err := openStore(t, c).Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	change := func(name, from, to string) func(string) error {
		return func(dir string) error {
			text, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(dir, name), []byte(strings.Replace(string(text), from, to, 1)), 0o600)
		}
	}
	for _, tt := range []struct {
		name   string
		damage func(dir string) error
		want   error
	}{
		{"no manifest", func(dir string) error { return os.Remove(filepath.Join(dir, manifestName)) }, ErrNoBackup},
		{"newer", change(manifestName, `"version": 1`, `"version": 2`), ErrNewer},
		{"no version", change(manifestName, `"version": 1`, `"version": 0`), ErrCorrupt},
		{"no JSON", change(manifestName, `{`, `[`), ErrCorrupt},
		{"foreign name", change(manifestName, `"d20261121.duckdb"`, `"../d20261121.duckdb"`), ErrCorrupt},
		{"name twice", change(manifestName, `"d20261121.duckdb"`, `"d20261122.duckdb"`), ErrCorrupt},
		{"file changed", change("d20261122.duckdb", "DUCK", "duck"), ErrCorrupt},
		{"file cut", func(dir string) error { return os.Truncate(filepath.Join(dir, "d20261122.duckdb"), 4096) }, ErrCorrupt},
		{"file missing", func(dir string) error { return os.Remove(filepath.Join(dir, "d20261122.duckdb")) }, ErrCorrupt},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, to := t.TempDir(), filepath.Join(t.TempDir(), "data")
			if err := errors.Join(os.CopyFS(dir, os.DirFS(backup)), tt.damage(dir)); err != nil {
				t.Fatal(err)
			}
			_, err := Restore(t.Context(), dir, to)
			if !errors.Is(err, tt.want) {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
			if exists(t, to) && len(names(t, to)) > 0 {
				t.Errorf("got files %q, want none", names(t, to))
			}
		})
	}
	if _, err := Restore(t.Context(), backup, c.Dir); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("onto documents: got error %v, want %v", err, ErrNotEmpty)
	}
}
