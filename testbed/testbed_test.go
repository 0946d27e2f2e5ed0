package testbed

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestServerEndsWithTheTest: whoever started a server may be killed; the
// server must not stay behind.
func TestServerEndsWithTheTest(t *testing.T) {
	if os.Getenv("TESTBED_HELPER") != "" {
		s, err := Start("es710")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString("URL " + s.URL + "\n")
		time.Sleep(time.Hour) // until it is killed
	}
	url := killStarter(t)
	deadline := time.Now().Add(stopping)
	for {
		res, err := http.Get(url)
		if err != nil {
			return
		}
		_ = res.Body.Close() // its status says enough: it lives
		if time.Now().After(deadline) {
			t.Fatalf("the server still answers %v after its starter was killed", stopping)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// killStarter starts a server from another process, kills that, and returns
// the server's address.
func killStarter(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestServerEndsWithTheTest$")
	cmd.Env = append(os.Environ(), "TESTBED_HELPER=1", "HEAP=256m")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 4096)
	n, err := out.Read(buffer)
	if err != nil {
		t.Fatalf("no address of a server: %v", err)
	}
	url, ok := strings.CutPrefix(strings.TrimSpace(string(buffer[:n])), "URL ")
	if !ok {
		t.Fatalf("got %q, want the address of a server", buffer[:n])
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	return url
}
