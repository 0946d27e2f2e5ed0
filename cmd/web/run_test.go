package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is the whole program, started by a test.
type program struct {
	url string
	// ingest is the address for shippers, without a slash at its end.
	ingest string
	// more is what it printed after the line with its address.
	more func() string
	// stop ends it as a signal does and returns what run returned.
	stop func() error
}

// start runs the program on a free port until its address is printed.
func start(t *testing.T, args ...string) program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	var logged lockedBuffer
	ended := make(chan error, 1)
	go func() {
		err := run(ctx, append(args, "--listen", "127.0.0.1:0", "--ingest-listen", "127.0.0.1:0"), nil, strings.NewReader(""), stdout, &logged)
		_ = stdout.Close() // an io.Pipe's never fails
		ended <- err
	}()
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	url, ok := strings.CutPrefix(strings.TrimSpace(line), "Jikimi is ready at ")
	if err != nil || !ok {
		cancel()
		t.Fatalf("got %q, run: %v, want the line with the address; log: %s", line, <-ended, logged.String())
	}
	rest := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(lines) // ends when the pipe is closed
		rest <- string(b)
	}()
	stop := sync.OnceValue(func() error { cancel(); return <-ended })
	t.Cleanup(func() { _ = stop() }) // for tests that fail before they stop it
	p := program{url: url, stop: stop, more: func() string { return <-rest }}
	if !slices.ContainsFunc(args, func(a string) bool { return strings.HasPrefix(a, "--elasticsearch-url") }) {
		p.ingest = ingestAddress(t, logged.String())
	}
	return p
}

// ingestAddress finds the address for shippers in the log.
func ingestAddress(t *testing.T, log string) string {
	t.Helper()
	m := regexp.MustCompile(`taking documents in.* address=(http://127\.0\.0\.1:\d+)\n`).FindStringSubmatch(log)
	if m == nil {
		t.Fatalf("got the log %s, want a line with the address for shippers", log)
	}
	return m[1]
}

// lockedBuffer takes the log of a program that is still running.
type lockedBuffer struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestServe(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	begin := time.Now()
	p := start(t, "serve", "--data", data, "--host", "jikimi.example.com")
	if took := time.Since(begin); took > 5*time.Second { // half a second, ten times over for a busy machine
		t.Errorf("start: got %v, want half a second", took)
	}
	for path, want := range map[string]string{"healthz": "200 ok", "readyz": "200 ready", "metrics": "200 #", "no-such-page": "404 "} {
		if got := get(t, p.url+path); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %.80q, want %q", path, got, want)
		}
	}
	if got := get(t, p.url+"metrics"); !strings.Contains(got, `route="/healthz",status="2xx"} 1`) {
		t.Errorf("metrics: got no request of /healthz in %s", got)
	}
	for host, want := range map[string]int{"jikimi.example.com": 200, "JIKIMI.example.com:80": 200, "localhost:1": 200, "[::1]:80": 200, "evil.example.com": 421} {
		if got := getAs(t, p.url+"readyz", host); got != want {
			t.Errorf("host %s: got %d, want %d", host, got, want)
		}
	}
	if err := p.stop(); err != nil {
		t.Errorf("run: got %v, want nil after the signal", err)
	}
	if got := p.more(); got != "" {
		t.Errorf("got more on standard output: %q, want the address only", got)
	}
	if _, err := os.Stat(data); err != nil {
		t.Errorf("data folder: got %v, want it to stay", err)
	}
}

// getAs is the status of a request that names a host.
func getAs(t *testing.T, url, host string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = host
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // nothing is read
	return res.StatusCode
}

// A day of the demo: its page works and its own folder goes with it.
func TestDemo(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	p := start(t, "demo", "--retention", "1d")
	if got := get(t, p.url+"readyz"); !strings.HasPrefix(got, "200 ") {
		t.Errorf("readyz: got %q, want 200", got)
	}
	if got := get(t, p.url+"latency?all=1"); !strings.HasPrefix(got, "200 ") {
		t.Errorf("latency: got %.200q, want a page", got)
	}
	if got := get(t, p.url+"latency.csv"); strings.Count(got, "\ncurrent,") < 20 {
		t.Errorf("latency of the last 24 hours: got %q, want requests in at least 20 buckets", got)
	}
	if err := p.stop(); err != nil {
		t.Errorf("run: got %v, want nil after the signal", err)
	}
	if got := p.more(); got != "" {
		t.Errorf("got more on standard output: %q, want the address only", got)
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("temporary folder: got %v, %v, want nothing left", left, err)
	}
}

// A signal while the past is being written ends the demo without a complaint.
func TestDemoEndsEarly(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	var out strings.Builder
	if err := run(ctx, []string{"demo", "--listen=127.0.0.1:0", "--ingest-listen=off"}, nil, nil, &out, io.Discard); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestDemoKeepsToEmptyFolders(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	err := run(t.Context(), []string{"demo", "--data", dir, "--listen=127.0.0.1:0", "--ingest-listen=off"}, nil, nil, io.Discard, io.Discard)
	if _, ok := errors.AsType[*configError](err); !ok || !strings.Contains(err.Error(), "flag --data: ") || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("got %v, want a fault of flag --data: it is not empty", err)
	}
}

func TestOpenAddressRefused(t *testing.T) {
	err := run(t.Context(), []string{"--listen", "0.0.0.0:0", "--data", t.TempDir()}, nil, nil, io.Discard, io.Discard)
	if want := `flag --listen: "0.0.0.0:0"` + openFault; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A second program on the same folder says what is wrong and leaves it alone.
func TestSecondProgram(t *testing.T) {
	data := t.TempDir()
	p := start(t, "--data", data)
	err := run(t.Context(), []string{"--data", data, "--listen=127.0.0.1:0", "--ingest-listen=off"}, nil, nil, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "in use") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v, want one sentence that the folder is in use", err)
	}
	if got := get(t, p.url+"readyz"); !strings.HasPrefix(got, "200 ") {
		t.Errorf("the first: got %q, want 200", got)
	}
	if err := p.stop(); err != nil {
		t.Errorf("the first: got %v, want nil", err)
	}
}
