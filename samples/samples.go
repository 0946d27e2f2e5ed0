// Package samples holds documents recorded from real programs: winston logs of
// two Express servers under a k6 load test, as the servers wrote them and as
// Filebeat and Logstash shipped them, k6 samples, sensor readings. The demo
// plays them, tests count them. README.md says where each came from.
package samples

import (
	"bufio"
	"bytes"
	"embed"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"
)

//go:embed data
var files embed.FS

// The sample files.
const (
	Logstash             = "logstash-style-derived.ndjson"     // both winston logs, as Logstash indexes them
	WinstonDev           = "winston-dev.ndjson"                // as the server wrote it
	WinstonProd          = "winston-prod.ndjson"               // as the server wrote it
	WinstonBroken        = "winston-broken-lines.log"          // lines no JSON reader takes as is
	WinstonElasticsearch = "winston-elasticsearch-bulk.ndjson" // bulk lines: action, document
	FilebeatReadTime     = "filebeat-read-time.ndjson"         // @timestamp is the time of reading
	FilebeatHost         = "filebeat-host-metadata.ndjson"     // with add_host_metadata
	FilebeatK6           = "filebeat-k6-json.ndjson"           // k6 NDJSON under the key k6
	FilebeatToLogstash   = "filebeat-to-logstash.ndjson"       // as a beats input receives it
	K6Output             = "k6-es-output-docs.ndjson"          // as the k6 Elasticsearch output sends it
	Sensors              = "sensors-mqtt.ndjson"               // mosquitto_sub -F '%J'
)

// Open opens a sample file by name, decompressed.
func Open(name string) (io.ReadCloser, error) {
	if strings.HasSuffix(name, ".log") || name == WinstonElasticsearch || name == FilebeatHost {
		return files.Open("data/" + name)
	}
	f, err := files.Open("data/" + name + ".zst")
	if err != nil {
		return nil, fmt.Errorf("samples: %w", err)
	}
	d, err := zstd.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("samples: %s: %w", name, err)
	}
	return d.IOReadCloser(), nil
}

// Lines reads all lines of a sample file, empty ones left out.
func Lines(name string) ([][]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // reading from memory: nothing to lose
	var lines [][]byte
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		if line := bytes.TrimSpace(sc.Bytes()); len(line) > 0 {
			lines = append(lines, bytes.Clone(line))
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("samples: %s: %w", name, err)
	}
	return lines, nil
}
