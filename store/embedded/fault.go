package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"

	"jikimi/telemetry"
)

// What can be wrong with a data folder. Errors of Open wrap one of these where
// it fits, mostly inside a *FileError that says which file.
var (
	// ErrInUse is a folder or file that another process has opened.
	ErrInUse = errors.New("in use by another process")
	// ErrReadOnly is a folder that this process may not write to.
	ErrReadOnly = errors.New("cannot be written to")
	// ErrNotFolder is a path where something other than a folder lies.
	ErrNotFolder = errors.New("not a folder")
	// ErrNewer is a file that a newer version wrote.
	ErrNewer = errors.New("written by a newer version")
	// ErrCorrupt is a file that is not, or no longer, what was written.
	ErrCorrupt = errors.New("damaged or not a day file")
	// ErrFull is a disk without space for what is written.
	ErrFull = errors.New("no space left for it")
	// ErrNotEmpty is a folder that holds something where an empty one is needed.
	ErrNotEmpty = errors.New("not empty")
	// ErrNoBackup is a folder that holds no complete backup.
	ErrNoBackup = errors.New("no complete backup")
	// ErrClosed is a store that was closed.
	ErrClosed = errors.New("store is closed")
)

// FileError says which file or folder is at fault.
type FileError struct {
	// File is its path.
	File string
	// Kind is one of the errors above; Err is what was found, for the log.
	Kind, Err error
}

func (e *FileError) Error() string {
	return fmt.Sprintf("embedded: %s: %v: %v", e.File, e.Kind, e.Err)
}

// Unwrap gives both the kind and the cause.
func (e *FileError) Unwrap() []error { return []error{e.Kind, e.Err} }

// folderFault names what the operating system says about a path.
func folderFault(path string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return &FileError{File: path, Kind: ErrNotFolder, Err: err}
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return &FileError{File: path, Kind: ErrFull, Err: err}
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrNotExist):
		return &FileError{File: path, Kind: ErrReadOnly, Err: err}
	}
	return fmt.Errorf("embedded: %w", err)
}

// fileFault names what DuckDB says about a file. DuckDB has one type for all
// trouble with files, so its words are read; otherwise it is what is given.
func fileFault(file string, err, otherwise error) error {
	text := err.Error()
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	kind := otherwise
	switch {
	case has("Could not set lock", "Conflicting lock"):
		kind = ErrInUse
	case has("version number", "newer version of DuckDB", "storage version"):
		kind = ErrNewer
	case has("No space left", "File too large", "Disk quota"):
		kind = ErrFull
	case has("Permission denied", "Read-only file system", "read-only mode"):
		kind = ErrReadOnly
	}
	return &FileError{File: file, Kind: kind, Err: err}
}

// errWrite is a write that failed for a reason of DuckDB's own.
var errWrite = errors.New("not written")

// unavailable is the error of a question: the context's own when the asker
// left, else one that wraps telemetry.ErrUnavailable.
func unavailable(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return fmt.Errorf("%s: %w: %w", what, telemetry.ErrUnavailable, err)
}
