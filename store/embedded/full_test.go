package embedded

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"jikimi/ingest"
)

// TestFileTooLarge: one day's file cannot grow any more (a limit of the
// process, so that nobody need be root). Its batch fails, the other day goes
// on, and when there is space again, so does it.
func TestFileTooLarge(t *testing.T) {
	dir := t.TempDir()
	cmd, out, stdin := helper(t, "full", dir)
	for out.Scan() {
		t.Errorf("helper: %s", out.Text())
	}
	if err := errors.Join(stdin.Close(), cmd.Wait()); err != nil {
		t.Errorf("helper: %v", err)
	}
}

func writeUntilFull(dir string) error {
	signal.Ignore(syscall.SIGXFSZ)
	var unlimited syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &unlimited); err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 3 << 20, Max: unlimited.Max}); err != nil {
		return err
	}
	return fillAndFree(dir, true, func() error { return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &unlimited) })
}

// TestDiskFull does the same on a small disk, where the system lets us mount one.
func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=12m"); err != nil {
		t.Logf("no small disk can be mounted here (%v): TestFileTooLarge stands alone", err)
		return
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	}()
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 6<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fillAndFree(dir, false, func() error { return os.Remove(ballast) }); err != nil {
		t.Error(err)
	}
}

// fillAndFree writes until a write fails, makes space and goes on. Whatever
// was acknowledged must be there in the end.
func fillAndFree(dir string, otherGoesOn bool, free func() error) (err error) {
	s, err := Open(context.Background(), helperConfig(dir))
	if err != nil {
		return err
	}
	f := &filler{store: s, acknowledged: map[string]bool{}}
	if err := f.untilFull(otherGoesOn); err != nil {
		return errors.Join(err, s.Close())
	}
	if err := free(); err != nil {
		return errors.Join(err, s.Close())
	}
	if today, other := f.write(5); today != nil || other != nil {
		return errors.Join(fmt.Errorf("with space again: got an error, want none: %w", errors.Join(today, other)), s.Close())
	}
	if err := f.check(s); err != nil {
		return errors.Join(fmt.Errorf("before closing: %w", err), s.Close())
	}
	if err := s.Close(); err != nil {
		return err
	}
	again, err := Open(context.Background(), helperConfig(dir))
	if err != nil {
		return err
	}
	return errors.Join(f.check(again), again.Close())
}

type filler struct {
	store        *Store
	acknowledged map[string]bool
	n            int
}

// write writes big documents of today and a small one of yesterday.
func (f *filler) write(big int) (today, other error) {
	var docs []ingest.Document
	for range big {
		f.n++
		docs = append(docs, fillerDocument(fmt.Sprintf("big-%d", f.n), sampleNow, 30_000))
	}
	f.n++
	docs = append(docs, fillerDocument(fmt.Sprintf("small-%d", f.n), sampleNow.Add(-24*time.Hour), 1))
	results, err := f.store.Write(context.Background(), docs)
	if err != nil {
		return err, err
	}
	for _, r := range results {
		if r.Err == nil {
			f.acknowledged[r.ID] = true
		}
	}
	return results[0].Err, results[big].Err
}

// fillerDocument holds text that cannot be compressed.
func fillerDocument(id string, at time.Time, size int) ingest.Document {
	noise := make([]byte, size)
	_, _ = rand.Read(noise) // never fails
	return ingest.Document{Index: "logs", ID: id, Source: fmt.Appendf(nil, `{"timestamp":%q,"x":%q}`, at.Add(-time.Minute).Format(time.RFC3339), hex.EncodeToString(noise))}
}

// untilFull writes until today's documents fail, and once more.
func (f *filler) untilFull(otherGoesOn bool) error {
	for range 400 {
		today, other := f.write(5)
		if today == nil {
			continue
		}
		if !errors.Is(today, ErrFull) {
			return fmt.Errorf("got error %w, want one that says no space", today)
		}
		if otherGoesOn && other != nil {
			return fmt.Errorf("the other day: got error %w, want it stored", other)
		}
		if again, _ := f.write(200); again == nil {
			return errors.New("still full: got no error, want one")
		}
		return nil
	}
	return errors.New("never full")
}

func (f *filler) check(s *Store) error {
	stored := map[string]bool{}
	for days := range 2 {
		err := s.Export(context.Background(), sampleNow.Add(-time.Duration(days)*24*time.Hour), func(d Document) error {
			stored[d.ID] = true
			return nil
		})
		if err != nil {
			return err
		}
	}
	for id := range f.acknowledged {
		if !stored[id] {
			return fmt.Errorf("document %s was acknowledged and is missing", id)
		}
	}
	return nil
}
