package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jikimi/store/embedded"
)

func TestStoreFault(t *testing.T) {
	at := func(kind error) error {
		return fmt.Errorf("embedded: %w", &embedded.FileError{File: "/data/d1", Kind: kind, Err: errors.New("IO Error")})
	}
	tests := []struct {
		err  error
		want string
	}{
		{at(embedded.ErrInUse), "/data/d1 is in use by another Jikimi: stop it, or choose another folder with --data"},
		{at(embedded.ErrReadOnly), "/data/d1 cannot be written to by this user: change its rights, or choose another folder with --data"},
		{at(embedded.ErrNotFolder), "/data/d1 is not a folder: choose another one with --data"},
		{at(embedded.ErrNewer), "/data/d1 was written by a newer version of Jikimi: run that version, or choose another folder with --data"},
		{at(embedded.ErrCorrupt), "/data/d1 is damaged, or no file of Jikimi: move it elsewhere and start again"},
		{at(embedded.ErrFull), "there is no space left for /data/d1: free some and start again"},
		{embedded.ErrFull, "there is no space left for /data: free some and start again"},
		{errors.New("odd"), "the documents in /data cannot be used: odd"},
	}
	for _, tt := range tests {
		if got := storeFault("/data", tt.err).Error(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// A path that cannot hold documents is told in one sentence, with exit code 1.
func TestDataIsNoFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err := run(t.Context(), []string{"--data", file, "--listen=127.0.0.1:0", "--ingest-listen=off"}, nil, nil, &out, &out)
	if want := file + " is not a folder: choose another one with --data"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got := exitCode(err, &out); got != exitFailed {
		t.Errorf("exit code: got %d, want %d", got, exitFailed)
	}
}
