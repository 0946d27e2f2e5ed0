package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// load reads a configuration as run does, with the file's text on standard input.
func load(t *testing.T, args, env []string, file string) (config, error) {
	t.Helper()
	if file != "" {
		args = append(slices.Clone(args), "--config", "-")
	}
	var out bytes.Buffer
	line, err := parseCommandLine(args, &out, &out)
	if err != nil {
		t.Fatalf("parseCommandLine(%q): %v", args, err)
	}
	return loadConfig(line, env, strings.NewReader(file))
}

func TestConfigDefaults(t *testing.T) {
	c, err := load(t, nil, []string{"HOME=/nowhere", "JIKIMI_LANG=", "JIKIMI_SERVICE_HOST=10.0.0.1"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if c.zone.String() != "Asia/Seoul" {
		t.Errorf("zone: got %v, want Asia/Seoul", c.zone)
	}
	c.zone, c.from = nil, nil
	want := config{listen: "127.0.0.1:8080", ingest: "127.0.0.1:9280", lang: "ko", retention: 720 * time.Hour, logFormat: "text", logLevel: slog.LevelInfo}
	if !reflect.DeepEqual(c, want) {
		t.Errorf("got %+v, want %+v", c, want)
	}
	if got := c.folder("data"); got != "data" {
		t.Errorf("folder: got %q, want data", got)
	}
}

func TestConfigPrecedence(t *testing.T) {
	const file = "lang: en\nretention: 5d\nhost: [file.example.com, two.example.com]\n"
	env := []string{"JIKIMI_RETENTION=6d", "JIKIMI_HOST=one.example.com, two.example.com"}
	tests := []struct {
		name      string
		args, env []string
		file      string
		retention time.Duration
		hosts     []string
		from      string
	}{
		{"default", nil, nil, "", 30 * 24 * time.Hour, nil, "default"},
		{"file", nil, nil, file, 5 * 24 * time.Hour, []string{"file.example.com", "two.example.com"}, "standard input:2:12"},
		{"environment over file", nil, env, file, 6 * 24 * time.Hour, []string{"one.example.com", "two.example.com"}, "environment JIKIMI_RETENTION"},
		{"flag over both", []string{"--retention=36h", "--host", "a.example.com", "--host=B.example.com"}, env, file,
			36 * time.Hour, []string{"a.example.com", "b.example.com"}, "flag --retention"},
		{"last flag wins", []string{"demo", "--retention=7d", "--retention", "8d"}, nil, "", 8 * 24 * time.Hour, nil, "flag --retention"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := load(t, tt.args, tt.env, tt.file)
			if err != nil {
				t.Fatal(err)
			}
			if c.retention != tt.retention || !slices.Equal(c.hosts, tt.hosts) || c.from["retention"] != tt.from {
				t.Errorf("got %v %q from %q, want %v %q from %q", c.retention, c.hosts, c.from["retention"], tt.retention, tt.hosts, tt.from)
			}
		})
	}
}

func TestConfigListen(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:0": "127.0.0.1:0", "127.0.0.2:80": "127.0.0.2:80", "[::1]:8080": "[::1]:8080", "LocalHost:99": "127.0.0.1:99",
	} {
		c, err := load(t, []string{"--listen", text, "--ingest-listen", text}, nil, "")
		if err != nil || c.listen != want || c.ingest != want {
			t.Errorf("%s: got %q, %q, %v, want %q twice", text, c.listen, c.ingest, err, want)
		}
	}
	if c, err := load(t, []string{"--ingest-listen", "off"}, nil, ""); err != nil || c.ingest != "" {
		t.Errorf("off: got %q, %v, want none", c.ingest, err)
	}
}

func TestConfigRetentionBytes(t *testing.T) {
	for text, want := range map[string]int64{"off": 0, "100MB": 100e6, "20GB": 20e9, "2TB": 2e12} {
		c, err := load(t, []string{"--retention-bytes", text}, nil, "")
		if err != nil || c.retentionBytes != want {
			t.Errorf("%s: got %d, %v, want %d", text, c.retentionBytes, err, want)
		}
	}
}

const (
	openFault = " can be reached from other machines, and there is no sign-in yet; write a loopback address such as 127.0.0.1:8080 or [::1]:8080"
	portFault = " has no port from 0 to 65535; write an address such as 127.0.0.1:8080"
	hostFault = " is not a host name; write the name alone, without https://, port or path, such as jikimi.example.com"
	daysFault = " is not a number of days; write one such as 30d"
)

