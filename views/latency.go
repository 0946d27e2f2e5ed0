package views

import (
	"context"
	"math"
	"net/url"
	"time"

	"jikimi/i18n"
	"jikimi/report"
	"jikimi/telemetry"
)

// LatencyPage is the page of request latency.
type LatencyPage struct {
	Page
	Bar     ScopeBar
	Query   telemetry.LatencyQuery
	Latency telemetry.Latency
	Sources telemetry.Sources
	Verdict report.Verdict
}

// EvidenceURL is where a figure's proof is: pinned to the answer's own times,
// so that the proof is of the number on the screen.
func (p LatencyPage) EvidenceURL(figure, tab string) string {
	q := p.Query
	q.Range = q.Range.Pinned()
	v := q.Values()
	v.Set("figure", figure)
	v.Set("tab", tab)
	return link("/latency/evidence", v)
}

// CSVURL is where the buckets are as CSV.
func (p LatencyPage) CSVURL() string {
	q := p.Query
	q.Range = q.Range.Pinned()
	return link("/latency.csv", q.Values())
}

// stepText is the length of a bucket in words.
func (p LatencyPage) stepText(ctx context.Context) string {
	return lasting(ctx, p.Query.Range.Step())
}

// kpi is one tile of the strip.
type kpi struct {
	Figure, Label string // Figure names it in the evidence
	Value         i18n.Quantity
	Missing       bool
	Change        *change
	Note          string
}

func (p LatencyPage) kpis(ctx context.Context) []kpi {
	x, f := i18n.From(ctx), p.Latency.Total
	out := []kpi{{
		Figure: "requests", Label: t(ctx, "figure.requests"), Value: x.Count(f.Count),
		Change: p.change(ctx, func(f telemetry.LatencyFigures) float64 { return float64(f.Count) }),
		Note:   p.rate(ctx),
	}}
	for _, m := range measures() {
		k := kpi{Figure: m.name, Label: t(ctx, "figure."+m.name), Value: x.Millis(m.of(f)), Change: p.change(ctx, m.of)}
		if f.Timed == 0 || f.Timed < telemetry.FewSamples && m.name != "max" {
			k.Missing, k.Change = true, nil // too few to speak of percentiles
		}
		out = append(out, k)
	}
	return append(out, p.failedKPI(ctx))
}

// measure is one of the durations of LatencyFigures.
type measure struct {
	name string
	of   func(telemetry.LatencyFigures) float64
}

func measures() []measure {
	return []measure{
		{"p50", func(f telemetry.LatencyFigures) float64 { return f.P50 }},
		{"p95", func(f telemetry.LatencyFigures) float64 { return f.P95 }},
		{"p99", func(f telemetry.LatencyFigures) float64 { return f.P99 }},
		{"max", func(f telemetry.LatencyFigures) float64 { return f.Max }},
	}
}

// rate is how many requests a second there were.
func (p LatencyPage) rate(ctx context.Context) string {
	return t(ctx, "latency.rate", "n", i18n.From(ctx).Rate(float64(p.Latency.Total.Count)/p.Query.Range.Elapsed().Seconds()))
}

func (p LatencyPage) change(ctx context.Context, of func(telemetry.LatencyFigures) float64) *change {
	if !p.Latency.Compared {
		return nil
	}
	c := relativeChange(ctx, of(p.Latency.Total), of(p.Latency.Earlier))
	return &c
}

func (p LatencyPage) failedKPI(ctx context.Context) kpi {
	share, ok := p.Latency.Total.FailedShare()
	k := kpi{Figure: "failed", Label: t(ctx, "figure.failed"), Value: i18n.From(ctx).Share(share), Missing: !ok}
	if !p.Latency.Compared {
		return k
	}
	was, had := p.Latency.Earlier.FailedShare()
	c := change{Short: "–", Long: t(ctx, "change.none")}
	if had {
		c = shareChange(ctx, share, was)
		if share >= report.FailedWarn && share > was {
			c.Tone = "meh"
		}
	}
	k.Change = &c
	return k
}

