package ingest

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// openBody is the unpacked body of a request, bounded as it comes and
// unpacked. Its errors are faults.
func (e *Endpoint) openBody(w http.ResponseWriter, r *http.Request, most int64) (io.Reader, error) {
	if err := checkContentType(r.Header); err != nil {
		return nil, err
	}
	packed, err := isGzip(r.Header)
	if err != nil {
		return nil, err
	}
	wire := e.config.Limits.Wire
	if r.ContentLength > wire {
		return nil, tooLong("the body has %d bytes, %d are the most: send smaller ones", r.ContentLength, wire)
	}
	b := &body{left: most, most: most}
	b.reader = http.MaxBytesReader(w, r.Body, wire)
	if packed {
		if b.reader, err = gzip.NewReader(b.reader); err != nil {
			return nil, ofReading(err)
		}
	}
	return b, nil
}

// body counts what is read and turns errors into faults.
type body struct {
	reader     io.Reader
	left, most int64
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.reader.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, tooLong("the unpacked body is larger than %d bytes: send smaller ones", b.most)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = ofReading(err)
	}
	return n, err
}

func ofReading(err error) error {
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLong("the body has more than %d bytes: send smaller ones", large.Limit)
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return gone()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return newFault(http.StatusBadRequest, parseException, "the body ends too early: it was cut off on its way")
	}
	return newFault(http.StatusBadRequest, parseException, "the body cannot be read: %v", err)
}

// isGzip says whether the body is packed. Packed twice it could be anything.
func isGzip(h http.Header) (bool, error) {
	coding := strings.ToLower(strings.TrimSpace(strings.Join(h.Values("Content-Encoding"), ",")))
	switch coding {
	case "", "identity":
		return false, nil
	case "gzip":
		return true, nil
	}
	return false, newFault(http.StatusUnsupportedMediaType, illegalArgument, "Content-Encoding [%s] is not supported: use gzip, once, or none", short(coding))
}

// checkContentType takes what clients of Elasticsearch send. Nothing a web
// form can send is among it.
func checkContentType(h http.Header) error {
	text := h.Get("Content-Type")
	if text == "" {
		return newFault(http.StatusNotAcceptable, illegalArgument, "Content-Type header is missing: use application/x-ndjson")
	}
	kind, params, err := mime.ParseMediaType(text)
	known := []string{"application/json", "application/x-ndjson", "application/vnd.elasticsearch+json", "application/vnd.elasticsearch+x-ndjson"}
	charset := strings.ToLower(params["charset"])
	if err != nil || !slices.Contains(known, kind) || charset != "" && charset != "utf-8" {
		return newFault(http.StatusNotAcceptable, illegalArgument, "Content-Type header [%s] is not supported: use application/x-ndjson", short(text))
	}
	return nil
}
