package telemetry

import "time"

// Meta is what every answer says about itself.
type Meta struct {
	Notices []Notice
	// Partial says that a part of the data did not answer: counts may be too low.
	Partial bool
	// Stale says that this is the last good answer, because the data cannot be
	// read now; AsOf says from when.
	Stale bool
	// AsOf is when the question was answered, in UTC.
	AsOf time.Time
	// Evidence is how the numbers were found, one entry a query sent.
	Evidence []Evidence
}

// Notice is something the reader of a number must know. Pages translate
// `notice.<code>` with the parameters.
type Notice struct {
	Code   NoticeCode
	Params map[string]string
}

// NoticeCode names a kind of notice.
type NoticeCode string

// The notices.
const (
	// NoticeStale: the last good answer is shown. Params: since (RFC 3339).
	NoticeStale NoticeCode = "stale"
	// NoticeDayUnreadable: a day's file could not be read. Params: day.
	NoticeDayUnreadable NoticeCode = "day-unreadable"
	// NoticeRetention: the range begins before the oldest kept day. Params: oldest (RFC 3339).
	NoticeRetention NoticeCode = "retention"
	// NoticeNoDuration: requests without a readable duration are counted, but
	// not in the percentiles. Params: n.
	NoticeNoDuration NoticeCode = "no-duration"
	// NoticeShards: parts of indices did not answer: counts may be too low.
	// Params: n of total.
	NoticeShards NoticeCode = "shards"
	// NoticeUnanswered: whole indices did not answer. Params: indices.
	NoticeUnanswered NoticeCode = "unanswered"
	// NoticeTimedOut: the cluster stopped searching early and answered with
	// what it had found.
	NoticeTimedOut NoticeCode = "timed-out"
	// NoticeConflict: a field has a type in some indices that cannot be read as
	// what it means; there it is left out. Params: field, indices.
	NoticeConflict NoticeCode = "conflict"
)

// Evidence proves a number: what exactly was asked of which documents.
type Evidence struct {
	// Store is what was asked: `duckdb`, `elasticsearch`.
	Store string
	// Query is the text sent, with its arguments bound into it, ready to be
	// copied. It names no host and no credential.
	Query string
	// Indices are the indices (or, in the embedded store, the days) that were read.
	Indices []string
	// Took is how long the store worked.
	Took time.Duration
	// Documents is how many documents the figures are made of.
	Documents int64
	// Fields are the fields the roles were read from.
	Fields []FieldUse
	// Estimate is empty where figures are exact, else what they are estimated by.
	Estimate string
}

// FieldUse says which field of the documents a role was read from.
type FieldUse struct {
	Role    Role
	Profile string
	Path    string
	Unit    Unit
}
