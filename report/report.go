// Package report turns answers into sentences and a traffic light: what a page
// says in its first line. It is pure: the same answer gives the same words.
package report

import (
	"jikimi/i18n"
	"jikimi/telemetry"
)

// Mark is the state a sentence stands for; pages draw it as a shape.
type Mark string

// The marks.
const (
	MarkOK    Mark = "ok"
	MarkWarn  Mark = "warn"
	MarkCrit  Mark = "crit"
	MarkNone  Mark = "none"  // nothing to judge
	MarkStale Mark = "stale" // data too old to judge
)

// Verdict is the first line of a page.
type Verdict struct {
	Mark Mark
	Text string
}

// Limits from which a latency verdict is not fine any more.
const (
	// FailedWarn is the share of failed requests that needs a look: one of a hundred.
	FailedWarn = 0.01
	// FailedCrit is the share that needs it now: one of twenty.
	FailedCrit = 0.05
	// SlowerFactor is how many times longer p95 must be than in the comparison period.
	SlowerFactor = 1.5
	// SlowerMillis is by how many milliseconds at least: what doubles from 3 to 6 ms nobody notices.
	SlowerMillis = 50.0
)

// Latency says how long requests took, how many failed, and whether either
// needs a look.
func Latency(t i18n.Texts, q telemetry.LatencyQuery, l telemetry.Latency) Verdict {
	f := l.Total
	if f.Count == 0 && q.Narrowed() {
		return Verdict{MarkNone, t.T("latency.verdict.nomatch")}
	}
	if f.Count == 0 {
		return Verdict{MarkNone, t.T("latency.verdict.none")}
	}
	v := Verdict{latencyMark(l), latencySpeed(t, l) + " " + latencyFailures(t, f)}
	if l.Stale {
		v.Mark = MarkStale
	}
	return v
}

func latencyMark(l telemetry.Latency) Mark {
	share, _ := l.Total.FailedShare()
	switch {
	case share >= FailedCrit:
		return MarkCrit
	case share >= FailedWarn || Slower(l):
		return MarkWarn
	}
	return MarkOK
}

// Slower says whether p95 rose enough over the comparison period to matter,
// with enough requests in both to tell.
func Slower(l telemetry.Latency) bool {
	now, was := l.Total, l.Earlier
	return l.Compared && now.Timed >= telemetry.FewSamples && was.Timed >= telemetry.FewSamples &&
		now.P95 >= was.P95*SlowerFactor && now.P95-was.P95 >= SlowerMillis
}

func latencySpeed(t i18n.Texts, l telemetry.Latency) string {
	f := l.Total
	switch {
	case f.Timed == 0:
		return t.T("latency.verdict.untimed", "n", t.Count(f.Count))
	case f.Timed < telemetry.FewSamples:
		return t.T("latency.verdict.few", "n", t.Count(f.Count), "max", t.Millis(f.Max))
	case Slower(l):
		return t.T("latency.verdict.slower", "p95", t.Millis(f.P95), "was", t.Millis(l.Earlier.P95))
	}
	return t.T("latency.verdict.speed", "p95", t.Millis(f.P95))
}

func latencyFailures(t i18n.Texts, f telemetry.LatencyFigures) string {
	if f.Failed == 0 {
		return t.T("latency.verdict.nofailed")
	}
	share, _ := f.FailedShare()
	return t.T("latency.verdict.failed", "n", t.Count(f.Failed), "share", t.Share(share))
}
