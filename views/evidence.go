package views

import (
	"context"
	"slices"
	"strings"
	"time"

	"jikimi/i18n"
	"jikimi/report"
	"jikimi/telemetry"
)

// EvidencePage proves a figure of the latency page.
type EvidencePage struct {
	LatencyPage
	// Figure is what is proven: see Figures. Tab is `query`, `curl` (where the
	// store is asked over HTTP) or `table`.
	Figure, Tab string
}

// Figures are what evidence can be asked for.
func Figures() []string {
	return []string{"percentiles", "requests", "failed", "p50", "p95", "p99", "max"}
}

func (p EvidencePage) figureName(ctx context.Context) string {
	if p.Figure == "percentiles" {
		return t(ctx, "latency.chart.percentiles")
	}
	return t(ctx, "figure."+p.Figure)
}

func (p EvidencePage) figureValue(ctx context.Context) (i18n.Quantity, bool) {
	x, f := i18n.From(ctx), p.Latency.Total
	switch p.Figure {
	case "requests":
		return x.Count(f.Count), true
	case "failed":
		share, ok := f.FailedShare()
		return x.Share(share), ok
	case "percentiles":
		return i18n.Quantity{}, false
	}
	return x.Millis(measureOf(p.Figure)(f)), f.Timed > 0
}

func (p EvidencePage) sentence(ctx context.Context) string {
	n := i18n.Integer(p.Latency.Total.Timed)
	for _, e := range p.Latency.Evidence {
		if e.Estimate != "" {
			return t(ctx, "evidence.estimate", "n", n, "how", e.Estimate)
		}
	}
	if len(p.Latency.Evidence) == 0 {
		return t(ctx, "evidence.none")
	}
	return t(ctx, "evidence.exact", "n", n)
}

// fact is a line of the drawer.
type fact struct {
	Name   string
	Values []string // a line each
	Mono   bool
}

func (p EvidencePage) facts(ctx context.Context) []fact {
	var indices, fields []string
	var took time.Duration
	var documents int64
	store := ""
	for _, e := range p.Latency.Evidence {
		store = e.Store
		indices = append(indices, e.Indices...)
		took += e.Took
		documents += e.Documents
		for _, f := range e.Fields {
			fields = append(fields, fieldText(ctx, f))
		}
	}
	if store == "" {
		return nil
	}
	return []fact{
		{t(ctx, "evidence.store"), []string{t(ctx, "evidence.store."+store)}, false},
		{t(ctx, "evidence.indices"), []string{ends(indices)}, true},
		{t(ctx, "evidence.took"), []string{i18n.From(ctx).Millis(float64(took) / 1e6).String()}, false},
		{t(ctx, "evidence.documents"), []string{i18n.Integer(documents)}, false},
		{t(ctx, "evidence.field"), distinct(fields), false},
	}
}

func fieldText(ctx context.Context, f telemetry.FieldUse) string {
	text := t(ctx, "role."+string(f.Role)) + " ← " + Clean(f.Path)
	if f.Unit != telemetry.UnitNone {
		text += " (" + string(f.Unit) + ")"
	}
	return text + " · " + t(ctx, "evidence.profile", "name", f.Profile)
}

// ends names the first and the last of a sorted list when it is long.
func ends(list []string) string {
	list = distinct(list)
	if len(list) > 3 {
		return list[0] + " … " + list[len(list)-1] + " (" + i18n.Integer(int64(len(list))) + ")"
	}
	return strings.Join(list, ", ")
}

func distinct(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

func (p EvidencePage) queries(ctx context.Context) string {
	var out []string
	for _, e := range p.Latency.Evidence {
		out = append(out, strings.TrimSpace(e.Query))
	}
	if len(out) == 0 {
		return t(ctx, "evidence.none")
	}
	return strings.Join(out, "\n\n")
}

// overHTTP says whether the queries can be sent by curl.
func (p EvidencePage) overHTTP() bool {
	return slices.ContainsFunc(p.Latency.Evidence, func(e telemetry.Evidence) bool { return e.Store == "elasticsearch" })
}

// curl is the queries as commands. They name $ES_URL, never a host or a
// credential.
func (p EvidencePage) curl(ctx context.Context) string {
	var out []string
	for part := range strings.SplitSeq("\n"+p.queries(ctx), "\nPOST ") {
		path, body, ok := strings.Cut(part, "\n")
		if !ok {
			continue
		}
		body = strings.ReplaceAll(strings.TrimSpace(body), "'", `'\''`)
		out = append(out, `curl -s "$ES_URL`+path+`" -H 'Content-Type: application/json' -d '`+body+`'`)
	}
	return strings.Join(out, "\n\n")
}

func (p EvidencePage) backURL() string { return link("/latency", p.Query.Values()) }

// noticeTone is the colour of a notice.
func noticeTone(n telemetry.Notice) string {
	switch n.Code {
	case telemetry.NoticeDayUnreadable, telemetry.NoticeShards, telemetry.NoticeUnanswered, telemetry.NoticeTimedOut:
		return "warn"
	case telemetry.NoticeStale:
		return "warn stale"
	}
	return ""
}

func noticeMark(n telemetry.Notice) report.Mark {
	switch n.Code {
	case telemetry.NoticeStale:
		return report.MarkStale
	case telemetry.NoticeDayUnreadable, telemetry.NoticeShards, telemetry.NoticeUnanswered, telemetry.NoticeTimedOut:
		return report.MarkWarn
	}
	return "info"
}

// noticeText translates a notice; parameters that are times become clocks.
func noticeText(ctx context.Context, n telemetry.Notice, b ScopeBar) string {
	var pairs []any
	for name, value := range n.Params {
		if at, err := time.Parse(time.RFC3339Nano, value); err == nil {
			value = clock(ctx, at, b.Page.Now, b.Range.Zone)
		}
		pairs = append(pairs, name, value)
	}
	return t(ctx, "notice."+string(n.Code), pairs...)
}

func failedText(ctx context.Context, f telemetry.LatencyFigures) string {
	share, _ := f.FailedShare()
	return i18n.Integer(f.Failed) + " (" + i18n.From(ctx).Share(share).String() + ")"
}
