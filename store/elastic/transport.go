package elastic

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// placeholder is the one address the client knows: the transport puts a
// node's in its place. So the client's own pool never marks a node dead
// because a viewer left.
const placeholder = "http://cluster.invalid"

const (
	mostAnswer = 64 << 20 // bytes of one answer
	retries    = 2        // after the first attempt
)

// errTooLong is an answer of more than mostAnswer bytes.
var errTooLong = fmt.Errorf("elastic: the answer is longer than %d MiB", mostAnswer>>20)

// transport sends reads to one of the nodes, and nothing else to anybody.
type transport struct {
	next  http.RoundTripper
	nodes []*url.URL
	at    atomic.Uint64 // the node in use, modulo their number
	// accepted says that detection knows what answers: then answers get the
	// header the client insists on.
	accepted atomic.Bool
	received atomic.Int64 // bytes of all answers
	mask     *strings.Replacer
	// wait passes a time, or returns the context's error.
	wait func(context.Context, time.Duration) error
}

func newTransport(c Config) (*transport, error) {
	nodes, err := nodeURLs(c.URLs)
	if err != nil {
		return nil, err
	}
	next := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second,
		TLSHandshakeTimeout: 5 * time.Second, MaxResponseHeaderBytes: 64 << 10,
	}
	if c.CAFile != "" {
		if next.TLSClientConfig, err = trusting(c.CAFile); err != nil {
			return nil, err
		}
	}
	return &transport{next: next, nodes: nodes, mask: maskOf(c), wait: wait}, nil
}

func trusting(file string) (*tls.Config, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("elastic: CA file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("elastic: CA file %s holds no certificate in PEM", file)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}

// RoundTrip implements http.RoundTripper. It sends again, to the next node,
// what failed on the way or at a gateway, and waits after a refusal for load.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := checkRead(req.Method, req.URL); err != nil {
		return nil, err
	}
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		node := t.nodes[t.at.Load()%uint64(len(t.nodes))]
		res, err := t.once(req, body, node)
		if attempt == retries || !t.again(req.Context(), res, err) {
			return res, err
		}
		if res != nil {
			_ = res.Body.Close() // held in memory: nothing to lose
		}
		if werr := t.wait(req.Context(), backoff(attempt)); werr != nil {
			return nil, werr
		}
	}
}

func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	body, err := io.ReadAll(req.Body)
	return body, errors.Join(err, req.Body.Close())
}

// once sends the request to a node and reads the whole answer.
func (t *transport) once(req *http.Request, body []byte, node *url.URL) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.URL.Scheme, out.URL.Host, out.Host = node.Scheme, node.Host, ""
	out.URL.Path = strings.TrimSuffix(node.Path, "/") + req.URL.Path
	out.Header.Set("Accept", "application/json")
	out.Header.Del("Content-Type")
	if body != nil {
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		out.Header.Set("Content-Type", contentType(req.URL.Path))
	}
	res, err := t.next.RoundTrip(out)
	if err != nil {
		return nil, err
	}
	if err := t.hold(res); err != nil {
		return nil, err
	}
	if t.accepted.Load() {
		res.Header.Set("X-Elastic-Product", "Elasticsearch")
	}
	return res, nil
}

func contentType(path string) string {
	if strings.HasSuffix(path, "/_msearch") {
		return "application/x-ndjson"
	}
	return "application/json"
}

// hold reads the answer into memory, up to the cap.
func (t *transport) hold(res *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer+1))
	err = errors.Join(err, res.Body.Close())
	t.received.Add(int64(len(body)))
	if err == nil && len(body) > mostAnswer {
		err = errTooLong
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return err
}

// again says whether another attempt makes sense, and leaves a node that
// cannot be reached. A viewer who left says nothing about a node.
func (t *transport) again(ctx context.Context, res *http.Response, err error) bool {
	switch {
	case ctx.Err() != nil || errors.Is(err, errTooLong):
		return false
	case err != nil:
		t.at.Add(1)
		return true
	case res.StatusCode == http.StatusBadGateway || res.StatusCode == http.StatusGatewayTimeout:
		t.at.Add(1)
		return true
	case res.StatusCode == http.StatusServiceUnavailable:
		return !bytes.Contains(peek(res), []byte("too_many_buckets"))
	}
	return res.StatusCode == http.StatusTooManyRequests
}

// peek is the body of a held answer, which stays readable.
func peek(res *http.Response) []byte {
	body, _ := io.ReadAll(res.Body) // from memory
	res.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

// backoff is a random time, up to 200 ms after the first attempt and 800 ms
// after the second.
func backoff(attempt int) time.Duration {
	most := 200 * time.Millisecond << (2 * attempt)
	return time.Duration(rand.Int64N(int64(most))) //nolint:gosec // jitter needs no secret randomness
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
