package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"

	"jikimi/telemetry"
)

// config is the checked configuration.
type config struct {
	listen    string // host:port, a loopback address
	ingest    string // the same, empty: documents are not taken in
	hosts     []string
	data      string // empty: the command's own
	zone      *time.Location
	lang      string
	retention time.Duration
	// retentionBytes is the most that the documents' files take, 0: no limit.
	retentionBytes int64
	cluster        cluster
	logFormat      string
	logLevel       slog.Level
	// from says where each setting was given, for messages.
	from map[string]string
}

// setting is one key of the configuration: `--name`, JIKIMI_NAME, and `name:`
// in the file.
type setting struct {
	name     string
	help     string
	fallback string // the default, as it would be written; empty: see help
	list     bool   // may have several values
	// set checks a text and puts it into the config. The error is the end of
	// the sentence that begins with the text: what is wrong, what would be right.
	set func(c *config, text string) error
}

// settings is the table of all keys.
func settings() []setting { return append(ownSettings(), clusterSettings()...) }

// ownSettings are the keys of the program itself.
func ownSettings() []setting {
	return []setting{
		{name: "listen", fallback: "127.0.0.1:8080", set: setListen,
			help: "Address to listen on; loopback only."},
		{name: "ingest-listen", fallback: "127.0.0.1:9280", set: setIngestListen,
			help: "Address that log shippers send documents to, as to Elasticsearch; loopback only; off takes none in."},
		{name: "host", list: true, set: setHost,
			help: "Further host name to be reached by, besides localhost and the listen address; may be repeated (environment: with commas)."},
		{name: "data", set: setData,
			help: "Folder for the documents; default ./data, for the demo a temporary folder."},
		{name: "time-zone", fallback: "Asia/Seoul", set: setTimeZone,
			help: "Time zone of the pages, an IANA name."},
		{name: "lang", fallback: "ko", set: setLang,
			help: "Language of the pages for those who have not chosen one: ko or en."},
		{name: "retention", fallback: "30d", set: setRetention,
			help: "How long documents are kept, in days."},
		{name: "retention-bytes", fallback: "off", set: setRetentionBytes,
			help: "Space that the documents may take, such as 20GB; the oldest days beyond it are removed, never today's."},
		{name: "log-format", fallback: "text", set: setLogFormat,
			help: "Form of the log on standard error: text or json."},
		{name: "log-level", fallback: "info", set: setLogLevel,
			help: "Least level that is logged: debug, info, warn or error."},
	}
}

func findSetting(name string) (setting, bool) {
	for _, s := range settings() {
		if s.name == name {
			return s, true
		}
	}
	return setting{}, false
}

// env is the environment variable of the setting.
func (s setting) env() string {
	return "JIKIMI_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

func (s setting) helpLine() string {
	if s.fallback == "" {
		return fmt.Sprintf("%s (environment: %s)", s.help, s.env())
	}
	return fmt.Sprintf("%s (default %s; environment: %s)", s.help, s.fallback, s.env())
}

// setListen takes loopback addresses only: nobody has to sign in yet.
func setListen(c *config, text string) (err error) {
	c.listen, err = loopback(text, "8080", "there is no sign-in yet")
	return err
}

// setIngestListen takes loopback addresses only: shippers need no key yet.
func setIngestListen(c *config, text string) (err error) {
	c.ingest = ""
	if text == "off" {
		return nil
	}
	if c.ingest, err = loopback(text, "9280", "shippers need no key yet"); err != nil {
		return fmt.Errorf("%w, or off", err)
	}
	return nil
}

// loopback checks that only this machine can reach an address. The name
// localhost is taken as 127.0.0.1, whatever the machine's host table says.
func loopback(text, likely, why string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return "", fmt.Errorf("is not an address with a port; write one such as 127.0.0.1:%s", likely)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || (n == 0 && port != "0") {
		return "", fmt.Errorf("has no port from 0 to 65535; write an address such as 127.0.0.1:%s", likely)
	}
	if strings.EqualFold(host, "localhost") {
		host = "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return "", fmt.Errorf("can be reached from other machines, and %s; write a loopback address such as 127.0.0.1:%s or [::1]:%s", why, likely, likely)
	}
	return net.JoinHostPort(host, port), nil
}

func setHost(c *config, text string) error {
	name := regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
	if len(text) > 253 || !name.MatchString(text) {
		return fmt.Errorf("is not a host name; write the name alone, without https://, port or path, such as jikimi.example.com")
	}
	c.hosts = append(c.hosts, strings.ToLower(text))
	return nil
}

func setData(c *config, text string) error {
	if strings.ContainsRune(text, 0) {
		return fmt.Errorf("is not a folder; write a path such as ./data")
	}
	c.data = text
	return nil
}

func setTimeZone(c *config, text string) (err error) {
	if c.zone, err = telemetry.LoadZone(text); err != nil {
		return fmt.Errorf("is not a time zone; write an IANA name such as Asia/Seoul")
	}
	return nil
}

func setLang(c *config, text string) error {
	if text != "ko" && text != "en" {
		return fmt.Errorf("is not one of the languages; write ko or en")
	}
	c.lang = text
	return nil
}

// setRetention takes days (30d) and hours (36h), from a day to ten years.
func setRetention(c *config, text string) error {
	const day, most = 24 * time.Hour, 3650
	m := regexp.MustCompile(`^([1-9][0-9]{0,5})([dh])$`).FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("is not a number of days; write one such as 30d")
	}
	n, _ := strconv.Atoi(m[1]) // the pattern allows digits only
	kept := time.Duration(n) * time.Hour
	if m[2] == "d" {
		kept = time.Duration(n) * day
	}
	if kept < day {
		return fmt.Errorf("is less than a day; write a number of days such as 30d")
	}
	if kept > most*day {
		return fmt.Errorf("is more than ten years; write at most %dd", most)
	}
	c.retention = kept
	return nil
}

// setRetentionBytes takes decimal units, as disks are sold; less than 100MB
// would not keep a day.
func setRetentionBytes(c *config, text string) error {
	if text == "off" {
		c.retentionBytes = 0
		return nil
	}
	m := regexp.MustCompile(`^([1-9][0-9]{0,5})(MB|GB|TB)$`).FindStringSubmatch(text)
	if m == nil {
		return fmt.Errorf("is not a size; write one such as 20GB, or off")
	}
	n, _ := strconv.ParseInt(m[1], 10, 64) // the pattern allows digits only
	unit := map[string]int64{"MB": 1e6, "GB": 1e9, "TB": 1e12}[m[2]]
	if n*unit < 100e6 {
		return fmt.Errorf("is less than 100MB; write a size such as 20GB, or off")
	}
	c.retentionBytes = n * unit
	return nil
}

func setLogFormat(c *config, text string) error {
	if text != "text" && text != "json" {
		return fmt.Errorf("is not a log format; write text or json")
	}
	c.logFormat = text
	return nil
}

func setLogLevel(c *config, text string) error {
	for _, level := range []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError} {
		if strings.EqualFold(text, level.String()) {
			c.logLevel = level
			return nil
		}
	}
	return fmt.Errorf("is not a log level; write debug, info, warn or error")
}
