package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"jikimi/samples"
	"jikimi/store/embedded"
)

// Real shippers write to the running program. scripts/shippers.sh puts them
// into the user's cache folder; without them these tests fail.

func shipper(t *testing.T, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, "jikimi-shippers", name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is not there (%v): run scripts/shippers.sh, as make test does", name, err)
	}
	return path
}

// recentLines are the first lines of a recorded log, moved to yesterday, so
// that the program takes them whenever the test runs.
func recentLines(t *testing.T, name string, n int) [][]byte {
	t.Helper()
	lines, err := samples.Lines(name)
	if err != nil {
		t.Fatal(err)
	}
	yesterday := time.Now().UTC().AddDate(0, 0, -1).Format("2006-01-02T")
	for i, line := range lines[:n] {
		lines[i] = bytes.ReplaceAll(line, []byte("2026-11-22T"), []byte(yesterday))
	}
	return lines[:n]
}

func writeLog(t *testing.T, lines [][]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "server.log")
	if err := os.WriteFile(path, append(bytes.Join(lines, []byte("\n")), '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ship runs a shipper against a new program until as many documents as wanted
// have arrived, and gives back all that are stored when both have ended.
func ship(t *testing.T, want int, command func(address string) *exec.Cmd) []embedded.Document {
	t.Helper()
	data := t.TempDir()
	p := start(t, "serve", "--data", data)
	cmd := command(p.ingest)
	var output lockedBuffer
	cmd.Stdout, cmd.Stderr = &output, &output
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	arrived := waitFor(t, p, want)
	ending := errors.Join(stdin.Close(), cmd.Process.Signal(syscall.SIGTERM))
	_ = cmd.Wait() // a signal ended it
	if !arrived || (ending != nil && !errors.Is(ending, os.ErrProcessDone)) {
		t.Fatalf("%d documents did not arrive (%v); the shipper said %s", want, ending, output.String())
	}
	if err := p.stop(); err != nil {
		t.Fatalf("run: %v", err)
	}
	return stored(t, data)
}

// waitFor asks the program how many documents it has taken.
func waitFor(t *testing.T, p program, want int) bool {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if accepted(t, p) >= want {
			return true
		}
	}
	return false
}

// accepted is how many documents the program has acknowledged.
func accepted(t *testing.T, p program) int {
	t.Helper()
	_, rest, _ := strings.Cut(get(t, p.url+"metrics"), "\njikimi_ingest_documents_total{outcome=\"accepted\"} ")
	var n int
	if _, err := fmt.Sscan(rest, &n); err != nil {
		t.Logf("metrics: %v", err)
	}
	return n
}

// object is the JSON of a line, without nulls where a shipper drops them.
func object(t *testing.T, text []byte, nulls bool) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if !nulls {
		dropNulls(o)
	}
	return o
}

func dropNulls(o map[string]any) {
	for k, v := range o {
		if inner, ok := v.(map[string]any); ok {
			dropNulls(inner)
		}
		if v == nil {
			delete(o, k)
		}
	}
}

