package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v7/esapi"

	"jikimi/telemetry"
)

// object is JSON as the Elasticsearch manual writes it.
type object = map[string]any

// item is one search of an _msearch. Names of indices go into its header: a
// request line has room for about a hundred.
type item struct {
	indices []string
	body    object
}

// found is the answer to an item.
type found struct {
	Took     int64 `json:"took"` // milliseconds
	TimedOut bool  `json:"timed_out"`
	Shards   struct {
		Total, Successful, Failed int64
	} `json:"_shards"`
	Status       int             `json:"status"`
	Error        json.RawMessage `json:"error"`
	Aggregations json.RawMessage `json:"aggregations"`
	Hits         struct {
		Total struct {
			Value int64 `json:"value"`
		} `json:"total"`
		Hits []hit `json:"hits"`
	} `json:"hits"`
}

type hit struct {
	Source json.RawMessage  `json:"_source"`
	Fields map[string][]any `json:"fields"`
}

// keptParts are the parts of an answer that are read.
func keptParts() []string {
	return []string{
		"error", "status", "responses.took", "responses.timed_out", "responses._shards.total", "responses._shards.successful",
		"responses._shards.failed", "responses.status", "responses.error", "responses.aggregations",
		"responses.hits.total", "responses.hits.hits._source", "responses.hits.hits.fields",
	}
}

// search sends the items as one _msearch and returns one answer each, in
// order. What did not answer is noted in meta; an item that failed leaves an
// empty answer. It is an error when no item succeeded.
func (s *Store) search(ctx context.Context, items []item, meta *telemetry.Meta) ([]found, error) {
	if len(items) == 0 {
		return nil, nil
	}
	lines, err := searchLines(items)
	if err != nil {
		return nil, err
	}
	answers, err := s.send(ctx, lines, len(items))
	if err != nil {
		return nil, err
	}
	if err := s.note(ctx, items, answers, meta); err != nil {
		return nil, err
	}
	meta.Evidence = append(meta.Evidence, evidence(items, answers))
	return answers, nil
}

// send sends the lines of some searches. When none was answered for a reason
// that passes, it tries again: an index that was just made has no shards for
// some milliseconds.
func (s *Store) send(ctx context.Context, lines []byte, n int) ([]found, error) {
	for attempt := 0; ; attempt++ {
		var answer struct {
			Responses []found `json:"responses"`
		}
		if err := s.do(ctx, esapi.MsearchRequest{Body: bytes.NewReader(lines), FilterPath: keptParts()}, &answer); err != nil {
			return nil, err
		}
		if len(answer.Responses) != n {
			return nil, fmt.Errorf("%d answers to %d searches", len(answer.Responses), n)
		}
		if attempt == retries || slices.ContainsFunc(answer.Responses, func(f found) bool { return !f.passing() }) {
			return answer.Responses, nil
		}
		if err := s.transport.wait(ctx, backoff(attempt)); err != nil {
			return nil, err
		}
	}
}

// passing says whether a search failed for a reason that may pass.
func (f found) passing() bool {
	return f.Status == http.StatusTooManyRequests ||
		f.Status == http.StatusServiceUnavailable && !bytes.Contains(f.Error, []byte("too_many_buckets"))
}

// searchLines are the items as an _msearch body: header, search, header, search.
func searchLines(items []item) ([]byte, error) {
	var b bytes.Buffer
	for _, i := range items {
		header := object{"index": i.indices, "ignore_unavailable": true, "allow_no_indices": true}
		for _, part := range []object{header, i.body} {
			line, err := json.Marshal(part)
			if err != nil {
				return nil, err
			}
			b.Write(line)
			b.WriteByte('\n')
		}
	}
	return b.Bytes(), nil
}

// do sends a request through the client and decodes the answer.
func (s *Store) do(ctx context.Context, req esapi.Request, into any) error {
	if err := s.ready(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	res, err := req.Do(ctx, s.client)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // held in memory
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return s.transport.readError(res.StatusCode, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("the cluster's answer of %d bytes is not the JSON expected", len(body))
	}
	return nil
}

// note finds what is missing from the answers: shards without a node (neither
// failed nor successful), shards that failed, searches that ran out of time or
// were refused.
func (s *Store) note(ctx context.Context, items []item, answers []found, meta *telemetry.Meta) error {
	var missing, total int64
	var late bool
	var silent []string
	var first error
	for i, a := range answers {
		if len(a.Error) > 0 {
			err := s.transport.readError(a.Status, slices.Concat([]byte(`{"error":`), a.Error, []byte("}")))
			s.config.Logger.WarnContext(ctx, "a search failed", "error", err, "indices", len(items[i].indices))
			silent = append(silent, items[i].indices...)
			if first == nil {
				first = err
			}
			continue
		}
		missing += max(a.Shards.Total-a.Shards.Successful, a.Shards.Failed)
		total += a.Shards.Total
		late = late || a.TimedOut
	}
	if first != nil && !slices.ContainsFunc(answers, func(a found) bool { return len(a.Error) == 0 }) {
		return first
	}
	notePartial(meta, missing, total, late, silent)
	return nil
}

func notePartial(meta *telemetry.Meta, missing, total int64, late bool, silent []string) {
	if missing > 0 {
		addNotice(meta, telemetry.NoticeShards, "n", strconv.FormatInt(missing, 10), "total", strconv.FormatInt(total, 10))
	}
	if late {
		addNotice(meta, telemetry.NoticeTimedOut)
	}
	if len(silent) > 0 {
		addNotice(meta, telemetry.NoticeUnanswered, "indices", nameSome(silent))
	}
	meta.Partial = meta.Partial || missing > 0 || late || len(silent) > 0
}

// addNotice adds a notice that is not there yet; params are name, value pairs.
func addNotice(meta *telemetry.Meta, code telemetry.NoticeCode, params ...string) {
	n := telemetry.Notice{Code: code}
	for i := 0; i+1 < len(params); i += 2 {
		if n.Params == nil {
			n.Params = map[string]string{}
		}
		n.Params[params[i]] = params[i+1]
	}
	for _, old := range meta.Notices {
		if old.Code == code && fmt.Sprint(old.Params) == fmt.Sprint(n.Params) {
			return
		}
	}
	meta.Notices = append(meta.Notices, n)
}

// nameSome names up to five indices.
func nameSome(names []string) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	const most = 5
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " …"
	}
	return strings.Join(names, ", ")
}

// evidence is the searches as anybody can send them, one by one.
func evidence(items []item, answers []found) telemetry.Evidence {
	e := telemetry.Evidence{Store: "elasticsearch"}
	var b strings.Builder
	for n, i := range items {
		body, err := json.MarshalIndent(i.body, "", "  ")
		if err != nil {
			continue // it was sent, so it can be written
		}
		fmt.Fprintf(&b, "POST /%s/_search\n%s\n", strings.Join(i.indices, ","), body)
		e.Indices = append(e.Indices, i.indices...)
		e.Took = max(e.Took, time.Duration(answers[n].Took)*time.Millisecond)
	}
	e.Query = b.String()
	e.Indices = slices.Compact(slices.Sorted(slices.Values(e.Indices)))
	return e
}
