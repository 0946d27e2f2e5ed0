package embedded

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"
)

// Manifest says what a backup holds. It is written last: a folder without it
// holds no complete backup.
type Manifest struct {
	// Version is that of the files; a program reads those of its own.
	Version int `json:"version"`
	// Made is when the backup was finished, in UTC.
	Made time.Time `json:"made"`
	// Files are the backup's files, oldest day first.
	Files []ManifestFile `json:"files"`
}

// ManifestFile is one file of a backup.
type ManifestFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hex
}

// Bytes is what the files take.
func (m Manifest) Bytes() int64 {
	var total int64
	for _, f := range m.Files {
		total += f.Bytes
	}
	return total
}

const (
	manifestName     = "manifest.json"
	maxManifestBytes = 16 << 20
)

// JournalFile is the file of the data folder that remembers what was imported.
// The store itself only copies it.
const JournalFile = "imports"

// backupFile are the names that a backup's files may have.
var backupFile = regexp.MustCompile(`^(d\d{8}\.duckdb(\.wal)?|` + JournalFile + `)$`)

func writeManifest(dir string, m Manifest) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("embedded: manifest: %w", err)
	}
	name := filepath.Join(dir, manifestName)
	err = os.WriteFile(name+unfinished, append(text, '\n'), 0o600)
	if err = errors.Join(err, syncPath(name+unfinished)); err != nil {
		return folderFault(name, err)
	}
	if err := os.Rename(name+unfinished, name); err != nil {
		return folderFault(name, err)
	}
	return nil
}

// readManifest reads and checks the manifest of a folder.
func readManifest(dir string) (Manifest, error) {
	name := filepath.Join(dir, manifestName)
	info, err := os.Stat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, &FileError{File: dir, Kind: ErrNoBackup, Err: err}
	}
	if err != nil {
		return Manifest{}, folderFault(name, err)
	}
	if info.Size() > maxManifestBytes {
		return Manifest{}, &FileError{File: name, Kind: ErrCorrupt, Err: fmt.Errorf("%d bytes", info.Size())}
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return Manifest{}, folderFault(name, err)
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return Manifest{}, &FileError{File: name, Kind: ErrCorrupt, Err: err}
	}
	return m, m.check(name)
}

func (m Manifest) check(name string) error {
	if m.Version > schemaVersion {
		return &FileError{File: name, Kind: ErrNewer, Err: fmt.Errorf("version %d, this program reads %d", m.Version, schemaVersion)}
	}
	if m.Version != schemaVersion {
		return &FileError{File: name, Kind: ErrCorrupt, Err: fmt.Errorf("version %d", m.Version)}
	}
	seen := map[string]bool{}
	for _, f := range m.Files {
		if seen[f.Name] || !backupFile.MatchString(f.Name) {
			return &FileError{File: name, Kind: ErrCorrupt, Err: fmt.Errorf("a file named %.80q", f.Name)}
		}
		seen[f.Name] = true
	}
	return nil
}

// syncPath returns when a file or folder is safe on disk.
func syncPath(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
