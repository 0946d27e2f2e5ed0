// Package embedded keeps documents in DuckDB, in process: one file a UTC day
// in a folder, so that a machine needs no search cluster. It takes documents
// in (it is an ingest.Writer), answers the questions of telemetry.Store with
// one SQL statement each, and gives every document back as it came.
//
//	store, err := embedded.Open(ctx, embedded.Config{Dir: "data", Retention: 30 * 24 * time.Hour})
//	results, err := store.Write(ctx, docs)
//	answer, err := store.Latency(ctx, query)
//
// The main database is in memory and empty; day files are attached to it when
// they are first needed and detached when the retention removes them. One
// goroutine writes; readers work beside it.
package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"jikimi/ingest"
	"jikimi/telemetry"
)

var (
	_ telemetry.Store = (*Store)(nil)
	_ ingest.Writer   = (*Store)(nil)
)

// DefaultRetention is how long documents are kept when Config does not say.
const DefaultRetention = 30 * 24 * time.Hour

const (
	readers      = 4                     // questions DuckDB works on at a time
	queueBytes   = 64 << 20              // of documents waiting to be written
	queueCalls   = 4096                  // Write calls waiting
	tickEvery    = 5 * time.Second       // how often the writer looks for idle work
	exactMost    = 50_000_000            // values up to which percentiles are exact
	newestFuture = 24 * time.Hour        // how far ahead a document's time may be
	gatherFor    = 10 * time.Millisecond // how long a small group waits for more
	gatherMost   = 5000                  // documents in one group
	gatherEnough = 1000                  // documents that need not wait for more
	openDays     = 8                     // days with an appender at a time
)

// Config says where documents are kept and for how long.
type Config struct {
	// Dir is the data folder; it is made when it does not exist.
	Dir string
	// Retention is how long documents are kept: the UTC day this long ago is
	// the oldest one. Zero means DefaultRetention.
	Retention time.Duration
	// RetentionBytes is the most that the day files may take; beyond it the
	// oldest days are removed, but never today's. Zero means no limit.
	RetentionBytes int64
	// Keep says that no day is removed while the store is open, whatever the
	// retention: for commands that are not there to decide that.
	Keep bool
	// Now is the clock, nil the system's.
	Now func() time.Time
	// MemoryLimit is DuckDB's, such as `512MB`; empty means 1GB.
	MemoryLimit string
	// Threads is how many DuckDB works with; 0 means one a processor.
	Threads int
	// Logger is told about trouble with files; nil says nothing.
	Logger *slog.Logger
}

func (c Config) withDefaults() Config {
	if c.Retention <= 0 {
		c.Retention = DefaultRetention
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.MemoryLimit == "" {
		c.MemoryLimit = "1GB"
	}
	if c.Threads <= 0 {
		c.Threads = runtime.NumCPU()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Store is an opened data folder. Its methods may be called from many
// goroutines at once.
type Store struct {
	config    Config
	lock      *os.File
	db        *sql.DB
	profiles  []*profile
	marks     map[string]uint64
	pool      readerPool
	refusals  refusals
	seed      maphash.Seed
	reading   chan struct{} // one slot a reader
	exactMost int64

	mu      sync.RWMutex
	days    map[time.Time]*day
	layouts map[time.Time]*layout
	floor   time.Time // no day before it is taken any more: its file would be removed again

	sending sync.RWMutex // held for reading while a batch is sent
	closed  bool         // guarded by sending
	queue   chan *batch
	errands chan errand   // for the writer, between batches
	ended   chan struct{} // closed when the writer has ended
	waiting atomic.Int64  // bytes in the queue
	written atomic.Int64
	refused atomic.Int64
	sampled atomic.Uint64
}

// Open opens a data folder. It returns an error that wraps ErrInUse,
// ErrReadOnly, ErrNotFolder or ErrNewer where the folder is at fault; a day
// file that cannot be read does not stop the others.
func Open(ctx context.Context, c Config) (*Store, error) {
	return open(ctx, c, nil)
}

// open takes the writer's clock ticks from the caller when there are any.
func open(ctx context.Context, c Config, ticks <-chan time.Time) (*Store, error) {
	c = c.withDefaults()
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	c.Dir = dir
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := newStore(c, lock)
	if err := s.start(ctx, ticks); err != nil {
		return nil, errors.Join(err, s.closeFiles())
	}
	return s, nil
}

func newStore(c Config, lock *os.File) *Store {
	list := telemetry.Profiles()
	return &Store{
		config: c, lock: lock, profiles: compileProfiles(list), marks: markBits(list), seed: maphash.MakeSeed(),
		reading: make(chan struct{}, readers), exactMost: exactMost,
		days: map[time.Time]*day{}, layouts: map[time.Time]*layout{},
		queue: make(chan *batch, queueCalls), errands: make(chan errand), ended: make(chan struct{}),
	}
}

func (s *Store) start(ctx context.Context, ticks <-chan time.Time) (err error) {
	if s.db, err = openDuckDB(ctx, s.config); err != nil {
		return err
	}
	if err := s.findDays(); err != nil {
		return err
	}
	if err := s.retain(func(time.Time) {}); err != nil {
		return err
	}
	if err := s.checkNewest(ctx); err != nil {
		return err
	}
	w, err := newWriter(ctx, s)
	if err != nil {
		return err
	}
	go w.run(ticks)
	return nil
}

// Close writes what is waiting, folds the write-ahead logs into the day files
// and lets go of the folder. Later calls do nothing.
func (s *Store) Close() error {
	s.sending.Lock()
	if s.closed {
		s.sending.Unlock()
		return nil
	}
	s.closed = true
	close(s.queue)
	s.sending.Unlock()
	<-s.ended
	return s.closeFiles()
}

func (s *Store) closeFiles() error {
	var err error
	if s.db != nil {
		err = s.db.Close()
	}
	if err = errors.Join(err, s.lock.Close()); err != nil {
		return fmt.Errorf("embedded: close: %w", err)
	}
	return nil
}

func (s *Store) today() time.Time { return dayOf(s.config.Now()) }

// oldestKept is the first day that the retention keeps.
func (s *Store) oldestKept() time.Time {
	oldest := dayOf(s.config.Now().Add(-s.config.Retention))
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.floor.After(oldest) {
		return s.floor
	}
	return oldest
}

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
