package handlers

import (
	"net/http"
	"strings"
	"testing"

	"jikimi/ingest"
)

func TestIngestPage(t *testing.T) {
	s := serve(t, recording)
	p := s.page("/ingest?from=2026-11-23T01:20&to=2026-11-23T01:40&all=1")
	if p.code != http.StatusOK {
		t.Fatalf("status %d", p.code)
	}
	var sources []string
	for _, n := range p.all("tr[data-source]") {
		sources = append(sources, attr(n, "data-source"))
	}
	if got := strings.Join(sources, " "); got != "dev/was prod/was" {
		t.Errorf("sources %q", got)
	}
	// 14,226 lines of the dev server in twenty minutes.
	if got := text(p.all(`tr[data-source="dev/was"] .with-spark`)[0]); got != "14,226" {
		t.Errorf("documents of dev %q", got)
	}
	if got := text(p.all(`tr[data-source="dev/was"] td.num`)[0]); got != "711" {
		t.Errorf("a minute %q", got)
	}
	if n := len(p.all("nav.side a.nav")); n != 2 {
		t.Errorf("%d pages in the side bar, want 2", n)
	}
	if got := text(p.all("nav.side a[aria-current]")[0]); got != "수집" {
		t.Errorf("current page %q", got)
	}
}

func TestIngestFrameAndPanel(t *testing.T) {
	s := serve(t, recording)
	if p := s.page("/ingest"); len(p.all(".skeleton")) != 1 || len(p.all("tr[data-source]")) != 0 {
		t.Error("the page does not come as a frame")
	}
	p := s.page("/ingest", asPanel()...)
	if len(p.all("nav.side")) != 0 || len(p.all("main#panel")) != 1 || len(p.all("[data-menu=range]")) != 1 || len(p.all("[data-menu=env]")) != 0 {
		t.Error("an htmx request does not get the panel with the range alone")
	}
	if got := p.one("[data-menu=range] summary .val"); got != "최근 1시간" {
		t.Errorf("range %q, want the last hour", got)
	}
	for _, path := range []string{"/ingest?range=x", "/ingest?refresh=7s"} {
		if p := s.page(path); p.code != http.StatusBadRequest {
			t.Errorf("%s: status %d", path, p.code)
		}
	}
}

// TestIngestShowsWhatWentWrong: refused and unreadable documents with samples,
// as text.
func TestIngestShowsWhatWentWrong(t *testing.T) {
	store, err := openStore(t.Context(), t.TempDir(), []ingest.Document{
		{Index: "logstash-dev-unreadable-2026.11.22", Source: []byte(`{"@timestamp":"2026-11-22T16:30:00Z","message":"<img src=x onerror=alert(1)>\u001b[31m"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	bad := ingest.Document{Index: "logstash-dev-was-2026.11.22", Source: []byte(`{"<script>":1,"<script>":2}`)}
	if _, err := store.Write(t.Context(), []ingest.Document{bad}); err != nil {
		t.Fatal(err)
	}
	p := serve(t, store).page("/ingest?all=1")
	if got := p.one("#refused-title ~ .sub"); got == "" || len(p.all("section[aria-labelledby=refused-title] tbody tr")) != 1 {
		t.Errorf("refused documents are not listed: %q", got)
	}
	if got := p.one("section[aria-labelledby=refused-title] pre"); got != string(bad.Source) {
		t.Errorf("sample %q", got)
	}
	if got := p.one("section[aria-labelledby=unreadable-title] td.mono"); got != "<img src=x onerror=alert(1)>·[31m" {
		t.Errorf("unreadable text %q", got)
	}
	if len(p.all("main img")) != 0 || len(p.all("main script")) != 0 {
		t.Error("text from documents became elements")
	}
}

func TestIngestSnippets(t *testing.T) {
	s := serve(t, recording)
	if p := s.page("/ingest?all=1"); len(p.all("#snippet")) != 0 {
		t.Error("a snippet is offered though nothing can be sent")
	}
	for how, want := range map[string]string{"": `hosts: ["http://127.0.0.1:9280"]`, "logstash": `hosts => ["http://127.0.0.1:9280"]`, "winston": `node: "http://127.0.0.1:9280"`, "k6": "K6_ELASTICSEARCH_URL=http://127.0.0.1:9280", "<b>": "filebeat.yml"} {
		p := serveAt(t, recording, "http://127.0.0.1:9280").page("/ingest?all=1&how=" + how)
		if got := p.one("#snippet"); !strings.Contains(got, want) {
			t.Errorf("%s: %q lacks %q", how, got, want)
		}
	}
}