func TestConfigFaults(t *testing.T) {
	tests := []struct {
		name      string
		args, env []string
		file      string
		want      []string
	}{
		{"open address", []string{"--listen=0.0.0.0:8080"}, nil, "", []string{`flag --listen: "0.0.0.0:8080"` + openFault}},
		{"all addresses", []string{"--listen=:8080"}, nil, "", []string{`flag --listen: ":8080"` + openFault}},
		{"name as address", nil, []string{"JIKIMI_LISTEN=example.com:80"}, "", []string{`environment JIKIMI_LISTEN: "example.com:80"` + openFault}},
		{"no port", []string{"--listen=127.0.0.1"}, nil, "", []string{`flag --listen: "127.0.0.1" is not an address with a port; write one such as 127.0.0.1:8080`}},
		{"wrong port", []string{"--listen=127.0.0.1:65536"}, nil, "", []string{`flag --listen: "127.0.0.1:65536"` + portFault}},
		{"open ingest address", []string{"--ingest-listen=0.0.0.0:9280"}, nil, "", []string{
			`flag --ingest-listen: "0.0.0.0:9280" can be reached from other machines, and shippers need no key yet; write a loopback address such as 127.0.0.1:9280 or [::1]:9280, or off`}},
		{"ingest address without port", []string{"--ingest-listen=on"}, nil, "", []string{
			`flag --ingest-listen: "on" is not an address with a port; write one such as 127.0.0.1:9280, or off`}},
		{"host with scheme", []string{"--host", "https://a"}, nil, "", []string{`flag --host: "https://a"` + hostFault}},
		{"host with port", nil, []string{"JIKIMI_HOST=ok.example.com,a:80"}, "", []string{`environment JIKIMI_HOST: "a:80"` + hostFault}},
		{"data", []string{"--data", "a\x00b"}, nil, "", []string{`flag --data: "a\x00b" is not a folder; write a path such as ./data`}},
		{"zone", nil, nil, "\n\ntime-zone: Seoul\n", []string{`standard input:3:12: time-zone: "Seoul" is not a time zone; write an IANA name such as Asia/Seoul`}},
		{"local zone", []string{"--time-zone=Local"}, nil, "", []string{`flag --time-zone: "Local" is not a time zone; write an IANA name such as Asia/Seoul`}},
		{"language", []string{"--lang=fr"}, nil, "", []string{`flag --lang: "fr" is not one of the languages; write ko or en`}},
		{"short retention", []string{"--retention=12h"}, nil, "", []string{`flag --retention: "12h" is less than a day; write a number of days such as 30d`}},
		{"long retention", []string{"--retention=3651d"}, nil, "", []string{`flag --retention: "3651d" is more than ten years; write at most 3650d`}},
		{"bytes without a unit", []string{"--retention-bytes=20"}, nil, "", []string{`flag --retention-bytes: "20" is not a size; write one such as 20GB, or off`}},
		{"few bytes", nil, nil, "retention-bytes: 99MB", []string{`standard input:1:18: retention-bytes: "99MB" is less than 100MB; write a size such as 20GB, or off`}},
		{"file of an import", []string{"import"}, nil, "", []string{`command line: expected "<file>"; see jikimi --help`}},
		{"index of another command", []string{"serve", "--index=x"}, nil, "", []string{"command line: unknown flag --index; see jikimi --help"}},
		{"one standard input for two", []string{"import", "-"}, nil, "lang: ko\n", []string{"command line: the configuration and the documents cannot both come from standard input"}},
		{"number", nil, nil, "retention: 30", []string{`standard input:1:12: retention: "30"` + daysFault}},
		{"log format", []string{"--log-format=xml"}, nil, "", []string{`flag --log-format: "xml" is not a log format; write text or json`}},
		{"log level", nil, []string{"JIKIMI_LOG_LEVEL=loud"}, "", []string{`environment JIKIMI_LOG_LEVEL: "loud" is not a log level; write debug, info, warn or error`}},
		{"overridden", []string{"--lang=ko"}, []string{"JIKIMI_LANG=xx"}, "", []string{`environment JIKIMI_LANG: "xx" is not one of the languages; write ko or en`}},
		{"unknown flags", []string{"--lsten", "127.0.0.1:1", "--what=ever", "--lang=ko"}, nil, "", []string{
			"flag --lsten: there is no such flag; did you mean --listen?", "flag --what: there is no such flag"}},
		{"no value", []string{"--listen"}, nil, "", []string{`command line: --listen: missing value, expecting "<arg>"; see jikimi --help`}},
		{"unknown command", []string{"sevre"}, nil, "", []string{`command line: unexpected argument sevre, did you mean "serve"?; see jikimi --help`}},
		{"unknown key", nil, nil, "retenton: 3d\nstore:\n  data: x\n", []string{
			`standard input:1:1: there is no key "retenton"; did you mean retention?`, `standard input:2:1: there is no key "store"`}},
		{"key twice", nil, nil, "lang: ko\nlang: en\n", []string{"standard input:2:1: lang: stands in line 1 already; keep one of them"}},
		{"list for text", nil, nil, "lang: [ko]\n", []string{"standard input:1:7: lang: has a list; write one text"}},
		{"keys for text", nil, nil, "host:\n  a: b\n", []string{"standard input:2:4: host: has a set of keys; write a text or a list of texts"}},
		{"list in a list", nil, nil, "host:\n  - [a]\n", []string{"standard input:2:5: host: has a list; write a text or a list of texts"}},
		{"no text", nil, nil, "data:\nlang: ''\n", []string{
			"standard input:1:1: data: has no value; write one or take the key out", "standard input:2:7: lang: has no value; write one or take the key out"}},
		{"anchor", nil, nil, "lang: &a ko\n", []string{"standard input:1:7: lang: has a YAML anchor; write one text"}},
		{"tag", nil, nil, "lang: !!str ko\n", []string{"standard input:1:7: lang: has a YAML tag; write one text"}},
		{"not YAML", nil, nil, "lang: \"ko\n", []string{"standard input:1:7: this is not YAML: could not find end character of double-quoted text"}},
		{"no keys", nil, nil, "hello\n", []string{"standard input:1:1: the file holds no keys; write lines such as `listen: 127.0.0.1:8080`"}},
		{"two documents", nil, nil, "lang: ko\n---\nlang: en\n", []string{"standard input:2:1: a second document begins here; the file holds one"}},
		{"no such file", []string{"--config=no-such.yaml"}, nil, "", []string{"no-such.yaml: cannot be read: no such file or directory"}},
		{"large file", nil, nil, "#" + strings.Repeat(" ", maxConfigBytes), []string{"standard input: is larger than 1 MiB; is it the right file?"}},
		{"all at once", []string{"--lng=ko", "--retention=x"}, []string{"JIKIMI_HOST=a b"}, "listen: '*:80'\ntime-zone: Seoul\nlang: {a: b}\n", []string{
			"flag --lng: there is no such flag; did you mean --lang?",
			"standard input:3:7: lang: has a set of keys; write one text",
			`standard input:1:9: listen: "*:80"` + openFault,
			`environment JIKIMI_HOST: "a b"` + hostFault,
			`standard input:2:12: time-zone: "Seoul" is not a time zone; write an IANA name such as Asia/Seoul`,
			`flag --retention: "x"` + daysFault,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := load(t, tt.args, tt.env, tt.file)
			if err == nil {
				t.Fatalf("got no error, want %q", tt.want)
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, tt.want) {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(tt.want, "\n\t"))
			}
			if code := exitCode(err, &bytes.Buffer{}); code != exitConfig {
				t.Errorf("exit code: got %d, want %d", code, exitConfig)
			}
		})
	}
}

