package elastic

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"jikimi/telemetry"
)

// clusterError is what a cluster answered instead of data. Its text names no
// credential and repeats no document.
type clusterError struct {
	Status       int
	Type, Reason string
}

func (e *clusterError) Error() string {
	return fmt.Sprintf("the cluster answered %d %s: %s", e.Status, e.Type, e.Reason)
}

// errorBody is Elasticsearch's error; old endpoints send a text in its place.
type errorBody struct {
	Type      string `json:"type"`
	Reason    string `json:"reason"`
	RootCause []struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	} `json:"root_cause"`
	CausedBy struct {
		Type   string `json:"type"`
		Reason string `json:"reason"`
	} `json:"caused_by"`
}

// readError makes an error from a refused request's status and body. A body
// that is no JSON (a proxy's page, OpenSearch's `Unauthorized`) is not repeated.
func (t *transport) readError(status int, body []byte) error {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	e := &clusterError{Status: status, Type: strings.ToLower(http.StatusText(status)), Reason: "no reason given"}
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		e.Reason = "the configured credentials are missing, wrong or may not read this"
	}
	if json.Unmarshal(body, &answer) == nil && len(answer.Error) > 0 {
		t.describe(e, answer.Error)
	}
	return e
}

func (t *transport) describe(e *clusterError, text json.RawMessage) {
	var b errorBody
	if json.Unmarshal(text, &b) != nil {
		var s string
		if json.Unmarshal(text, &s) == nil {
			e.Reason = t.clean(s)
		}
		return
	}
	e.Type, e.Reason = t.clean(b.Type), t.clean(b.Reason)
	switch {
	case b.CausedBy.Type != "":
		e.Reason += " (" + t.clean(b.CausedBy.Type+": "+b.CausedBy.Reason) + ")"
	case len(b.RootCause) > 0 && b.RootCause[0].Reason != b.Reason:
		e.Reason += " (" + t.clean(b.RootCause[0].Type+": "+b.RootCause[0].Reason) + ")"
	}
}

// clean cuts a cluster's text to what may be logged. A json_parse_exception
// repeats after `at [Source` what the server's buffer held: request lines with
// their Authorization, other clients' documents.
func (t *transport) clean(s string) string {
	s, _, _ = strings.Cut(s, "at [Source")
	s, _, _ = strings.Cut(s, "[Source:")
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, t.mask.Replace(s))
	const most = 400
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return strings.TrimSpace(s)
}

// maskOf replaces the configured secrets, and the header they travel in.
func maskOf(c Config) *strings.Replacer {
	var pairs []string
	for _, secret := range []string{base64.StdEncoding.EncodeToString([]byte(c.Username + ":" + c.Password)), c.APIKey, c.Password} {
		if len(secret) > 2 {
			pairs = append(pairs, secret, "***")
		}
	}
	return strings.NewReplacer(pairs...)
}

// unavailable is the error of a question: the context's own when the asker
// left or would wait no longer, else one that wraps telemetry.ErrUnavailable.
func (s *Store) unavailable(ctx context.Context, what string, err error) error {
	var bad *telemetry.InvalidError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &bad):
		return err
	}
	var known *clusterError
	if !errors.As(err, &known) {
		s.transport.accepted.Store(false) // whatever answers next is looked at again
	}
	return fmt.Errorf("%s: %w: %s", what, telemetry.ErrUnavailable, s.transport.clean(err.Error()))
}