// compareLabel says what the changes and the dotted line are against.
func (p LatencyPage) compareLabel(ctx context.Context) string {
	return t(ctx, "compare."+string(p.Query.Compare))
}

// legendRow is a line of the chart with its figures.
type legendRow struct {
	Style, Name           string
	Last, Min, Max, Whole i18n.Quantity
	Missing               bool
}

// figures are the cells of the row.
func (r legendRow) figures() []i18n.Quantity {
	return []i18n.Quantity{r.Last, r.Min, r.Max, r.Whole}
}

func (p LatencyPage) legend(ctx context.Context) []legendRow {
	var rows []legendRow
	for _, name := range []string{"p99", "p95", "p50"} {
		of := measureOf(name)
		rows = append(rows, legendRowOf(ctx, name, name, p.Latency.Buckets, p.Latency.Total, of))
	}
	if p.Latency.Compared {
		label := t(ctx, "latency.legend.compare", "period", p.compareLabel(ctx))
		rows = append(rows, legendRowOf(ctx, "compare", label, p.Latency.EarlierBuckets, p.Latency.Earlier, measureOf("p95")))
	}
	return rows
}

func measureOf(name string) func(telemetry.LatencyFigures) float64 {
	for _, m := range measures() {
		if m.name == name {
			return m.of
		}
	}
	return func(telemetry.LatencyFigures) float64 { return 0 }
}

func legendRowOf(ctx context.Context, style, name string, buckets []telemetry.LatencyBucket, whole telemetry.LatencyFigures, of func(telemetry.LatencyFigures) float64) legendRow {
	x := i18n.From(ctx)
	row := legendRow{Style: style, Name: name, Missing: whole.Timed == 0}
	low, high, last := math.Inf(1), 0.0, 0.0
	for _, b := range buckets {
		if b.Timed > 0 {
			last = of(b.LatencyFigures)
			low, high = min(low, last), max(high, last)
		}
	}
	if math.IsInf(low, 1) {
		row.Missing = true
		return row
	}
	row.Last, row.Min, row.Max, row.Whole = x.Millis(last), x.Millis(low), x.Millis(high), x.Millis(of(whole))
	return row
}

// fewBuckets is how many buckets have too few timed requests for percentiles.
func (p LatencyPage) fewBuckets() int {
	n := 0
	for _, b := range p.Latency.Buckets {
		if b.Timed > 0 && b.Timed < telemetry.FewSamples {
			n++
		}
	}
	return n
}

// tableRow is a bucket as the table behind a chart shows it.
type tableRow struct {
	Start string
	telemetry.LatencyBucket
}

func (p LatencyPage) rows() []tableRow {
	layout := "01-02 15:04"
	if p.Query.Range.Step() < time.Minute {
		layout = "01-02 15:04:05"
	}
	rows := make([]tableRow, 0, len(p.Latency.Buckets))
	for _, b := range p.Latency.Buckets {
		rows = append(rows, tableRow{b.Start.In(p.Query.Range.Zone).Format(layout), b})
	}
	return rows
}

// lastRequestURL is the page around the newest request there is.
func (p LatencyPage) lastRequestURL() string {
	last := p.Sources.LastRequest
	r := telemetry.Between(last.Add(-time.Hour).Truncate(time.Minute), last.Add(time.Minute).Truncate(time.Minute), p.Query.Range.Zone)
	return link(p.Path, withRange(p.Bar.Values, r.Values()))
}

// resetURL is the page with its range and nothing else.
func (p LatencyPage) resetURL() string {
	v := url.Values{}
	for _, k := range []string{"range", "from", "to", "tz", "compare", "refresh"} {
		if vs, ok := p.Bar.Values[k]; ok {
			v[k] = vs
		}
	}
	return link(p.Path, v)
}