func TestConfigCluster(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	password, empty := write("password", "s3cret\n"), write("empty", "\n")
	url := "--elasticsearch-url=https://es.example.com:9200"
	c, err := load(t, []string{url, "--elasticsearch-url=http://b:9200/es", "--elasticsearch-username=reader", "--elasticsearch-password-file=" + password}, []string{"JIKIMI_ELASTICSEARCH_INDEX=logstash-prod-*,k6-metrics"}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := cluster{urls: []string{"https://es.example.com:9200", "http://b:9200/es"}, username: "reader", password: "s3cret", indices: []string{"logstash-prod-*", "k6-metrics"}}
	if !reflect.DeepEqual(c.cluster, want) {
		t.Errorf("got %+v, want %+v", c.cluster, want)
	}
	tests := []struct {
		args []string
		want string
	}{
		{[]string{"--elasticsearch-url=es.example.com"}, `flag --elasticsearch-url: "es.example.com" is not the address of a node; write one such as https://es.example.com:9200`},
		{[]string{"--elasticsearch-url=https://u:p@es"}, `flag --elasticsearch-url: "https://u:p@es" holds credentials; write them as elasticsearch-username and elasticsearch-password-file`},
		{[]string{url, "--elasticsearch-username=reader"}, "flag --elasticsearch-username: elasticsearch-username goes with elasticsearch-password-file; add it"},
		{[]string{url, "--elasticsearch-password-file=" + password}, "flag --elasticsearch-password-file: elasticsearch-password-file goes with elasticsearch-username; add it"},
		{[]string{url, "--elasticsearch-api-key-file=" + empty}, fmt.Sprintf("flag --elasticsearch-api-key-file: %q does not hold one line with a secret; write the secret alone into it", empty)},
		{[]string{"--elasticsearch-index=logstash-*"}, "flag --elasticsearch-index: elasticsearch-index says nothing without elasticsearch-url; add the address of the cluster"},
		{[]string{url, "--elasticsearch-index=-logstash-*"}, `flag --elasticsearch-index: "-logstash-*" is not an index; write small letters, digits, dots and dashes, and a star at the end at most, such as logstash-prod-*`},
		{[]string{url, "--elasticsearch-index=a,b"}, `flag --elasticsearch-index: "a,b" is not an index; write small letters, digits, dots and dashes, and a star at the end at most, such as logstash-prod-*`},
		{[]string{url, "--elasticsearch-ca-file=no-such.pem"}, `flag --elasticsearch-ca-file: "no-such.pem" cannot be read: no such file or directory`},
		{[]string{url, "--elasticsearch-username=a", "--elasticsearch-password-file=" + password, "--elasticsearch-api-key-file=" + password},
			"flag --elasticsearch-api-key-file: elasticsearch-api-key-file does not go with elasticsearch-username; keep one of them"},
	}
	for _, tt := range tests {
		if _, err := load(t, tt.args, nil, ""); err == nil || err.Error() != tt.want {
			t.Errorf("%v: got\n\t%v\nwant\n\t%s", tt.args, err, tt.want)
		}
	}
}

func TestConfigFileNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "jikimi.yaml")
	if err := os.WriteFile(path, []byte("lang: xx\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want := path + `:1:7: lang: "xx" is not one of the languages; write ko or en`
	for _, tt := range []struct{ args, env []string }{
		{[]string{"--config", path}, nil}, {nil, []string{"JIKIMI_CONFIG=" + path}},
	} {
		if _, err := load(t, tt.args, tt.env, ""); err == nil || err.Error() != want {
			t.Errorf("%v: got %v, want %s", tt, err, want)
		}
	}
}

// The example shows every key, those of the program itself with their defaults.
func TestConfigExample(t *testing.T) {
	text, err := os.ReadFile("../../deploy/jikimi.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := load(t, nil, nil, string(text))
	if err != nil {
		t.Fatalf("as it is: %v", err)
	}
	set := regexp.MustCompile(`(?m)^#([a-z]|  -)`).ReplaceAllString(string(text), "$1")
	got, err := load(t, nil, nil, set)
	if err != nil {
		t.Fatalf("with all keys set: %v", err)
	}
	for _, s := range clusterSettings() {
		if !strings.Contains(string(text), "\n# "+s.name+":") {
			t.Errorf("the example does not show %s", s.name)
		}
	}
	for _, s := range ownSettings() {
		if !strings.HasPrefix(got.from[s.name], "standard input:") {
			t.Errorf("%s: got it from %q, want it in the example", s.name, got.from[s.name])
		}
	}
	want.hosts, want.data = []string{"jikimi.example.com"}, "./data"
	got.from, want.from = nil, nil
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want the defaults %+v", got, want)
	}
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"demo", "--help"}, nil, nil, &out, &out); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, s := range settings() {
		for _, want := range []string{"--" + s.name + "=", s.help, s.env()} {
			if !strings.Contains(text, want) {
				t.Errorf("got %s, want %q in it", text, want)
			}
		}
	}
}

func TestExitCode(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
		text string
	}{
		{nil, 0, ""}, {errors.New("no"), 1, "no\n"}, {&configError{[]fault{{"a", "b"}, {"c", "d"}}}, 2, "a: b\nc: d\n"},
	} {
		var out bytes.Buffer
		if got := exitCode(tt.err, &out); got != tt.want || out.String() != tt.text {
			t.Errorf("%v: got %d %q, want %d %q", tt.err, got, out.String(), tt.want, tt.text)
		}
	}
}
