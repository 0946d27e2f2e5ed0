// Package storetest says what the answers of a telemetry.Store mean. Every
// store runs all of it, on documents as the programs write them:
//
//	func TestContract(t *testing.T) {
//		storetest.Run(t, openSubject, storetest.Capabilities{})
//	}
//
// Expected values are literals or computed here from the documents, never
// taken from a store.
package storetest

import (
	"context"
	"testing"
	"time"

	"jikimi/telemetry"
)

// Subject is a store under test and the way to put documents into it.
type Subject struct {
	Store telemetry.Store
	// Seed stores documents and returns when questions see them: a search
	// cluster refreshes first.
	Seed func(ctx context.Context, docs []Document) error
}

// Document is a document as a shipper would send it.
type Document struct {
	Index  string
	Source []byte
}

// Opener opens an empty store whose clock stands at now and that keeps
// documents for at least the retention. It closes the store when the test ends.
type Opener func(t *testing.T, now time.Time, retention time.Duration) Subject

// Capabilities are what a store cannot do. Only this suite knows them; the
// zero value can do everything, and is the goal.
type Capabilities struct {
	// EstimatedPercentiles: percentiles lie between the exact ones half a point
	// below and above (a tenth of a point for p99).
	EstimatedPercentiles bool
	// KeepsAll: no retention of its own, so that no answer notes it.
	KeepsAll bool
	// NoArrival: documents do not say when they arrived.
	NoArrival bool
}

// suite is one run.
type suite struct {
	open Opener
	lack Capabilities
}

// Run runs the contract.
func Run(t *testing.T, open Opener, lack Capabilities) {
	s := suite{open, lack}
	for _, c := range []struct {
		name string
		run  func(*testing.T)
	}{
		{"Latency", s.latency}, {"Documents", s.documents}, {"Kinds", s.kinds}, {"Zones", s.zones}, {"Scope", s.scope},
		{"Filters", s.filters}, {"Compare", s.compare}, {"LongRange", s.longRange}, {"Samples", s.samples},
		{"Sources", s.sources}, {"Fields", s.fields}, {"Ingest", s.ingest}, {"Hostile", s.hostile}, {"Errors", s.errors}, {"WhileWriting", s.whileWriting},
	} {
		t.Run(c.name, c.run)
	}
}

// now is when the suite runs: a Sunday evening in UTC, Monday in Seoul.
var now = time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC)

const (
	day       = 24 * time.Hour
	retention = 30 * day
)

// opened opens a store with documents.
func (s suite) opened(t *testing.T, keep time.Duration, docs ...Document) telemetry.Store {
	t.Helper()
	subject := s.open(t, now, keep)
	seed(t, subject, docs)
	return subject.Store
}

func seed(t *testing.T, subject Subject, docs []Document) {
	t.Helper()
	const most = 2000
	for len(docs) > 0 {
		n := min(most, len(docs))
		if err := subject.Seed(t.Context(), docs[:n]); err != nil {
			t.Fatalf("Seed: %v", err)
		}
		docs = docs[n:]
	}
}

// query is about all that anybody may see, without a comparison.
func query(r telemetry.Range) telemetry.LatencyQuery {
	return telemetry.LatencyQuery{Range: r, Allow: telemetry.AllowAll(), Compare: telemetry.CompareNone}
}

// lately is the last hours until now, in UTC.
func lately(d time.Duration) telemetry.Range { return telemetry.Between(now.Add(-d), now, time.UTC) }

func ask(t *testing.T, store telemetry.Store, q telemetry.LatencyQuery) telemetry.Latency {
	t.Helper()
	l, err := store.Latency(t.Context(), q)
	if err != nil {
		t.Fatalf("Latency: %v", err)
	}
	return l
}
