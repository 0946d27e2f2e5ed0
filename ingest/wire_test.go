package ingest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// listening is an endpoint behind a real server.
func listening(t *testing.T, c Config, readTimeout time.Duration) (*Endpoint, *httptest.Server) {
	t.Helper()
	c.Hosts = []string{"127.0.0.1"}
	e := newTestEndpoint(t, c)
	s := httptest.NewUnstartedServer(e)
	s.Config.ReadTimeout = readTimeout
	s.Start()
	t.Cleanup(s.Close)
	return e, s
}

func post(t *testing.T, s *httptest.Server, path string, body io.Reader, encoding string) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	if encoding != "" {
		r.Header.Set("Content-Encoding", encoding)
	}
	a, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, string(b)
}

// No answer comes before the writer says that the documents are safe.
func TestAcknowledgedAfterWrite(t *testing.T) {
	entered, safe := make(chan struct{}), make(chan struct{})
	_, s := listening(t, Config{Writer: writerFunc(func(_ context.Context, docs []Document) ([]Result, error) {
		close(entered)
		<-safe
		return make([]Result, len(docs)), nil
	})}, 0)
	answered := make(chan int, 1)
	go func() {
		status, _ := post(t, s, "/a/_bulk", strings.NewReader(many(3)), "")
		answered <- status
	}()
	<-entered
	select {
	case status := <-answered:
		t.Errorf("got %d before the documents were safe, want no answer", status)
	case <-time.After(100 * time.Millisecond): // long enough for an answer that comes too early
	}
	close(safe)
	if status := <-answered; status != http.StatusOK {
		t.Errorf("then: got %d, want 200", status)
	}
}

// bomb is 1 GiB of a repeated text, packed: about 1 MiB.
func bomb(t *testing.T, text string) string {
	t.Helper()
	part := packed(t, strings.Repeat(text, 4<<20/len(text)))
	return strings.Repeat(part, 256) // parts of a gzip file follow each other
}

// 1 GiB in 1 MiB is refused within a second with little memory, whatever it is.
// The writer takes its time away from the measure: it does nothing.
func TestBomb(t *testing.T) {
	e := newTestEndpoint(t, Config{Writer: writerFunc(func(_ context.Context, docs []Document) ([]Result, error) {
		return make([]Result, len(docs)), nil
	})})
	for name, tt := range map[string]struct {
		text, first string
		status      int
	}{
		"zeros":                  {"\x00", "", http.StatusBadRequest},
		"a document without end": {" ", "{\"index\":{}}\n", http.StatusRequestEntityTooLarge},
		"empty lines":            {"\n", "", http.StatusRequestEntityTooLarge},
		"small documents":        {"{\"index\":{}}\n{}\n", "", http.StatusRequestEntityTooLarge},
		"deletes":                {"{\"delete\":{\"_id\":\"1\"}}\n", "", http.StatusRequestEntityTooLarge},
		"not JSON, large":        {strings.Repeat("x", 1<<20-1) + "\n", "{\"index\":{}}\n", http.StatusBadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			body := packed(t, tt.first) + bomb(t, tt.text)
			peak, stop := watchMemory()
			start := time.Now()
			w := call(e, http.MethodPost, "/a/_bulk", body, "Content-Encoding: gzip")
			took := time.Since(start)
			stop()
			t.Logf("%d KiB refused in %v", len(body)>>10, took.Round(time.Millisecond))
			if w.Code != tt.status {
				t.Errorf("got %d %.200s, want %d", w.Code, w.Body, tt.status)
			}
			if took > 5*time.Second { // a second, for a busy machine
				t.Errorf("took %v, want a second", took)
			}
			if got := peak(); got > 64<<20 {
				t.Errorf("memory: got %d MiB more, want at most 64", got>>20)
			}
		})
	}
}

// watchMemory looks how far the memory of the program grows beyond what it has
// now.
func watchMemory() (peak func() uint64, stop func()) {
	runtime.GC()
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapInuse + m.StackInuse
	}
	start := inUse()
	most := start
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			most = max(most, inUse())
			select {
			case <-end:
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { return most - start }, func() { close(end); <-ended }
}

// A body of 200 MB is refused by its length, before it is sent.
func TestLargeBody(t *testing.T) {
	_, s := listening(t, Config{Writer: &memory{}}, 0)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	writeText(t, conn, "POST /a/_bulk HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 200000000\r\nExpect: 100-continue\r\n\r\n")
	if got := statusLine(t, conn); !strings.HasPrefix(got, "HTTP/1.1 413 ") {
		t.Errorf("got %q, want 413", got)
	}
}

func writeText(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
}

