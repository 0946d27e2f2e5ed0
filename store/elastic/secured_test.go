package elastic

import (
	"testing"

	"jikimi/telemetry"
	"jikimi/testbed"
)

// TestSecured: a user who may monitor the cluster and read the indices is all
// that a store needs, over TLS by an authority of its own. A wrong password is
// said to be one.
func TestSecured(t *testing.T) {
	secured, err := testbed.Start("es710sec")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(secured.Stop)
	const good = `{"timestamp":"2026-11-22T17:00:00Z","protocol":"HTTP","event":"response","statusCode":200,"IntervalTime":7}`
	refused, err := secured.Bulk(t.Context(), []testbed.Document{{Index: "logstash-dev-was-2026.11.22", Source: []byte(good)}})
	if err != nil || len(refused) > 0 {
		t.Fatalf("refused %+v, %v", refused, err)
	}
	c := Config{
		URLs: []string{secured.URL}, CAFile: secured.CAFile, Username: "reader", Password: testbed.Password,
		Indices: []string{"logstash-*", "k6-*"}, Now: at(sampleRange().To),
	}
	s := open(t, c)
	l, err := s.Latency(t.Context(), question())
	if err != nil || l.Total.Count != 1 || l.Partial {
		t.Errorf("as reader: got %+v, %v, want one request", l, err)
	}
	all := telemetry.AllowAll()
	if a, err := s.Sources(t.Context(), telemetry.SourcesQuery{Range: sampleRange(), Allow: all}); err != nil || len(a.List) != 1 {
		t.Errorf("as reader: got sources %+v, %v, want one", a.List, err)
	}
	if a, err := s.Fields(t.Context(), telemetry.FieldsQuery{Range: sampleRange(), Allow: all}); err != nil || len(a.List) != 5 {
		t.Errorf("as reader: got fields %+v, %v, want five", a.List, err)
	}
	c.Password = "wrong-password"
	checkUnavailable(t, open(t, c), "401")
	c.Username, c.Password = "", ""
	checkUnavailable(t, open(t, c), "missing authentication credentials")
}
