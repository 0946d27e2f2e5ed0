package handlers

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"jikimi/ingest"
)

// dev is the range of the dev server's recording, in Seoul.
const dev = "/latency?from=2026-11-23T01:00&to=2026-11-23T01:40&env=dev&compare=none"

func TestLatencyPage(t *testing.T) {
	s := serve(t, recording)
	p := s.page(dev + "&all=1")
	if p.code != http.StatusOK {
		t.Fatalf("status %d", p.code)
	}
	// 5,660 responses, of which 42 + 15 + 4 have a status of 500 and more.
	if got, want := p.one("h1"), "요청 100건 중 95건이 65 ms 안에 끝났습니다. 61건(1.08%)\u2060은 실패했습니다."; got != want {
		t.Errorf("first line %q, want %q", got, want)
	}
	var figures []string
	for _, n := range p.all(".kpi .v") {
		figures = append(figures, text(n))
	}
	if want := []string{"5,660", "4.0ms", "65ms", "331ms", "2.19초", "1.08%"}; !slices.Equal(figures[2:], want[2:]) || figures[0] != want[0] {
		t.Errorf("figures %v, want %v", figures, want)
	}
	if got := p.one("#percentiles-title"); got != "응답 시간" {
		t.Errorf("chart title %q", got)
	}
	if n := len(p.all("svg.fig")); n != 3 {
		t.Errorf("%d charts are drawn for readers without scripts, want 3", n)
	}
	if got := p.one("[data-menu=env] summary .val"); got != "dev" {
		t.Errorf("env %q", got)
	}
	if links := p.all("[data-menu=env] .menu-list a"); len(links) != 3 {
		t.Errorf("%d envs to choose from, want all, dev, prod", len(links))
	}
}

func TestFrameComesFirst(t *testing.T) {
	s := serve(t, recording)
	p := s.page(dev)
	main := p.all("main#panel")
	if len(main) != 1 || attr(main[0], "hx-trigger") != "load, refresh" || len(p.all(".skeleton")) != 1 || len(p.all("[data-chart]")) != 0 {
		t.Error("the page does not come as a frame that asks for its panel")
	}
	if noscript := p.all("noscript"); len(noscript) != 1 {
		t.Error("the frame offers nothing without scripts")
	}
	panel := s.page(dev, asPanel()...)
	if len(panel.all("nav.side")) != 0 || len(panel.all("main#panel")) != 1 || len(panel.all("[data-chart]")) != 3 {
		t.Error("an htmx request does not get the panel alone")
	}
	for _, h := range [][]string{
		{"HX-Request", "true", "HX-Request-Type", "full"},
		{"HX-Request", "true", "HX-History-Restore-Request", "true"},
	} {
		if p := s.page(dev, h...); len(p.all("nav.side")) != 1 {
			t.Errorf("%v gets no whole page", h)
		}
	}
	w := s.request(http.MethodGet, dev)
	for _, h := range []string{"HX-Request", "HX-Request-Type", "HX-History-Restore-Request"} {
		if !strings.Contains(strings.Join(w.Header().Values("Vary"), ","), h) {
			t.Errorf("Vary does not name %s", h)
		}
	}
}

func TestChartData(t *testing.T) {
	s := serve(t, recording)
	p := s.page(dev, asPanel()...)
	var c struct {
		Kind, Unit, Zone string
		Runs             [][3]int64
		Series           []struct {
			Style  string
			Values []*float64
		}
		Stacks []struct{ Values []*float64 }
	}
	read := func(id string) {
		c.Series, c.Stacks = nil, nil
		block := p.all(`script[data-chart="` + id + `"]`)
		if len(block) != 1 {
			t.Fatalf("%d data blocks of %s", len(block), id)
		}
		if err := json.Unmarshal([]byte(block[0].FirstChild.Data), &c); err != nil {
			t.Fatal(err)
		}
	}
	read("requests")
	sum := 0.0
	for _, v := range c.Stacks[0].Values {
		if v != nil {
			sum += *v
		}
	}
	if sum != 5660 || c.Kind != "bars" || c.Unit != "count" || c.Zone != "Asia/Seoul" {
		t.Errorf("requests: sum %v, %s, %s, %s", sum, c.Kind, c.Unit, c.Zone)
	}
	read("percentiles")
	if len(c.Series) != 3 || int64(len(c.Series[0].Values)) != c.Runs[0][2] || len(c.Runs) != 1 {
		t.Errorf("percentiles: %d series", len(c.Series))
	}
}

func TestComparison(t *testing.T) {
	s := serve(t, recording)
	p := s.page("/latency?from=2026-11-23T01:31&to=2026-11-23T01:42&all=1", asPanel()...)
	if n := len(p.all(".kpi .delta")); n != 6 {
		t.Errorf("%d changes, want one a figure", n)
	}
	if got := p.one(".kpi:first-child .delta .sr-only"); got != "21% 줄어듦" { // 4,463 after 5,660
		t.Errorf("change of requests %q", got)
	}
}

func TestLanguageAndTheme(t *testing.T) {
	s := serve(t, recording)
	p := s.page(dev+"&all=1", "Cookie", "jikimi_lang=en; jikimi_theme=dark")
	if got, want := p.one("h1"), "95 of 100 requests finished within 65 ms. 61 of them (1.08%) failed."; got != want {
		t.Errorf("first line %q, want %q", got, want)
	}
	root := p.all("html")[0]
	if attr(root, "lang") != "en" || attr(root, "data-theme") != "jikimi-dark" {
		t.Errorf("html %v", root.Attr)
	}
	if root := s.page(dev, "Cookie", "jikimi_lang=xx; jikimi_theme=<b>").all("html")[0]; attr(root, "lang") != "ko" || attr(root, "data-theme") != "" {
		t.Errorf("html with odd cookies %v", root.Attr)
	}
	hangul := regexp.MustCompile(`[가-힣]`)
	for _, path := range []string{dev, dev + "&all=1", "/latency?range=1h&all=1", "/nowhere", "/latency?range=x", "/latency/evidence?figure=p95"} {
		p := s.page(path, "Cookie", "jikimi_lang=en")
		for _, n := range p.all("body") {
			// The way back to Korean is written in Korean.
			if found := hangul.FindAllString(strings.ReplaceAll(text(n), "한국어로 보기", ""), -1); found != nil {
				t.Errorf("%s has Korean text in English: %v", path, found)
			}
		}
	}
}

func TestEmptyRange(t *testing.T) {
	s := serve(t, recording)
	p := s.page("/latency?from=2026-11-20&to=2026-11-21&all=1")
	if got := p.one("h1"); got != "이 기간에는 요청이 없었습니다." {
		t.Errorf("first line %q", got)
	}
	if got := p.one(".empty h2"); got != "마지막 요청은 11.23(월) 01:32에 있었습니다." && !strings.HasPrefix(got, "마지막 요청은 오늘 01:3") {
		t.Errorf("last request: %q", got)
	}
	there := attr(p.all(".empty a")[0], "href")
	if p := s.page(there + "&all=1"); len(p.all(".kpi")) != 6 {
		t.Errorf("%s shows nothing", there)
	}
	if len(p.all("[data-chart]")) != 0 {
		t.Error("an empty range draws charts")
	}
}

// TestFewRequests: percentiles of a handful are not shown, their maximum is.
func TestFewRequests(t *testing.T) {
	doc := ingest.Document{Index: "logstash-dev-was-2026.11.22", Source: []byte(
		`{"timestamp":"2026-11-22T16:30:00Z","protocol":"HTTP","event":"response","method":"GET","router":"/a","statusCode":200,"IntervalTime":12}`)}
	p := open(t, doc, doc, doc).page("/latency?range=1h&all=1")
	var figures []string
	for _, n := range p.all(".kpi .v") {
		figures = append(figures, text(n))
	}
	if want := []string{"3", "–", "–", "–", "12ms", "0.00%"}; !slices.Equal(figures, want) {
		t.Errorf("figures %v, want %v", figures, want)
	}
}

func TestEmptyStore(t *testing.T) {
	p := open(t).page("/latency?all=1")
	if got := p.one(".empty h2"); got != "아직 받은 요청 기록이 없습니다." {
		t.Errorf("an empty store says %q", got)
	}
}

func TestEvidence(t *testing.T) {
	s := serve(t, recording)
	panel := s.page(dev, asPanel()...)
	href := attr(panel.all("[data-evidence=percentiles]")[0], "href")
	if !strings.Contains(href, "from=2026-11-22T16%3A00%3A00Z") {
		t.Errorf("evidence is not pinned to the answer's times: %s", href)
	}
	p := s.page(href, asPanel()...)
	if len(p.all("dialog[data-open]")) != 1 {
		t.Error("no drawer")
	}
	query := p.one("#evidence-query")
	for _, want := range []string{"quantile_cont", "request", "dev", "d20261122"} {
		if !strings.Contains(query, want) {
			t.Errorf("the query lacks %s: %s", want, query)
		}
	}
	if facts := p.one("dl.facts"); !strings.Contains(facts, "IntervalTime (ms) · 프로필 winston") {
		t.Errorf("facts %q do not name the field", facts)
	}
	table := s.page(strings.Replace(href, "tab=query", "tab=table", 1))
	// From 16:20:42 to 16:22:24 there are four buckets of 30 s.
	if table.code != http.StatusOK || len(table.all("nav.side")) != 1 || len(table.all("table.t tbody tr")) != 4 {
		t.Error("without scripts evidence is not a page with the table")
	}
}

func TestCSV(t *testing.T) {
	s := serve(t, recording)
	w := s.request(http.MethodGet, strings.Replace(dev, "/latency", "/latency.csv", 1))
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/csv") {
		t.Fatalf("status %d, %s", w.Code, w.Header().Get("Content-Type"))
	}
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(rows[0], ","), "period,start,requests,failed,p50_ms,p95_ms,p99_ms,max_ms"; got != want {
		t.Errorf("header %q", got)
	}
	if len(rows) != 5 || rows[1][0] != "current" || !strings.HasSuffix(rows[1][1], "+09:00") {
		t.Errorf("%d rows, first %v", len(rows), rows[1])
	}
	if got := w.Header().Get("Content-Disposition"); got != `attachment; filename="jikimi-latency-20261123T0100.csv"` {
		t.Errorf("name %q", got)
	}
}

