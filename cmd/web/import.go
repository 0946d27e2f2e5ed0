package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"jikimi/ingest"
	"jikimi/ingest/importer"
	"jikimi/store/embedded"
)

// importOrder is what an import was asked to do.
type importOrder struct {
	file  string // - is standard input
	index string
	again bool
}

func newImportOrder(line commandLine) importOrder {
	o := importOrder{file: line.operand, again: len(line.flags["again"]) > 0}
	if names := line.flags["index"]; len(names) > 0 {
		o.index = names[len(names)-1]
	}
	return o
}

// source is a file that is imported.
type source struct {
	io.ReadCloser
	name string
	size int64 // 0: not known
}

// importFile takes a file's documents in and says what became of them.
func (a *app) importFile(ctx context.Context, o importOrder) (err error) {
	if err := importer.CheckIndex(o.index); err != nil {
		return &configError{[]fault{{"flag --index", err.Error()}}}
	}
	in, err := a.openSource(o.file)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // only read from
	dir := a.config.folder("data")
	store, journal, err := a.openForImport(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, journal.Close(), store.Close()) }()
	m := newMeter(a.stderr, in.size, a.now)
	result, err := importer.Import(ctx, in, importer.Config{
		Store: store, Journal: journal, Index: o.index, Again: o.again, Now: a.now, Progress: m.show,
	})
	m.end()
	if _, failed := io.WriteString(a.stdout, summary(result)); failed != nil {
		return failed
	}
	return importFault(in.name, dir, result, err)
}

// openForImport opens the documents' folder. Nothing is removed from it: how
// long documents are kept is for the program that serves them.
func (a *app) openForImport(ctx context.Context, dir string) (*embedded.Store, *importer.FileJournal, error) {
	c := a.storeConfig(dir)
	c.Keep = true
	store, err := embedded.Open(ctx, c)
	if err != nil {
		return nil, nil, storeFault(dir, err)
	}
	journal, err := importer.OpenJournal(filepath.Join(dir, embedded.JournalFile))
	if err != nil {
		return nil, nil, errors.Join(storeFault(dir, err), store.Close())
	}
	return store, journal, nil
}

// openSource opens what can be read to an end. A pipe that nobody writes to
// would be waited for without a word.
func (a *app) openSource(file string) (*source, error) {
	if file == "-" {
		return &source{io.NopCloser(a.stdin), "standard input", 0}, nil
	}
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w", file, bare(err))
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder: name a file in it", file)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file: let standard input read it, as in jikimi import - < %s", file, file)
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", file, bare(err))
	}
	return &source{f, file, info.Size()}, nil
}

// errRefused ends an import that was complete, but for refused documents.
var errRefused = errors.New("some documents were refused")

// importFault says in one sentence why an import is not complete.
func importFault(name, dir string, r importer.Result, err error) error {
	switch {
	case err == nil && r.Refused > 0:
		return errRefused
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return errors.New("the import was interrupted: the same command goes on from here")
	case errors.Is(err, ingest.ErrFull):
		return errors.New("the documents could not be written in time: the same command goes on from here")
	case errors.Is(err, syscall.ENOSPC): // the journal's file
		err = embedded.ErrFull
	case errors.Is(err, importer.ErrForm):
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, kind := range []error{importer.ErrTwice, importer.ErrBomb, importer.ErrLarge, importer.ErrDamaged} {
		if errors.Is(err, kind) {
			return fmt.Errorf("%s: %w", name, kind)
		}
	}
	if read, ok := errors.AsType[*os.PathError](err); ok && read.Path == name {
		return fmt.Errorf("%s cannot be read: %w", name, read.Err)
	}
	return storeFault(dir, err)
}
