package importer

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
)

// noJournal remembers nothing.
type noJournal struct{}

func (noJournal) Has(string) bool  { return false }
func (noJournal) Add(string) error { return nil }

// FileJournal keeps marks in a file, one a line. It may be used from many
// goroutines, but the file from one process only.
type FileJournal struct {
	mu    sync.Mutex
	file  *os.File
	marks map[string]struct{}
}

// OpenJournal opens the file, making it when there is none. A line that a
// crash cut off is taken out: what it would have marked is found by its ids.
func OpenJournal(name string) (*FileJournal, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("import: journal: %w", err)
	}
	j := &FileJournal{file: file, marks: map[string]struct{}{}}
	if err := j.load(name); err != nil {
		return nil, fmt.Errorf("import: journal: %w", errors.Join(err, file.Close()))
	}
	return j, nil
}

func (j *FileJournal) load(name string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	for mark := range strings.Lines(string(text)) {
		j.marks[strings.TrimSuffix(mark, "\n")] = struct{}{}
	}
	if err := j.file.Truncate(int64(len(text))); err != nil {
		return err
	}
	_, err = j.file.Seek(int64(len(text)), 0)
	return err
}

// Has implements Journal.
func (j *FileJournal) Has(mark string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, ok := j.marks[mark]
	return ok
}

// Add implements Journal.
func (j *FileJournal) Add(mark string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if _, err := j.file.WriteString(mark + "\n"); err != nil {
		return fmt.Errorf("import: journal: %w", err)
	}
	if err := j.file.Sync(); err != nil {
		return fmt.Errorf("import: journal: %w", err)
	}
	j.marks[mark] = struct{}{}
	return nil
}

// Close lets go of the file.
func (j *FileJournal) Close() error { return j.file.Close() }
