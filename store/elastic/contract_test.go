package elastic

import (
	"testing"
	"time"

	"jikimi/store/storetest"
)

// TestContract runs on a real Elasticsearch 7.10.2 with the templates of
// deploy/elasticsearch. What the list names is so by design: percentiles are
// Elasticsearch's estimates, how long documents stay is the cluster's affair, and
// documents do not say when they came.
func TestContract(t *testing.T) {
	storetest.Run(t, openSubject, storetest.Capabilities{EstimatedPercentiles: true, KeepsAll: true, NoArrival: true})
}

func openSubject(t *testing.T, now time.Time, _ time.Duration) storetest.Subject {
	t.Helper()
	withTemplates(t)
	return storetest.Subject{Store: open(t, Config{Now: at(now)}), Seed: write}
}
