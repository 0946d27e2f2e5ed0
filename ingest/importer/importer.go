// Package importer takes documents in from a stream: JSON lines, bulk bodies
// of Elasticsearch and plain text, also gzip or zstd compressed. It looks at
// the content only, so that a file, a pipe and an upload are the same to it.
//
//	result, err := importer.Import(ctx, file, importer.Config{Store: store, Index: "import-{date}", Journal: journal})
//
// A document's id is made of all content up to its end. So the same content
// gives the same ids under any name, and so does content that has grown. The
// journal remembers which batches are stored, by the id that ends them; what a
// cut-off import stored beyond its last note is found in the store by its ids.
// Together they make an import that continues where it ended, and a second one
// that changes nothing.
package importer

import (
	"context"
	"errors"
	"io"
	"time"

	"jikimi/ingest"
)

// What can be wrong with the input as a whole. What was read before is stored.
var (
	// ErrForm is content in a form that is not read, such as a zip archive.
	ErrForm = errors.New("this form is not read; give lines of UTF-8 text, plain, gzip or zstd compressed")
	// ErrTwice is content that was compressed twice.
	ErrTwice = errors.New("it was compressed twice; unpack it once first")
	// ErrBomb is content that grows beyond all reason when it is unpacked.
	ErrBomb = errors.New("it unpacks to hundreds of times its size, which no log does; unpack it first if it is right")
	// ErrLarge is content above Config.MaxBytes.
	ErrLarge = errors.New("it is larger than may be imported at once; split it")
	// ErrDamaged is compressed content that cannot be unpacked to its end.
	ErrDamaged = errors.New("it is cut off or damaged; what could be unpacked before that is imported")
)

// Store is what documents are imported into.
type Store interface {
	ingest.Writer
	// Stored returns the indices that hold a document of an id, for those of
	// the ids that are stored.
	Stored(ctx context.Context, ids []string) (map[string][]string, error)
}

// Journal remembers what is stored, across runs of the program.
type Journal interface {
	// Has says whether the mark was added before.
	Has(mark string) bool
	// Add returns when the mark is safe on disk.
	Add(mark string) error
}

// Config says where the documents of one import go.
type Config struct {
	Store Store
	// Index is the index's name; {date} in it becomes the document's UTC day.
	// Empty is DefaultIndex, and the index that a bulk action names.
	Index string
	// Journal is where the import finds and notes what is stored; nil: nowhere.
	Journal Journal
	// Again offers all documents, whatever the journal says. Those that are
	// stored are found by their ids.
	Again bool
	// Progress is told after each batch, in the goroutine of Import; nil: nobody.
	Progress func(Progress)
	// Now is the clock, nil the system's. Documents without a time get the
	// time of their arrival.
	Now func() time.Time
	// Batch is the most documents in one write, 0 means 5,000.
	Batch int
	// MaxBytes is the most unpacked bytes, 0 means 256 GiB.
	MaxBytes int64
	// Patience is how long a full store is waited for, 0 means two minutes.
	Patience time.Duration
}

func (c Config) withDefaults() Config {
	if c.Journal == nil {
		c.Journal = noJournal{}
	}
	if c.Progress == nil {
		c.Progress = func(Progress) {}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Batch <= 0 {
		c.Batch = 5000
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = 256 << 30
	}
	if c.Patience <= 0 {
		c.Patience = 2 * time.Minute
	}
	return c
}

// Progress is how far an import has come.
type Progress struct {
	// Bytes are read of the input, as it came.
	Bytes int64
	// Lines are read.
	Lines int64
	// Stored documents are new, Known ones were imported before.
	Stored, Known int64
	// Refused documents are not stored.
	Refused int64
	// Unreadable, among the stored and known, are kept as raw text.
	Unreadable int64
	// Untimed, among the stored and known, say no time of their own: theirs is
	// that of their arrival.
	Untimed int64
}

// Result is what became of an import.
type Result struct {
	Progress
	// RefusedSamples and UnreadableSamples are the first ones.
	RefusedSamples, UnreadableSamples []Sample
}

// Sample shows one document that is in trouble.
type Sample struct {
	// Line is where it begins, from 1.
	Line int64
	// Reason says what is wrong with it.
	Reason string
	// Text is its beginning, as it came: hostile.
	Text string
}

// Import reads documents until the input ends and returns when all of them are
// safe on disk. With an error the result says what was done before: starting
// again continues there. The error is one of those above, the reader's, the
// store's or the context's; documents that are refused are no error.
func Import(ctx context.Context, r io.Reader, c Config) (Result, error) {
	c = c.withDefaults()
	if err := CheckIndex(c.Index); err != nil {
		return Result{}, err
	}
	in, err := unpack(r, c.MaxBytes)
	if err != nil {
		return Result{}, err
	}
	defer in.close()
	run := &run{config: c, in: in, lines: newLineReader(in, c.Index), documents: newAssembler(c), check: true}
	err = run.all(ctx)
	return run.result, err
}
