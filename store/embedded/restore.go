package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Restore copies a backup into a data folder that must be empty or not exist,
// and checks each file against the manifest. With an error the folder is left
// without any of them.
func Restore(ctx context.Context, from, dir string) (Manifest, error) {
	m, err := readManifest(from)
	if err != nil {
		return m, err
	}
	if err := emptyFolder(dir); err != nil {
		return m, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return m, err
	}
	c := &copying{dir: dir}
	if err := c.restore(ctx, from, m); err != nil {
		c.abandon()
		return m, errors.Join(err, lock.Close(), os.Remove(lock.Name()))
	}
	if err := lock.Close(); err != nil {
		return m, fmt.Errorf("embedded: restore: %w", err)
	}
	return m, nil
}

func (c *copying) restore(ctx context.Context, from string, m Manifest) error {
	for _, want := range m.Files {
		name := filepath.Join(from, want.Name)
		got, err := c.add(ctx, name)
		if errors.Is(err, fs.ErrNotExist) {
			return &FileError{File: name, Kind: ErrCorrupt, Err: err}
		}
		if err != nil {
			return err
		}
		if got != want {
			return &FileError{File: name, Kind: ErrCorrupt, Err: fmt.Errorf(
				"%d bytes with SHA-256 %s, the manifest says %d and %s", got.Bytes, got.SHA256, want.Bytes, want.SHA256)}
		}
	}
	return c.finish()
}
