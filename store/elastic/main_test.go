package elastic

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"jikimi/store/storetest"
	"jikimi/testbed"
)

// TestMain starts one Elasticsearch 7.10.2 for the tests that need a real one.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

var server *testbed.Server // of TestMain: testing has no other way to hand it on

func run(m *testing.M) int {
	var err error
	if server, err = testbed.Start("es710"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer server.Stop()
	return m.Run()
}

const templates = "../../deploy/elasticsearch/"

// withTemplates puts our templates into the server, without indices.
func withTemplates(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	if err := server.Clear(ctx, "logstash-*", "logs-*", "k6-*", "filebeat-*"); err != nil {
		t.Fatal(err)
	}
	for path, file := range map[string]string{
		"/_ingest/pipeline/jikimi":         "pipeline.json",
		"/_index_template/jikimi-logstash": "logstash.json",
		"/_index_template/jikimi-k6":       "k6.json",
	} {
		if err := server.Put(ctx, path, templates+file); err != nil {
			t.Fatal(err)
		}
	}
}

func open(t *testing.T, c Config) *Store {
	t.Helper()
	if len(c.URLs) == 0 {
		c.URLs = []string{server.URL}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	s, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

// write stores documents that the server must take.
func write(ctx context.Context, docs []storetest.Document) error {
	list := make([]testbed.Document, len(docs))
	for i, d := range docs {
		list[i] = testbed.Document{Index: d.Index, Source: d.Source}
	}
	refused, err := server.Bulk(ctx, list)
	if err == nil && len(refused) > 0 {
		err = fmt.Errorf("%d of %d documents were refused, the first: %+v", len(refused), len(docs), refused[0])
	}
	return err
}

func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }
