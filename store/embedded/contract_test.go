package embedded

import (
	"context"
	"testing"
	"time"

	"jikimi/ingest"
	"jikimi/store/storetest"
)

func TestContract(t *testing.T) {
	storetest.Run(t, openSubject, storetest.Capabilities{})
}

func openSubject(t *testing.T, now time.Time, retention time.Duration) storetest.Subject {
	t.Helper()
	c := testConfig(t, now)
	c.Retention = retention
	s := openStore(t, c)
	return storetest.Subject{Store: s, Seed: func(ctx context.Context, docs []storetest.Document) error {
		list := make([]ingest.Document, len(docs))
		for i, d := range docs {
			list[i] = ingest.Document{Index: d.Index, Source: d.Source}
		}
		results, err := s.Write(ctx, list)
		if err != nil {
			return err
		}
		for _, r := range results {
			if r.Err != nil {
				return r.Err
			}
		}
		return nil
	}}
}