// checkEach compares what arrived with what was sent: each once.
func checkEach(t *testing.T, got, want []map[string]any) {
	t.Helper()
	count := map[string]int{}
	for _, o := range want {
		count[asText(t, o)]++
	}
	for _, o := range got {
		count[asText(t, o)]--
	}
	wrong := 0
	for text, n := range count {
		if n != 0 && wrong < 5 {
			t.Errorf("%d too few or too many of %s", n, text)
			wrong++
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d documents, want %d", len(got), len(want))
	}
}

func asText(t *testing.T, o map[string]any) string {
	t.Helper()
	text, err := json.Marshal(o) // with sorted keys
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The parts of Filebeat's configuration that make it set up templates, an
// alias and lifecycle management first, or nothing.
const (
	filebeatDefault  = ""
	filebeatOwnIndex = `  index: "logstash-dev-was-%{+yyyy.MM.dd}"
setup.ilm.enabled: false
setup.template.enabled: false
`
)

const filebeatConfig = `
filebeat.inputs:
- type: log
  paths: [%q]
  json.keys_under_root: true
  json.add_error_key: true
path.home: %q
seccomp.enabled: false
logging.to_files: false
logging.to_stderr: true
output.elasticsearch:
  hosts: [%q]
%s`

// Unchanged Filebeats ship each line of a log once, as it is but for nulls.
func TestFilebeat(t *testing.T) {
	const n = 2000
	for _, tt := range []struct {
		name, version, config, log, index string
	}{
		{"default", "7.17.29", filebeatDefault, samples.WinstonDev, "filebeat-7.17.29"}, // gzip
		{"default", "7.10.2", filebeatDefault, samples.WinstonProd, "filebeat-7.10.2"},  // plain
		{"own index plain", "7.17.29", "  compression_level: 0\n" + filebeatOwnIndex, samples.WinstonProd, "logstash-dev-was-"},
		{"own index gzip", "7.10.2", "  compression_level: 1\n" + filebeatOwnIndex, samples.WinstonDev, "logstash-dev-was-"},
	} {
		t.Run(tt.version+" "+tt.name, func(t *testing.T) {
			lines := recentLines(t, tt.log, n)
			docs := ship(t, n, func(address string) *exec.Cmd {
				return filebeatCommand(t, tt.version, lines, address, tt.config)
			})
			var want, got []map[string]any
			for _, line := range lines {
				want = append(want, object(t, line, false))
			}
			offsets := map[float64]bool{}
			for _, d := range docs {
				o := object(t, d.Source, true)
				offsets[o["log"].(map[string]any)["offset"].(float64)] = true
				maps.DeleteFunc(o, func(k string, _ any) bool {
					return slices.Contains([]string{"@timestamp", "agent", "ecs", "host", "input", "log"}, k)
				})
				got = append(got, o)
				if !strings.HasPrefix(d.Index, tt.index) {
					t.Errorf("index: got %s, want %s", d.Index, tt.index)
				}
			}
			checkEach(t, got, want)
			if len(offsets) != n {
				t.Errorf("got %d places of the log, want %d", len(offsets), n)
			}
		})
	}
}

// Both generations of winston-elasticsearch, under Node, write each line once.
func TestWinstonElasticsearch(t *testing.T) {
	const n = 300
	modules := filepath.Join(shipper(t, "winston"), "node_modules")
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatalf("node is not there: install Node.js 20 or newer (%v)", err)
	}
	for _, tt := range []struct{ name, version, stream, index string }{
		{"index", "0.19", "false", "logs-"}, {"index", "0.16", "false", "logs-"}, {"data stream", "0.19", "true", "logs-app-default"},
	} {
		t.Run(tt.version+" "+tt.name, func(t *testing.T) {
			lines := recentLines(t, samples.WinstonDev, n)
			docs := ship(t, n, func(address string) *exec.Cmd {
				cmd := exec.Command(node, "testdata/winston/client.cjs")
				cmd.Env = append(os.Environ(), "NODE_PATH="+modules, "PACKAGE=winston-elasticsearch-"+tt.version,
					"NODE="+address, "LINES="+writeLog(t, lines), "DATA_STREAM="+tt.stream)
				return cmd
			})
			var want, got []map[string]any
			for _, line := range lines {
				fields := object(t, line, true)
				document := map[string]any{"@timestamp": fields["timestamp"], "message": fields["message"], "severity": fields["level"], "fields": fields}
				delete(fields, "message")
				delete(fields, "level")
				want = append(want, document)
			}
			for _, d := range docs {
				got = append(got, object(t, d.Source, true))
				if !strings.HasPrefix(d.Index, tt.index) {
					t.Errorf("index: got %s, want %s", d.Index, tt.index)
				}
			}
			checkEach(t, got, want)
		})
	}
}
