package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/elastic/go-elasticsearch/v7/esapi"
)

// Server is what answers at the configured addresses.
type Server struct {
	// Product is `elasticsearch` or `opensearch`, Version its number, Flavor
	// how it was built (`oss`, `default`; empty for OpenSearch).
	Product, Version, Flavor string
}

// What may answer in a search server's place.
var (
	errNoJSON  = errors.New("something other than a search server answers there: no JSON")
	errUnknown = errors.New("neither Elasticsearch nor OpenSearch answers there")
)

// Server asks what answers at the configured addresses. Errors wrap
// telemetry.ErrUnavailable.
func (s *Store) Server(ctx context.Context) (Server, error) {
	server, err := s.detect(ctx)
	if err != nil {
		return Server{}, s.unavailable(ctx, "elastic", err)
	}
	return server, nil
}

// ready looks at the server unless that was done since the last failure.
func (s *Store) ready(ctx context.Context) error {
	if s.transport.accepted.Load() {
		return nil
	}
	select {
	case s.detecting <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-s.detecting }()
	if s.transport.accepted.Load() {
		return nil
	}
	server, err := s.detect(ctx)
	if err == nil {
		s.config.Logger.InfoContext(ctx, "search server found", "product", server.Product, "version", server.Version, "flavor", server.Flavor)
	}
	return err
}

func (s *Store) detect(ctx context.Context) (Server, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// Past the client, whose own check knows fewer servers.
	res, err := esapi.InfoRequest{}.Do(ctx, s.client.Transport)
	if err != nil {
		return Server{}, err
	}
	defer func() { _ = res.Body.Close() }() // held in memory
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return Server{}, err
	}
	if res.StatusCode != http.StatusOK {
		return Server{}, s.transport.readError(res.StatusCode, body)
	}
	server, err := readServer(body)
	if err == nil {
		s.transport.accepted.Store(true)
	}
	return server, err
}

// readServer reads the answer to GET /. The tagline or the distribution says
// what it is; numbers do not: OpenSearch can be told to say 7.10.2.
func readServer(body []byte) (Server, error) {
	var root struct {
		Version struct {
			Number       string `json:"number"`
			Distribution string `json:"distribution"`
			Flavor       string `json:"build_flavor"`
		} `json:"version"`
		Tagline string `json:"tagline"`
	}
	if err := json.Unmarshal(bytes.TrimSpace(body), &root); err != nil {
		return Server{}, errNoJSON
	}
	v := root.Version
	switch {
	case v.Distribution == "opensearch":
		return Server{Product: "opensearch", Version: v.Number}, nil
	case v.Distribution != "" || root.Tagline != "You Know, for Search":
		return Server{}, fmt.Errorf("%w: %d bytes of other JSON", errUnknown, len(body))
	}
	return Server{Product: "elasticsearch", Version: v.Number, Flavor: v.Flavor}, nil
}
