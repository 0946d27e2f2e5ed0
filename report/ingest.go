package report

import (
	"time"

	"jikimi/i18n"
	"jikimi/telemetry"
)

// The marks of a source.
const (
	MarkLive Mark = "live" // writes as often as it does
	MarkLate Mark = "late" // should have written by now
)

// quiet is the shortest silence that means anything.
const quiet = 5 * time.Minute

// SourceState says whether a source still writes: late when it has been silent
// for longer than five minutes and three times the distance its documents of
// the range have on average; stale when it wrote nothing in the range.
func SourceState(s telemetry.IngestSource, r telemetry.Range) Mark {
	if s.Documents == 0 {
		return MarkStale
	}
	distance := r.To.Sub(r.From) / time.Duration(s.Documents)
	if r.Now.Sub(s.Last) > max(quiet, 3*distance) {
		return MarkLate
	}
	return MarkLive
}

// Ingest says how many documents come, which sources have gone silent, and
// what was refused.
func Ingest(t i18n.Texts, q telemetry.IngestQuery, a telemetry.Ingest) Verdict {
	if len(a.Sources) == 0 {
		return Verdict{MarkNone, t.T("ingest.verdict.none")}
	}
	var live, silent int
	var documents int64
	for _, s := range a.Sources {
		documents += s.Documents
		if SourceState(s, q.Range) == MarkLive {
			live++
		} else {
			silent++
		}
	}
	v := Verdict{MarkOK, t.T("ingest.verdict.rate", "n", live, "rate", t.Rate(PerMinute(documents, q.Range)))}
	if live == 0 {
		v = Verdict{MarkWarn, t.T("ingest.verdict.silence")}
	} else if silent > 0 {
		v = Verdict{MarkWarn, v.Text + " " + t.T("ingest.verdict.silent", "n", silent)}
	}
	if n := refused(a.Refusals); n > 0 {
		v = Verdict{MarkWarn, v.Text + " " + t.T("ingest.verdict.refused", "n", t.Count(n))}
	}
	if a.Stale {
		v.Mark = MarkStale
	}
	return v
}

// PerMinute is documents a minute over the part of the range that has passed.
func PerMinute(documents int64, r telemetry.Range) float64 {
	return float64(documents) / r.Elapsed().Minutes()
}

func refused(list []telemetry.Refusal) int64 {
	var n int64
	for _, r := range list {
		n += r.Count
	}
	return n
}
