package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"jikimi/store/embedded"
)

// backup copies the documents to a folder. It removes nothing, whatever the
// retention.
func (a *app) backup(ctx context.Context, to string) (err error) {
	dir := a.config.folder("data")
	if _, err := os.Stat(dir); err != nil {
		return fmt.Errorf("%s cannot be read: %w", dir, bare(err))
	}
	c := a.storeConfig(dir)
	c.Keep = true
	store, err := embedded.Open(ctx, c)
	if err != nil {
		return storeFault(dir, err)
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	b, err := store.Backup(ctx, to)
	if err != nil {
		return backupFault(err)
	}
	if _, err := fmt.Fprintf(a.stdout, "%s: %d files, %s bytes.\n", to, len(b.Files), thousands(b.Bytes())); err != nil {
		return err
	}
	if len(b.Unreadable) > 0 {
		return fmt.Errorf("these days cannot be read and were left out: %s", strings.Join(b.Unreadable, ", "))
	}
	return nil
}

// restore copies a backup into the data folder.
func (a *app) restore(ctx context.Context, from string) error {
	dir := a.config.folder("data")
	m, err := embedded.Restore(ctx, from, dir)
	if err != nil {
		return backupFault(err)
	}
	_, err = fmt.Fprintf(a.stdout, "%s: %d files of %s, %s bytes. The next start removes the days that are older than its --retention.\n",
		dir, len(m.Files), m.Made.In(a.config.zone).Format("2006-01-02 15:04"), thousands(m.Bytes()))
	return err
}

// backupFault says in one sentence why a backup could not be made or restored.
func backupFault(err error) error {
	at, ok := errors.AsType[*embedded.FileError](err)
	switch {
	case errors.Is(err, context.Canceled):
		return errors.New("interrupted: nothing was copied")
	case !ok:
		return fmt.Errorf("backup: %w", err)
	case errors.Is(err, embedded.ErrNotEmpty):
		return fmt.Errorf("%s is not empty: name an empty folder, or a new one", at.File)
	case errors.Is(err, embedded.ErrNoBackup):
		return fmt.Errorf("%s holds no complete backup: there is no manifest.json", at.File)
	case errors.Is(err, embedded.ErrNewer):
		return fmt.Errorf("%s is of a newer version of Jikimi: restore it with that version", at.File)
	case errors.Is(err, embedded.ErrCorrupt):
		return fmt.Errorf("%s is not what was backed up: nothing was restored", at.File)
	case errors.Is(err, embedded.ErrFull):
		return fmt.Errorf("there is no space left for %s: free some and try again", at.File)
	case errors.Is(err, embedded.ErrInUse):
		return fmt.Errorf("%s is in use by another Jikimi: stop it, or name another folder", at.File)
	case errors.Is(err, embedded.ErrNotFolder):
		return fmt.Errorf("%s is not a folder: name another one", at.File)
	case errors.Is(err, embedded.ErrReadOnly):
		return fmt.Errorf("%s cannot be written to by this user: change its rights, or name another folder", at.File)
	}
	return fmt.Errorf("backup: %w", err)
}
