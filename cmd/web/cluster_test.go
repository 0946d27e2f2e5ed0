package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"jikimi/samples"
	"jikimi/testbed"
)

// clusterPage is the dev server's recording as the latency page shows it.
const clusterPage = "latency?all=1&from=2026-11-23T01:00&to=2026-11-23T01:40&env=dev&compare=none"

// TestCluster: the program shows the documents of a real Elasticsearch 7.10.2
// as it shows those of the embedded store, and says so when it is gone.
func TestCluster(t *testing.T) {
	server, err := testbed.Start("es710")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	fill(t, server)
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("seeded-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, "serve", "--lang=en", "--elasticsearch-url="+server.URL, "--elasticsearch-username=reader", "--elasticsearch-password-file="+secret)
	code, text := page(t, p.url+clusterPage)
	if code != "200" {
		t.Fatalf("status %s: %s", code, text)
	}
	// 5,660 responses, exact; p95 is 65, and the percentiles half a point beside it lie between 59 and 76.
	if !strings.Contains(text, ">5,660<") {
		t.Error("the page does not count 5,660 requests")
	}
	verdict := regexp.MustCompile(`95 of 100 requests finished within (\d+).ms. 61 of them \(1.08%\) failed.`).FindStringSubmatch(text)
	if verdict == nil {
		t.Fatalf("the first line is missing: %s", regexp.MustCompile(`<h1>.*</h1>`).FindString(text))
	}
	var p95 int
	if _, err := fmt.Sscan(verdict[1], &p95); err != nil || p95 < 59 || p95 > 76 {
		t.Errorf("p95 is %s ms, want about 65", verdict[1])
	}
	if code, text := page(t, p.url+"latency/evidence?figure=p95&"+strings.TrimPrefix(clusterPage, "latency?all=1&")); code != "200" ||
		!strings.Contains(text, "logstash-dev-was-2026.11.22/_search") || strings.Contains(text, server.URL) || strings.Contains(text, "seeded-secret") {
		t.Errorf("evidence: status %s, or it lacks the request or names the server: %s", code, text)
	}
	if code, text := page(t, p.url+"ingest?all=1&from=2026-11-23T01:00&to=2026-11-23T01:40"); code != "200" || !strings.Contains(text, `data-source="dev/was"`) {
		t.Errorf("/ingest: status %s: %s", code, text)
	}
	server.Stop()
	checkGone(t, p)
}

// checkGone: without the cluster, a question that has no last good answer is an
// error with a sentence, and the program goes on.
func checkGone(t *testing.T, p program) {
	t.Helper()
	code, text := page(t, p.url+strings.Replace(clusterPage, "env=dev", "env=prod", 1))
	if code != "503" || !strings.Contains(text, "The data could not be read") || strings.Contains(text, "seeded-secret") {
		t.Errorf("a question never asked before: status %s: %s", code, text)
	}
	if code, _ := page(t, p.url+"readyz"); code != "200" {
		t.Errorf("/readyz: status %s, want 200: the program does not end with its cluster", code)
	}
	if err := p.stop(); err != nil {
		t.Errorf("run: %v", err)
	}
}

// fill puts the templates and the dev server's log into the cluster.
func fill(t *testing.T, server *testbed.Server) {
	t.Helper()
	const templates = "../../deploy/elasticsearch/"
	for _, f := range [][2]string{{"/_ingest/pipeline/jikimi", "pipeline.json"}, {"/_index_template/jikimi-logstash", "logstash.json"}} {
		if err := server.Put(t.Context(), f[0], templates+f[1]); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := samples.Lines(samples.WinstonDev)
	if err != nil {
		t.Fatal(err)
	}
	var docs []testbed.Document
	for _, line := range lines {
		docs = append(docs, testbed.Document{Index: "logstash-dev-was-2026.11.22", Source: line})
	}
	refused, err := server.Bulk(t.Context(), docs)
	if err != nil || len(refused) > 0 {
		t.Fatalf("%d documents were refused, %v", len(refused), err)
	}
}

// page asks for an address and is the status and the body.
func page(t *testing.T, address string) (status, body string) {
	t.Helper()
	status, body, _ = strings.Cut(get(t, address), " ")
	return status, body
}
