package views

import (
	"context"
	"strings"
	"time"

	"jikimi/i18n"
	"jikimi/report"
	"jikimi/telemetry"
)

// IngestPage is the page of how documents arrive.
type IngestPage struct {
	Page
	Bar     ScopeBar
	Query   telemetry.IngestQuery
	Ingest  telemetry.Ingest
	Verdict report.Verdict
	// Address is where shippers can send to, empty when that is off.
	Address string
	// How is the shipper whose snippet is shown: see Shippers.
	How string
}

// Shippers are the programs that have a snippet.
func Shippers() []string { return []string{"filebeat", "logstash", "winston", "k6"} }

// ingestRow is a source as the table shows it.
type ingestRow struct {
	telemetry.IngestSource
	State report.Mark
	Rate  string
	Delay i18n.Quantity
	Last  string
	Spark []*float64
}

func (p IngestPage) rows(ctx context.Context) []ingestRow {
	x, r := i18n.From(ctx), p.Query.Range
	starts := r.Buckets()
	var rows []ingestRow
	for _, s := range p.Ingest.Sources {
		rows = append(rows, ingestRow{
			IngestSource: s, State: report.SourceState(s, r), Rate: x.Rate(report.PerMinute(s.Documents, r)),
			Delay: x.Millis(max(s.DelayP95, 0)), Last: x.Ago(r.Now.Sub(s.Last)), Spark: counts(starts, s.Buckets, r),
		})
	}
	return rows
}

// counts puts buckets on the range's starts. A bucket of the past without
// documents is a zero here: nothing came.
func counts(starts []time.Time, buckets []telemetry.IngestBucket, r telemetry.Range) []*float64 {
	values := make([]*float64, len(starts))
	for i, s := range starts {
		if s.Before(r.Now) {
			values[i] = new(float64)
		}
	}
	for _, b := range buckets {
		if i := telemetry.Bucket(starts, b.Start); i >= 0 && i < len(values) {
			v := float64(b.Count)
			values[i] = &v
		}
	}
	return values
}

// sourceName is an env and a source as one text.
func sourceName(ctx context.Context, env, source string) string {
	if source == "" {
		source = t(ctx, "scope.unnamed")
	}
	if env == "" {
		return Clean(source)
	}
	return Clean(env) + " / " + Clean(source)
}

func (p IngestPage) step(ctx context.Context) string { return lasting(ctx, p.Query.Range.Step()) }

// kept are the facts of what is on disk.
func (p IngestPage) kept(ctx context.Context) []fact {
	k, x := p.Ingest.Kept, i18n.From(ctx)
	if k.Retention == 0 {
		return nil
	}
	facts := []fact{
		{t(ctx, "ingest.kept.days"), []string{i18n.Integer(int64(k.Days))}, false},
		{t(ctx, "ingest.kept.bytes"), []string{x.Bytes(k.Bytes).String()}, false},
		{t(ctx, "ingest.kept.retention"), []string{x.Lasting(k.Retention).String()}, false},
	}
	if k.Days > 0 {
		facts = append(facts, fact{t(ctx, "ingest.kept.oldest"), []string{x.Day(k.Oldest, p.Now)}, false},
			fact{t(ctx, "ingest.kept.perday"), []string{x.Bytes(k.Bytes / int64(k.Days)).String()}, false})
	}
	return facts
}

func (p IngestPage) shipperURL(how string) string {
	return link(p.Path, with(p.Bar.Values, "how", how)) + "#connect"
}

// snippet is what to paste into the shipper's configuration.
func (p IngestPage) snippet() string {
	return strings.ReplaceAll(strings.TrimSpace(snippets[p.How]), "ADDRESS", p.Address)
}

// snippets are configurations of the real programs: Filebeat 7, Logstash 7, the
// npm package winston-elasticsearch, and the k6 Elasticsearch output.
var snippets = map[string]string{
	"filebeat": `
# filebeat.yml
setup.ilm.enabled: false
setup.template.enabled: false
setup.template.name: logstash
setup.template.pattern: logstash-*
output.elasticsearch:
  hosts: ["ADDRESS"]
  index: "logstash-prod-was-%{+yyyy.MM.dd}"
`,
	"logstash": `
output {
  elasticsearch {
    hosts => ["ADDRESS"]
    index => "logstash-prod-was-%{+YYYY.MM.dd}"
    ilm_enabled => false
    manage_template => false
  }
}
`,
	"winston": `
const { ElasticsearchTransport } = require("winston-elasticsearch");

logger.add(new ElasticsearchTransport({
  level: "info",
  indexPrefix: "logstash-prod-was",
  clientOpts: { node: "ADDRESS" },
}));
`,
	"k6": `
# k6 built with xk6-output-elasticsearch
K6_ELASTICSEARCH_URL=ADDRESS \
  k6 run --tag testid=2026-11-22-release -o output-elasticsearch script.js
`,
}
