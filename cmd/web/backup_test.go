package main

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"testing"

	"jikimi/store/embedded"
)

func TestBackupFault(t *testing.T) {
	at := func(kind error) error {
		return &embedded.FileError{File: "/b", Kind: kind, Err: errors.New("IO Error")}
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{at(embedded.ErrNotEmpty), "/b is not empty: name an empty folder, or a new one"},
		{at(embedded.ErrNoBackup), "/b holds no complete backup: there is no manifest.json"},
		{at(embedded.ErrNewer), "/b is of a newer version of Jikimi: restore it with that version"},
		{at(embedded.ErrCorrupt), "/b is not what was backed up: nothing was restored"},
		{at(embedded.ErrFull), "there is no space left for /b: free some and try again"},
		{at(embedded.ErrInUse), "/b is in use by another Jikimi: stop it, or name another folder"},
		{at(embedded.ErrNotFolder), "/b is not a folder: name another one"},
		{at(embedded.ErrReadOnly), "/b cannot be written to by this user: change its rights, or name another folder"},
		{context.Canceled, "interrupted: nothing was copied"},
		{errors.New("odd"), "backup: odd"},
	} {
		if got := backupFault(tt.err).Error(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// A folder without documents is not made by asking for its backup, and what is
// no backup is not restored.
func TestBackupOfNothing(t *testing.T) {
	none, empty := filepath.Join(t.TempDir(), "none"), t.TempDir()
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"backup", empty, "--data", none}, none + " cannot be read: no such file or directory"},
		{[]string{"restore", empty, "--data", none}, empty + " holds no complete backup: there is no manifest.json"},
	} {
		err := run(t.Context(), tt.args, nil, nil, io.Discard, io.Discard)
		if err == nil || err.Error() != tt.want || exitCode(err, io.Discard) != exitFailed {
			t.Errorf("%q: got %v, want %s", tt.args, err, tt.want)
		}
	}
}
