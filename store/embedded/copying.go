package embedded

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
)

// copying puts files into a folder. Each has an unfinished name until all of
// them get theirs.
type copying struct {
	dir   string
	files []ManifestFile
}

// add copies a file and says what it is.
func (c *copying) add(ctx context.Context, from string) (ManifestFile, error) {
	f := ManifestFile{Name: filepath.Base(from)}
	in, err := os.Open(from)
	if err != nil {
		return f, folderFault(from, err)
	}
	defer func() { _ = in.Close() }() // only read from
	to := filepath.Join(c.dir, f.Name)
	out, err := os.OpenFile(to+unfinished, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return f, folderFault(to, err)
	}
	c.files = append(c.files, f)
	sum := sha256.New()
	f.Bytes, err = io.Copy(io.MultiWriter(out, sum), stoppable{ctx, in})
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return f, folderFault(to, err)
	}
	f.SHA256 = hex.EncodeToString(sum.Sum(nil))
	c.files[len(c.files)-1] = f
	return f, nil
}

// finish gives the files their names.
func (c *copying) finish() error {
	for _, f := range c.files {
		to := filepath.Join(c.dir, f.Name)
		if err := os.Rename(to+unfinished, to); err != nil {
			return folderFault(to, err)
		}
	}
	if err := syncPath(c.dir); err != nil {
		return folderFault(c.dir, err)
	}
	return nil
}

// abandon removes what was copied.
func (c *copying) abandon() {
	for _, f := range c.files {
		to := filepath.Join(c.dir, f.Name)
		_ = os.Remove(to)              // it has one of the two names
		_ = os.Remove(to + unfinished) // or none
	}
}

// stoppable reads until the context ends.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// emptyFolder makes a folder when there is none, and wants it empty.
func emptyFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return folderFault(dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return folderFault(dir, err)
	}
	if len(entries) > 0 {
		return &FileError{File: dir, Kind: ErrNotEmpty, Err: errors.New("it has " + entries[0].Name())}
	}
	return nil
}
