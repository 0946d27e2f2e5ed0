package main

import (
	"errors"
	"fmt"

	"jikimi/store/embedded"
)

// storeFault says in one sentence why the documents of a folder cannot be
// used, and what would help.
func storeFault(dir string, err error) error {
	file := dir
	if f, ok := errors.AsType[*embedded.FileError](err); ok {
		file = f.File
	}
	switch {
	case errors.Is(err, embedded.ErrInUse):
		return fmt.Errorf("%s is in use by another Jikimi: stop it, or choose another folder with --data", file)
	case errors.Is(err, embedded.ErrReadOnly):
		return fmt.Errorf("%s cannot be written to by this user: change its rights, or choose another folder with --data", file)
	case errors.Is(err, embedded.ErrNotFolder):
		return fmt.Errorf("%s is not a folder: choose another one with --data", file)
	case errors.Is(err, embedded.ErrNewer):
		return fmt.Errorf("%s was written by a newer version of Jikimi: run that version, or choose another folder with --data", file)
	case errors.Is(err, embedded.ErrCorrupt):
		return fmt.Errorf("%s is damaged, or no file of Jikimi: move it elsewhere and start again", file)
	case errors.Is(err, embedded.ErrFull):
		return fmt.Errorf("there is no space left for %s: free some and start again", file)
	}
	return fmt.Errorf("the documents in %s cannot be used: %w", dir, err)
}
