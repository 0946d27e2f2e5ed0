// Package testbed starts real search servers for tests, from the artifacts
// that Elasticsearch and OpenSearch publish on Maven Central.
//
//	func TestMain(m *testing.M) { os.Exit(run(m)) }
//
//	func run(m *testing.M) int {
//		server, err := testbed.Start("es710")
//		if err != nil {
//			fmt.Fprintln(os.Stderr, err)
//			return 1
//		}
//		defer server.Stop()
//		return m.Run()
//	}
//
// server.sh says which servers there are. It needs mvn and a JDK 17; the first
// start downloads the artifacts into TESTBED_CACHE, or the user's cache folder.
package testbed

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const (
	download = 10 * time.Minute // for the first start, with its download
	stopping = 20 * time.Second // for an orderly end
)

// Password is that of the users of es710sec.
const Password = "testbed-pass"

// Server is a running search server.
type Server struct {
	// URL is its address on the loopback interface.
	URL string
	// Home is its folder; it goes when the server stops.
	Home string
	// CAFile is the authority of a server with TLS (es710sec), else empty. Its
	// users are admin, as whom Do asks, and reader; the password is Password.
	CAFile string

	process *exec.Cmd
	input   io.Closer
	output  *tail
	ended   chan struct{} // closed when err is set
	err     error         // how it ended
}

// Start starts a server by its name in server.sh on free ports and returns
// when it answers. Settings are key=value.
func Start(name string, settings ...string) (*Server, error) {
	if err := tools(); err != nil {
		return nil, err
	}
	ports, err := freePorts(2)
	if err != nil {
		return nil, fmt.Errorf("testbed: %w", err)
	}
	home, err := os.MkdirTemp("", "jikimi-testbed-")
	if err != nil {
		return nil, fmt.Errorf("testbed: %w", err)
	}
	s := &Server{URL: "http://127.0.0.1:" + ports[0], Home: home, output: &tail{}, ended: make(chan struct{})}
	if name == "es710sec" {
		s.URL, s.CAFile = "https://127.0.0.1:"+ports[0], filepath.Join(home, "config", "root-ca.pem")
	}
	settings = append([]string{"transport.port=" + ports[1]}, settings...)
	if err := s.launch(append([]string{name, ports[0], home}, settings...)); err != nil {
		return nil, errors.Join(fmt.Errorf("testbed: %w", err), os.RemoveAll(home))
	}
	if err := s.wait(); err != nil {
		s.Stop()
		return nil, fmt.Errorf("testbed: %s: %w\n%s", name, err, s.output)
	}
	return s, nil
}

// tools names what is missing on this machine.
func tools() error {
	for tool, what := range map[string]string{
		"bash": "bash, to start a search server",
		"mvn":  "mvn (Maven), to download the search server",
		"java": "java (a JDK 17), to run the search server",
	} {
		if _, err := exec.LookPath(tool); err != nil {
			return fmt.Errorf("testbed: this machine lacks %s: install it and run the test again", what)
		}
	}
	if list, err := filepath.Glob("/usr/lib/jvm/*17*/bin/javac"); err != nil || len(list) == 0 {
		return errors.New("testbed: this machine lacks a JDK 17 with javac under /usr/lib/jvm: install it and run the test again")
	}
	return nil
}

// freePorts are loopback ports that nobody listens on now.
func freePorts(n int) ([]string, error) {
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }() // all stay taken until the last is found
		ports = append(ports, strconv.Itoa(l.Addr().(*net.TCPAddr).Port))
	}
	return ports, nil
}

// watchdog ends the server with the test: its input is a pipe that closes when
// the test binary ends, however it does. The fourth argument is its folder.
const watchdog = `"$@" & server=$!
trap 'kill $server 2>/dev/null' TERM INT
(cat >/dev/null; kill $server 2>/dev/null) <&3 &
wait $server; wait $server 2>/dev/null # the first wait ends with a signal
rm -rf "$4"`

func (s *Server) launch(args []string) error {
	_, file, _, _ := runtime.Caller(0)
	script := filepath.Join(filepath.Dir(file), "server.sh")
	reader, writer, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd := exec.Command("bash", append([]string{"-c", watchdog, "testbed", script}, args...)...) //nolint:gosec // arguments of a test
	cmd.ExtraFiles = []*os.File{reader}                                                          // becomes descriptor 3
	cmd.Stdout, cmd.Stderr = s.output, s.output
	if err := cmd.Start(); err != nil {
		return errors.Join(err, reader.Close(), writer.Close())
	}
	s.process, s.input = cmd, writer
	go func() {
		s.err = cmd.Wait()
		close(s.ended)
	}()
	return reader.Close()
}

// wait returns when GET / answers 200.
func (s *Server) wait() error {
	deadline := time.After(download)
	for {
		select {
		case <-s.ended:
			return fmt.Errorf("ended before it answered: %w", s.err)
		case <-deadline:
			return fmt.Errorf("did not answer within %v", download)
		case <-time.After(200 * time.Millisecond):
		}
		if status, _, err := s.Do(context.Background(), http.MethodGet, "/", nil); err == nil && status == http.StatusOK {
			return nil
		}
	}
}

// Stop ends the server and removes its folder.
func (s *Server) Stop() {
	_ = s.input.Close() // tells the watchdog
	select {
	case <-s.ended:
	case <-time.After(stopping):
		_ = s.process.Process.Kill() // it had its time
	}
	_ = os.RemoveAll(s.Home) // a temporary folder
}

// Do sends a request past every check, as a shipper or an operator would.
func (s *Server) Do(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	client, err := s.client()
	if err != nil {
		return 0, nil, err
	}
	defer client.CloseIdleConnections()
	if s.CAFile != "" {
		req.SetBasicAuth("admin", Password)
	}
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, errors.Join(err, res.Body.Close())
}

// client trusts the server's own authority.
func (s *Server) client() (*http.Client, error) {
	if s.CAFile == "" {
		return &http.Client{Transport: &http.Transport{}}, nil
	}
	authority, err := os.ReadFile(s.CAFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}, nil
}

// tail keeps the last words of a server.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	const most = 8 << 10
	t.text = append(t.text, p...)
	t.text = t.text[max(0, len(t.text)-most):]
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