func statusLine(t *testing.T, r io.Reader) string {
	t.Helper()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// A sender that goes away in the middle of a body leaves nothing behind, one
// that stops sending is told so when its time is over.
func TestInterrupted(t *testing.T) {
	m := &memory{}
	e, s := listening(t, Config{Writer: m, Limits: Limits{Bodies: 1, Patience: 5 * time.Second}}, 300*time.Millisecond)
	const head = "POST /a/_bulk HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"index\":{}}\n{\"a\":1}\n"
	for name, goAway := range map[string]bool{"goes away": true, "stops": false} {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		writeText(t, conn, head)
		if goAway {
			_ = conn.(*net.TCPConn).CloseWrite() // as one that is killed
		}
		want := map[bool]string{true: "HTTP/1.1 400 ", false: "HTTP/1.1 408 "}[goAway]
		if got := statusLine(t, conn); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %s", name, got, want)
		}
		_ = conn.Close()
	}
	if m.count() != 0 {
		t.Errorf("stored: got %d, want none", m.count())
	}
	if status, text := post(t, s, "/a/_bulk", strings.NewReader(many(2)), ""); status != http.StatusOK || m.count() != 2 {
		t.Errorf("afterwards: got %d %s and %d stored, want 200 and 2", status, text, m.count())
	}
	if got := e.Stats().Documents.Accepted; got != 2 {
		t.Errorf("counted: got %d, want 2", got)
	}
}

// A body that finds no place is told to come again, what is no body is
// answered meanwhile.
func TestNoPlace(t *testing.T) {
	e, s := listening(t, Config{Writer: &memory{}, Limits: Limits{Bodies: 1, Patience: 10 * time.Millisecond}}, 0)
	body, slow := io.Pipe()
	answered := make(chan int, 1)
	go func() {
		status, _ := post(t, s, "/a/_bulk", body, "")
		answered <- status
	}()
	writeText(t, slow, "{") // is taken by the client
	for len(e.places) == 0 {
		time.Sleep(time.Millisecond)
	}
	if status, text := post(t, s, "/a/_bulk", strings.NewReader(many(1)), ""); status != http.StatusTooManyRequests {
		t.Errorf("a body: got %d %s, want 429", status, text)
	}
	a, err := s.Client().Get(s.URL + "/")
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("no body: got %v, %v, want 200", a, err)
	}
	_ = a.Body.Close()
	writeText(t, slow, many(1)[1:])
	_ = slow.Close() // a pipe's never fails
	if status := <-answered; status != http.StatusOK {
		t.Errorf("the slow one: got %d, want 200", status)
	}
}

// Two thousand connections that stop in the middle of their bodies cost little
// and end by the server's time-out, if they have a place at all.
func TestSlowConnections(t *testing.T) {
	m := &memory{}
	_, s := listening(t, Config{Writer: m, Limits: Limits{Patience: 10 * time.Millisecond}}, 2*time.Second)
	peak, stop := watchMemory()
	conns := make([]net.Conn, 0, 2000)
	for range cap(conns) {
		conn, err := net.Dial("tcp", s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		writeText(t, conn, "POST /a/_bulk HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
		conns = append(conns, conn)
	}
	answers := map[string]int{}
	for _, conn := range conns {
		answers[statusLine(t, conn)[9:12]]++
	}
	stop()
	if answers["408"] < 16 || answers["408"]+answers["429"] != len(conns) {
		t.Errorf("got %v, want some that had one of the 16 places and ran out of time, and the others sent away", answers)
	}
	if got := peak(); got > 192<<20 { // both ends of the connections are in this process
		t.Errorf("memory: got %d MiB more, want at most 192", got>>20)
	}
	if status, text := post(t, s, "/a/_bulk", strings.NewReader(many(1)), ""); status != http.StatusOK || m.count() != 1 {
		t.Errorf("afterwards: got %d %s, want 200", status, text)
	}
}

// Many senders at once, plain and packed: each document once.
func TestSenders(t *testing.T) {
	m := &memory{}
	e, s := listening(t, Config{Writer: m}, 0)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			body, encoding := "", ""
			for j := range 50 {
				body += fmt.Sprintf("{\"index\":{\"_id\":\"%d-%d\"}}\n{\"a\":1}\n", i, j)
			}
			if i%2 == 0 {
				body, encoding = packed(t, body), "gzip"
			}
			if status, text := post(t, s, "/a/_bulk", strings.NewReader(body), encoding); status != http.StatusOK {
				t.Errorf("got %d %s, want 200", status, text)
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, d := range m.docs {
		ids[d.ID] = true
	}
	if len(m.docs) != 1000 || len(ids) != 1000 {
		t.Errorf("got %d documents with %d ids, want 1000 each", len(m.docs), len(ids))
	}
	if got := e.Stats().Requests.Accepted; got != 20 {
		t.Errorf("counted: got %d requests, want 20", got)
	}
}
