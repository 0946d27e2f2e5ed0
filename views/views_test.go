package views

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"jikimi/i18n"
	"jikimi/telemetry"
)

func english(t *testing.T) context.Context {
	t.Helper()
	c, err := i18n.Load()
	if err != nil {
		t.Fatal(err)
	}
	return i18n.With(t.Context(), c.For(i18n.English))
}

func TestClean(t *testing.T) {
	tests := map[string]string{
		"GET /api/things":              "GET /api/things",
		"a\x1b[31mred\x00":             "a·[31mred·",
		"user\u202etxt.exe\u2066":      "user·txt.exe·",
		"zero\u200bwidth":              "zero·width",
		"한국어 🌱":                        "한국어 🌱",
		"bad\xff":                      "bad·",
		strings.Repeat("x", 1000):      strings.Repeat("x", cellRunes-1) + "…",
		strings.Repeat("한", cellRunes): strings.Repeat("한", cellRunes-1) + "…",
	}
	for in, want := range tests {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRelativeChange(t *testing.T) {
	ctx := english(t)
	tests := []struct {
		now, was    float64
		direction   direction
		short, long string
	}{
		{108, 100, up, "8%", "8% more"},
		{210, 100, up, "×2.1", "2.1 times as much"},
		{62, 100, down, "38%", "38% less"},
		{100.4, 100, level, "same", "same"},
		{5, 0, unknown, "–", "nothing to compare"},
	}
	for _, tt := range tests {
		got := relativeChange(ctx, tt.now, tt.was)
		if got.Direction != tt.direction || got.Short != tt.short || got.Long != tt.long {
			t.Errorf("%v after %v: %+v, want %+v", tt.now, tt.was, got, tt)
		}
	}
}

func TestShareChange(t *testing.T) {
	ctx := english(t)
	tests := []struct {
		now, was  float64
		direction direction
		short     string
	}{
		{0.0160, 0.0111, up, "0.49\u00a0pt"}, {0.0111, 0.0160, down, "0.49\u00a0pt"}, {0.01, 0.01, level, "same"}, {0, 0, level, "same"},
	}
	for _, tt := range tests {
		if got := shareChange(ctx, tt.now, tt.was); got.Direction != tt.direction || got.Short != tt.short {
			t.Errorf("%v after %v: %+v, want %+v", tt.now, tt.was, got, tt)
		}
	}
}

// latencyPage is a page of one hour with requests in some of its buckets.
func latencyPage(t *testing.T, filled ...int) LatencyPage {
	t.Helper()
	to := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	q := telemetry.LatencyQuery{Range: telemetry.Between(to.Add(-time.Hour), to, time.UTC), Compare: telemetry.ComparePrevious}
	p := LatencyPage{Page: Page{Path: "/latency"}, Query: q}
	p.Bar = ScopeBar{Page: p.Page, Range: q.Range, Values: url.Values{"env": {"prod"}, "from": {"a"}, "to": {"b"}}}
	p.Latency.Compared = true
	starts := q.Range.Buckets()
	for _, i := range filled {
		f := telemetry.LatencyFigures{Count: 10, Failed: 1, Timed: 10, P50: 5, P95: 50, P99: 500, Max: 900}
		p.Latency.Buckets = append(p.Latency.Buckets, telemetry.LatencyBucket{Start: starts[i], LatencyFigures: f})
		f.P95 = 40
		p.Latency.EarlierBuckets = append(p.Latency.EarlierBuckets, telemetry.LatencyBucket{Start: starts[i].Add(-time.Hour), LatencyFigures: f})
	}
	return p
}

func TestPercentileChart(t *testing.T) {
	p := latencyPage(t, 0, 1, 119)
	c := p.percentileChart(english(t))
	if len(c.X) != 120 || c.X[1]-c.X[0] != 30 {
		t.Fatalf("%d starts, step %d, want all 120 of 30 s", len(c.X), c.X[1]-c.X[0])
	}
	if want := [][3]int64{{c.X[0], 30, 120}}; !slices.Equal(c.Runs, want) {
		t.Errorf("runs %v, want %v", c.Runs, want)
	}
	byStyle := map[string]Series{}
	for _, s := range c.Series {
		byStyle[s.Style] = s
	}
	p95 := byStyle["p95"].Values
	if p95[0] == nil || *p95[0] != 50 || p95[2] != nil || p95[119] == nil {
		t.Errorf("p95 %v, want 50 in buckets 0, 1, 119 and gaps between", p95)
	}
	if cmp := byStyle["compare"].Values; cmp[0] == nil || *cmp[0] != 40 {
		t.Errorf("the comparison %v does not lie under the range", cmp)
	}
	if byStyle["p95"].End != "p95 50\u00a0ms" {
		t.Errorf("end label %q", byStyle["p95"].End)
	}
	if !c.Log {
		t.Error("500 over 5 ms is not drawn on a log scale")
	}
	if len(c.Gaps) != 1 || c.Gaps[0].From != c.X[2] || c.Gaps[0].To != c.X[119] {
		t.Errorf("gaps %+v, want one from bucket 2 to 119", c.Gaps)
	}
	if want := "/latency?env=prod&from={from}&to={to}"; c.Zoom != want {
		t.Errorf("zoom %q, want %q", c.Zoom, want)
	}
	if c.Open {
		t.Error("a range of the past has an unfinished bucket")
	}
}

func TestUnreadableDaysAreHatched(t *testing.T) {
	p := latencyPage(t, 0, 1)
	p.Latency.Partial = true
	p.Latency.Notices = []telemetry.Notice{
		{Code: telemetry.NoticeDayUnreadable, Params: map[string]string{"day": "2026-11-22"}},
		{Code: telemetry.NoticeDayUnreadable, Params: map[string]string{"day": "2026-11-19"}}, // of the comparison
	}
	c := p.percentileChart(english(t))
	if want := []Band{{c.From, c.To, "not readable"}}; !slices.Equal(c.Partial, want) {
		t.Errorf("partial %v, want %v", c.Partial, want)
	}
	if len(c.Gaps) != 0 {
		t.Errorf("gaps %v are said to hold no requests, though a part of the data is missing", c.Gaps)
	}
}

func TestChartSaysWhatIsUnfinished(t *testing.T) {
	now := time.Date(2026, 11, 22, 10, 3, 20, 0, time.UTC)
	r, err := telemetry.ParseRange(url.Values{"range": {"24h"}}, now, time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	p := LatencyPage{Query: telemetry.LatencyQuery{Range: r}}
	c := p.requestChart(english(t))
	if !c.Open || !c.Cut {
		t.Errorf("open %v, cut %v, want both: 24 h until 10:03 begin and end inside ten minutes", c.Open, c.Cut)
	}
}

func TestBarsHaveNoZeroForNoData(t *testing.T) {
	c := latencyPage(t, 3).failedChart(english(t))
	values := c.Stacks[0].Values
	if values[3] == nil || *values[3] != 1 || values[2] != nil {
		t.Errorf("bars %v, want 1 in bucket 3 and nothing else", values)
	}
}

// TestDataBlockCannotEnd: text from logs that reaches a data block cannot
// leave it.
func TestDataBlockCannotEnd(t *testing.T) {
	c := Chart{Zoom: `/latency?env=</script><script>alert(1)</script>`, Series: []Series{{Name: "<!--"}}}
	var b strings.Builder
	if err := chartData("x", c).Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	body := strings.TrimSuffix(strings.TrimPrefix(b.String(), `<script type="application/json" data-chart="x">`), "</script>")
	if strings.ContainsAny(body, "<>") {
		t.Errorf("the block holds angle brackets: %s", body)
	}
	var back Chart
	if err := json.Unmarshal([]byte(body), &back); err != nil || back.Zoom != c.Zoom {
		t.Errorf("the block reads back as %+v, %v", back, err)
	}
}

func TestFigure(t *testing.T) {
	ctx := english(t)
	p := latencyPage(t, 0, 1, 5, 119)
	for name, c := range map[string]Chart{"lines": p.percentileChart(ctx), "bars": p.requestChart(ctx)} {
		var b strings.Builder
		if err := figure(c, 264).Render(ctx, &b); err != nil {
			t.Fatal(err)
		}
		svg := b.String()
		if strings.Contains(svg, "style=") || strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
			t.Errorf("%s: the figure holds a style attribute or is no number: %s", name, svg)
		}
		want := map[string]int{"lines": strings.Count(svg, `class="ln-p95"`), "bars": strings.Count(svg, `class="bar-ok"`)}[name]
		if n := map[string]int{"lines": 1, "bars": 4}[name]; want != n {
			t.Errorf("%s: %d marks, want %d", name, want, n)
		}
	}
	var empty strings.Builder
	if err := figure(LatencyPage{Query: p.Query}.percentileChart(ctx), 104).Render(ctx, &empty); err != nil || strings.Contains(empty.String(), "NaN") {
		t.Errorf("an empty figure: %v, %s", err, empty.String())
	}
}

func TestCurl(t *testing.T) {
	ctx := english(t)
	p := EvidencePage{}
	if p.overHTTP() {
		t.Error("curl is offered without a query over HTTP")
	}
	p.Latency.Evidence = []telemetry.Evidence{{Store: "elasticsearch", Query: "POST /a,b/_search\n{\n  \"q\": \"it's\"\n}\nPOST /c/_search\n{}\n"}}
	want := `curl -s "$ES_URL/a,b/_search" -H 'Content-Type: application/json' -d '{
  "q": "it'\''s"
}'

curl -s "$ES_URL/c/_search" -H 'Content-Type: application/json' -d '{}'`
	if got := p.curl(ctx); got != want || !p.overHTTP() {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestSourceMenus(t *testing.T) {
	b := ScopeBar{
		Page: Page{Path: "/latency"}, Scope: telemetry.Scope{Env: []string{"prod"}}, Values: url.Values{"env": {"prod"}},
		Sources: []telemetry.Source{{Env: "prod", Source: "was", Host: "a"}, {Env: "dev", Source: "db", Host: "b"}, {Env: "prod", Source: "api", Host: "a"}},
	}
	ctx := english(t)
	if got, want := labels(b.scopeChoices(ctx, "env")), "all dev prod*"; got != want {
		t.Errorf("envs %q, want %q", got, want)
	}
	if got, want := labels(b.scopeChoices(ctx, "source")), "all* api was"; got != want {
		t.Errorf("sources of prod %q, want %q", got, want)
	}
	if got, want := b.scopeChoices(ctx, "host")[1].Href, "/latency?env=prod&host=a"; got != want {
		t.Errorf("host link %q, want %q", got, want)
	}
}

func labels(list []choice) string {
	var out []string
	for _, c := range list {
		if c.Current {
			c.Label += "*"
		}
		out = append(out, c.Label)
	}
	return strings.Join(out, " ")
}

func TestRangeValues(t *testing.T) {
	tests := []struct{ from, to, want string }{
		{"now-24h", "now", "range=24h"}, {"now/d", "now/d", "from=now%2Fd&to=now%2Fd"}, {"now-1d/d", "now-1d/d", "from=now-1d%2Fd&to=now-1d%2Fd"},
	}
	for _, tt := range tests {
		if got := rangeValues(tt.from, tt.to).Encode(); got != tt.want {
			t.Errorf("%s – %s: %q, want %q", tt.from, tt.to, got, tt.want)
		}
	}
}
