package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jikimi/samples"
)

// programEnv makes the test binary run as the program: one that can be killed.
const programEnv = "JIKIMI_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programEnv) != "" {
		main() // ends the process
	}
	os.Exit(m.Run())
}

// startProcess runs the program as a process of its own until it is ready.
func startProcess(t *testing.T, data, ingest string) (*exec.Cmd, program) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "serve", "--listen", "127.0.0.1:0", "--ingest-listen", ingest, "--data", data)
	cmd.Env = append(os.Environ(), programEnv+"=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, program{url: strings.TrimSpace(strings.TrimPrefix(line, "Jikimi is ready at "))}
}

// freeAddress is one that nobody listens on just now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// The program is killed while Filebeat ships, and started again: then every
// line is there. Lines whose acknowledgement was lost are there twice.
func TestKilledWhileShipping(t *testing.T) {
	const n = 3000
	data, ingest := t.TempDir(), freeAddress(t)
	first, p := startProcess(t, data, ingest)
	cmd := filebeatCommand(t, "7.17.29", recentLines(t, samples.WinstonDev, n), "http://"+ingest, filebeatOwnIndex)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	arrived := waitFor(t, p, 500)
	if err := first.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = first.Wait() // killed
	second, p := startProcess(t, data, ingest)
	settled := waitUntilSettled(t, p)
	for _, c := range []*exec.Cmd{cmd, second} {
		if err := c.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		_ = c.Wait() // its end says nothing about the documents
	}
	places := map[float64]int{}
	for _, d := range stored(t, data) {
		places[object(t, d.Source, true)["log"].(map[string]any)["offset"].(float64)]++
	}
	twice := 0
	for _, times := range places {
		twice += times - 1
	}
	if !arrived || !settled || len(places) != n {
		t.Errorf("got %d of %d lines (arrived before the end: %v, all settled: %v), want all", len(places), n, arrived, settled)
	}
	t.Logf("%d of %d lines arrived twice", twice, n)
	if most := 2 * 50; twice > most { // Filebeat has a bulk of 50 lines under way, or two
		t.Errorf("got %d lines twice, want at most %d", twice, most)
	}
}

// waitUntilSettled waits until documents have come and for a while no more do.
func waitUntilSettled(t *testing.T, p program) bool {
	t.Helper()
	last, since := 0, time.Now()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if n := accepted(t, p); n != last {
			last, since = n, time.Now()
		}
		if last > 0 && time.Since(since) > 3*time.Second {
			return true
		}
	}
	return false
}

// filebeatCommand is a Filebeat with a folder and a log of its own.
func filebeatCommand(t *testing.T, version string, lines [][]byte, address, more string) *exec.Cmd {
	t.Helper()
	home := t.TempDir()
	config := filepath.Join(home, "filebeat.yml")
	text := fmt.Sprintf(filebeatConfig, writeLog(t, lines), home, address, more)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return exec.Command(shipper(t, "filebeat-"+version), "run", "-c", config)
}
