package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// When the program is asked to end, readiness goes first, and a request under
// way still gets its answer.
func TestServerEnds(t *testing.T) {
	l, err := listen("127.0.0.1:0", "listen")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(slog.New(slog.DiscardHandler), pageTime)
	entered := make(chan struct{})
	s.start(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		for s.isReady() { // until readiness goes
			time.Sleep(time.Millisecond)
		}
		_, _ = io.WriteString(w, "answered")
	}))
	if !s.open() {
		t.Fatal("open: got false, want a server that becomes ready")
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.wait(ctx) }()
	body := make(chan string, 1)
	go func() { body <- get(t, "http://"+l.Addr().String()+"/") }()
	<-entered
	cancel()
	if got := <-body; got != "200 answered" {
		t.Errorf("request under way: got %q, want 200 answered", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("wait: got %v, want nil", err)
	}
	if s.open() || s.isReady() {
		t.Error("got a server that becomes ready after its end, want none")
	}
}

// A listener that fails ends the server with its error.
func TestServerFails(t *testing.T) {
	l, err := listen("127.0.0.1:0", "listen")
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(slog.New(slog.DiscardHandler), pageTime)
	s.start(l, http.NotFoundHandler())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.wait(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "serving ended: ") {
		t.Errorf("got %v, want an error that serving ended", err)
	}
}

func TestListenInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	want := l.Addr().String() + " is in use by another program: stop it, or choose another address with --ingest-listen"
	if _, err := listen(l.Addr().String(), "ingest-listen"); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// get is the status and the body of an answer, or the error.
func get(t *testing.T, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return res.Status[:3] + " " + string(body)
}
