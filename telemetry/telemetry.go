// Package telemetry holds the questions Jikimi's pages ask and the answers
// they get: one file a signal, the same word in every layer. It knows no HTTP,
// no SQL and no Elasticsearch JSON; stores implement its readers.
//
//	q, err := telemetry.ParseLatency(r.URL.Query(), now, zone)
//	q.Allow = principal.Allow
//	l, err := store.Latency(ctx, q)
package telemetry

import "context"

// Store answers every question. Every store answers every method; take the
// smaller reader where that is all you need.
type Store interface {
	LatencyReader
	SourceReader
	FieldReader
	IngestReader
}

// LatencyReader answers questions about requests.
type LatencyReader interface {
	// Latency reports request latency per bucket, oldest first. Buckets without
	// requests are left out. It returns ErrInvalid for a query that cannot be
	// asked, ErrUnavailable when the data cannot be read, and the context's
	// error when the caller left.
	Latency(ctx context.Context, q LatencyQuery) (Latency, error)
}

// SourceReader answers what there is to choose from.
type SourceReader interface {
	// Sources reports which env, source and host wrote documents in the range,
	// with the most busy first. Errors as for Latency.
	Sources(ctx context.Context, q SourcesQuery) (Sources, error)
}

// FieldReader answers what the documents look like.
type FieldReader interface {
	// Fields reports the paths and types met in the range's documents, by path.
	// Errors as for Latency.
	Fields(ctx context.Context, q FieldsQuery) (Fields, error)
}

// IngestReader answers how documents arrive.
type IngestReader interface {
	// Ingest reports each source's rate and delay, what was refused or could not
	// be read, and what is kept. Errors as for Latency.
	Ingest(ctx context.Context, q IngestQuery) (Ingest, error)
}