func TestFilterForm(t *testing.T) {
	s := serve(t, recording)
	w := s.request(http.MethodGet, dev+"&filter-role=method&filter-value=GET")
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || to.Query().Get("filter") != "method:GET" || to.Query().Has("filter-role") {
		t.Fatalf("status %d, location %v, %v", w.Code, to, err)
	}
	panel := s.request(http.MethodGet, dev+"&filter-role=status&filter-value=5xx&filter-not=1", asPanel()...)
	if got := panel.Header().Get("HX-Push-Url"); !strings.Contains(got, "filter=-status%3A5xx") {
		t.Errorf("pushed %q", got)
	}
	p := s.page(to.String(), asPanel()...)
	if got := p.one(".chip"); got != "메서드 = GET" {
		t.Errorf("chip %q", got)
	}
	if href := attr(p.all(".chip a")[0], "href"); strings.Contains(href, "filter") {
		t.Errorf("removing the filter leads to %s", href)
	}
}

func TestBadInput(t *testing.T) {
	s := serve(t, recording)
	long := strings.Repeat("x", 10<<10)
	tests := map[string]string{
		"/latency?range=fortnight":                     "기간 \"fortnight\"를 알 수 없습니다.",
		"/latency?from=now&to=now-1h":                  "기간의 끝이 시작보다 앞섭니다.",
		"/latency?from=1926-01-01&to=2026-01-01":       "기간이 너무 깁니다.",
		"/latency?from=yesterday&to=now":               "시각 \"yesterday\"를 읽을 수 없습니다.",
		"/latency?tz=Mars/Base":                        "시간대 \"Mars/Base\"는 없습니다.",
		"/latency?filter=password:1":                   "조건 \"password:1\"을 알 수 없습니다.",
		"/latency?compare=year":                        "비교 \"year\"는 없습니다.",
		"/latency?refresh=1s":                          "새로 고침 간격 \"1s\"는 없습니다.",
		"/latency?env=" + long:                         "env 값이 너무 깁니다.",
		"/latency?env=%00":                             "env 값에 쓸 수 없는 글자가 있습니다.",
		"/latency?env=%zz":                             "주소의 물음표 뒤를 읽을 수 없습니다.",
		"/latency.csv?range=x":                         "기간 \"x\"를 알 수 없습니다.",
		"/latency/evidence?from=x":                     "시각 \"x\"를 읽을 수 없습니다.",
		"/latency?range=<script>alert(1)</script>":     "기간 \"<script>alert(1)</script>\"를 알 수 없습니다.",
		"/latency?range=%e2%80%aetxt":                  "기간 \"·txt\"를 알 수 없습니다.",
		"/latency?filter=status:abc&filter=method:GET": "상태 코드 \"status:abc\"를 알 수 없습니다.",
	}
	for path, want := range tests {
		for _, h := range [][]string{nil, asPanel()} {
			p := s.page(path, h...)
			if p.code != http.StatusBadRequest {
				t.Errorf("%.60s: status %d", path, p.code)
			}
			if got := p.one(".errorpage p:first-of-type"); !strings.HasPrefix(got, want) {
				t.Errorf("%.60s says %q, want %q", path, got, want)
			}
			if len(p.all("main script")) != 0 {
				t.Errorf("%.60s: a script of the address's is on the page", path)
			}
		}
	}
}

// TestHostileDocuments: what logs say stays text.
func TestHostileDocuments(t *testing.T) {
	line := func(host string) ingest.Document {
		b, err := json.Marshal(map[string]any{
			"timestamp": "2026-11-22T16:30:00.000Z", "protocol": "HTTP", "event": "response", "method": "GET", "router": "/<b>", "statusCode": 200,
			"IntervalTime": 5, "hostname": host,
		})
		if err != nil {
			t.Fatal(err)
		}
		return ingest.Document{Index: "logstash-dev-was-2026.11.22", Source: b}
	}
	s := open(t, line(`"><script>alert(1)</script>`), line("' onload=alert(1) x='"), line("javascript:alert(1)"), line("a\u202eb"), line("한\u0000글"))
	p := s.page("/latency?range=1h&all=1")
	if p.code != http.StatusOK || len(p.all(".kpi")) != 6 {
		t.Fatalf("status %d", p.code)
	}
	for _, n := range p.all("body *") {
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(strings.ToLower(a.Val), "javascript:") {
				t.Errorf("%s has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	for _, n := range p.all("script") {
		if attr(n, "type") != "application/json" && attr(n, "src") == "" {
			t.Errorf("an inline script: %q", text(n))
		}
	}
	for _, n := range p.all("[data-menu=host] .menu-list a") {
		if strings.ContainsAny(text(n), "\u202e\u0000") {
			t.Errorf("a host is shown with control characters: %q", text(n))
		}
	}
}
