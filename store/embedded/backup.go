package embedded

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Backup is what became of a backup.
type Backup struct {
	Manifest
	// Unreadable are the day files that were left out because they cannot be read.
	Unreadable []string
}

// Backup copies all days, and what is remembered of imports, into a folder
// that must be empty or not exist. It may be called while documents are
// written: each day is copied with the writer standing still, after its
// write-ahead log was folded into it. Days that follow may then have documents
// that came later.
func (s *Store) Backup(ctx context.Context, dir string) (Backup, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Backup{}, folderFault(dir, err)
	}
	if err := emptyFolder(dir); err != nil {
		return Backup{}, err
	}
	c := &copying{dir: dir}
	b, err := s.backup(ctx, c)
	if err != nil {
		c.abandon()
		return Backup{}, err
	}
	return b, nil
}

func (s *Store) backup(ctx context.Context, c *copying) (Backup, error) {
	b := Backup{Manifest: Manifest{Version: schemaVersion}}
	// The journal goes first: a copied day may hold more than the journal
	// says, which an import finds out, but never less.
	if err := c.addExisting(ctx, filepath.Join(s.config.Dir, JournalFile)); err != nil {
		return b, err
	}
	for _, d := range s.allDays() {
		unreadable, err := s.backupDay(ctx, d, c)
		if err != nil {
			return b, err
		}
		if unreadable != nil {
			s.config.Logger.Error("day file not copied", "file", d.path, "error", unreadable)
			b.Unreadable = append(b.Unreadable, d.path)
		}
	}
	if err := c.finish(); err != nil {
		return b, err
	}
	b.Files, b.Made = c.files, s.config.Now().UTC()
	return b, writeManifest(c.dir, b.Manifest)
}

// backupDay copies a day. It tells a day that cannot be read from a copy that
// cannot be made.
func (s *Store) backupDay(ctx context.Context, d *day, c *copying) (unreadable, err error) {
	err = s.ask(ctx, func(w *writer) error {
		if unreadable = w.foldDay(ctx, d); unreadable != nil {
			return nil
		}
		if err := c.addExisting(ctx, d.path); err != nil {
			return err
		}
		return c.addExisting(ctx, d.path+".wal")
	})
	if errors.Is(unreadable, errGone) {
		unreadable = nil
	}
	return unreadable, err
}

// foldDay folds a day's write-ahead log into its file, whether it is open for
// writing or not.
func (w *writer) foldDay(ctx context.Context, d *day) error {
	if o := w.open[d.start]; o != nil {
		err := o.checkpoint()
		if err != nil {
			w.drop(d.start)
		}
		return err
	}
	if err := d.acquire(ctx); err != nil {
		return err
	}
	defer d.release()
	if _, err := w.conn.ExecContext(context.WithoutCancel(ctx), "CHECKPOINT "+d.name); err != nil {
		return fileFault(d.path, err, ErrCorrupt)
	}
	return nil
}

// addExisting copies a file unless there is none.
func (c *copying) addExisting(ctx context.Context, from string) error {
	if _, err := os.Stat(from); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	_, err := c.add(ctx, from)
	return err
}
