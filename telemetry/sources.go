package telemetry

import "time"

// SourcesQuery asks who wrote documents in the range. Source lists are not
// narrowed by a Scope: they are what a scope can be chosen from.
type SourcesQuery struct {
	Range Range
	Allow Allow
}

// Sources answers a SourcesQuery.
type Sources struct {
	Meta
	List []Source
	// LastRequest is when the newest request of any time that may be seen
	// ended, in UTC; zero when there is none.
	LastRequest time.Time
}

// Source is one env, source and host that wrote documents. Host is empty where
// documents name none.
type Source struct {
	Env, Source, Host string
	// Documents is their number in the range.
	Documents int64
}
