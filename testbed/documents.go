package testbed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
)

// Document is a document to write.
type Document struct {
	Index  string
	Source []byte
}

// Refusal says why a server did not take a document.
type Refusal struct {
	// At is the document's place among those sent.
	At           int
	Type, Reason string
}

// Bulk writes documents, waits until searches see them, and returns those that
// were refused.
func (s *Server) Bulk(ctx context.Context, docs []Document) ([]Refusal, error) {
	var body bytes.Buffer
	for _, d := range docs {
		action, err := json.Marshal(map[string]any{"index": map[string]string{"_index": d.Index}})
		if err != nil {
			return nil, err
		}
		body.Write(action)
		body.WriteByte('\n')
		if err := json.Compact(&body, d.Source); err != nil {
			return nil, fmt.Errorf("testbed: document for %s: %w", d.Index, err)
		}
		body.WriteByte('\n')
	}
	var answer struct {
		Items []map[string]struct {
			Status int `json:"status"`
			Error  struct {
				Type     string `json:"type"`
				Reason   string `json:"reason"`
				CausedBy struct {
					Reason string `json:"reason"`
				} `json:"caused_by"`
			} `json:"error"`
		} `json:"items"`
	}
	if err := s.JSON(ctx, http.MethodPost, "/_bulk?refresh=true", body.Bytes(), &answer); err != nil {
		return nil, err
	}
	var refused []Refusal
	for i, item := range answer.Items {
		for _, r := range item {
			if r.Status >= http.StatusMultipleChoices {
				refused = append(refused, Refusal{i, r.Error.Type, r.Error.Reason + " " + r.Error.CausedBy.Reason})
			}
		}
	}
	return refused, nil
}

// JSON sends a request that must succeed and decodes the answer; into may be nil.
func (s *Server) JSON(ctx context.Context, method, path string, body []byte, into any) error {
	status, answer, err := s.Do(ctx, method, path, body)
	if err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	if status >= http.StatusMultipleChoices {
		return fmt.Errorf("testbed: %s %s: %d %s", method, path, status, answer)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(answer, into)
}

// Put sends a file: a template, a pipeline.
func (s *Server) Put(ctx context.Context, path, file string) error {
	body, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("testbed: %w", err)
	}
	return s.JSON(ctx, http.MethodPut, path, body, nil)
}

// Clear removes the indices of some patterns, hidden ones aside. Servers of
// tests only: what it is told to remove is gone.
func (s *Server) Clear(ctx context.Context, patterns ...string) error {
	var list []struct {
		Index string `json:"index"`
	}
	if err := s.JSON(ctx, http.MethodGet, "/_cat/indices?format=json&h=index", nil, &list); err != nil {
		return err
	}
	for _, i := range list {
		for _, p := range patterns {
			if ok, err := path.Match(p, i.Index); err != nil || !ok || strings.HasPrefix(i.Index, ".") {
				continue
			}
			if err := s.JSON(ctx, http.MethodDelete, "/"+url.PathEscape(i.Index), nil, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
