package embedded

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
)

// lockFolder makes the folder when there is none and locks it for this
// process. The lock ends with the file or the process, however it ends.
func lockFolder(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, folderFault(dir, err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, folderFault(dir, err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return f, nil
	}
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = &FileError{File: dir, Kind: ErrInUse, Err: err}
	}
	return nil, errors.Join(err, f.Close())
}
