package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

// measureProgram builds the program, sends documents to it, and starts it on
// the filled folder: how long until it is ready, what it takes in memory while nobody asks, and what a page costs
// on the wire.
func measureProgram(ctx context.Context, dir string) ([]figure, error) {
	binary := filepath.Join(dir, "jikimi")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/web").CombinedOutput(); err != nil { //nolint:gosec // the folder is ours
		return nil, fmt.Errorf("go build: %w: %s", err, out)
	}
	figures, err := measureBulk(ctx, binary, dir)
	if err != nil {
		return nil, err
	}
	var starts []time.Duration
	for i := range repeats {
		took, measured, err := oneStart(ctx, binary, dir, i == repeats-1)
		if err != nil {
			return nil, err
		}
		starts, figures = append(starts, took), append(figures, measured...)
	}
	ready := figure{"start until ready", median(starts).Round(time.Millisecond).String(), "0.5 s (P10)"}
	return append([]figure{ready}, figures...), nil
}

// idleFor is how long the program is left alone before its memory is read.
const idleFor = 3 * time.Second

func oneStart(ctx context.Context, binary, dir string, more bool) (took time.Duration, figures []figure, err error) {
	cmd := exec.CommandContext(ctx, binary, "serve", "--listen", "127.0.0.1:0", "--ingest-listen", "off", "--data", filepath.Join(dir, "data"), "--retention", "3650d") //nolint:gosec // built above
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return 0, nil, err
	}
	cmd.Stderr = os.Stderr
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, cmd.Process.Signal(syscall.SIGTERM), cmd.Wait()) }()
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return 0, nil, fmt.Errorf("the program printed no address: %w", err)
	}
	took = time.Since(begin)
	if !more {
		return took, nil, nil
	}
	time.Sleep(idleFor)
	idle, err := memory(cmd.Process.Pid, "VmRSS:")
	if err != nil {
		return 0, nil, err
	}
	figures = append(figures, figure{"idle memory", idle, "80 MiB (P10)"})
	page, err := measurePage(ctx, strings.TrimSpace(line[strings.Index(line, "http://"):]))
	return took, append(figures, page...), err
}

var asset = regexp.MustCompile(`/static/[a-z0-9.]+`)

// measurePage adds up what a browser fetches for the page: bodies as they come
// over the wire, and about 500 bytes of headers an answer.
func measurePage(ctx context.Context, base string) ([]figure, error) {
	const headers = 500
	const path = "latency?from=2026-11-21T12:00:00Z&to=2026-11-22T12:00:00Z"
	frame, n, err := fetch(ctx, base+path, nil)
	if err != nil {
		return nil, err
	}
	_, panel, err := fetch(ctx, base+path, map[string]string{"HX-Request": "true", "HX-Request-Type": "partial"})
	if err != nil {
		return nil, err
	}
	repeat := n + panel + 2*headers
	cold, requests := repeat, 2
	for _, address := range asset.FindAllString(frame, -1) {
		_, n, err := fetch(ctx, base+strings.TrimPrefix(address, "/"), nil)
		if err != nil {
			return nil, err
		}
		cold, requests = cold+n+headers, requests+1
	}
	return []figure{
		{"page, cold", fmt.Sprintf("%.1f KB in %d requests", float64(cold)/1000, requests), "70 KB in 8 requests (P1)"},
		{"page, repeat view", fmt.Sprintf("%.1f KB", float64(repeat)/1000), "10 KB (P1)"},
	}, nil
}

// fetch asks for gzip by itself, so that the body is counted as it comes, and
// gives the text unpacked.
func fetch(ctx context.Context, address string, headers map[string]string) (text string, wire int, err error) {
	plain, err := get(ctx, address, headers, false)
	if err != nil {
		return "", 0, err
	}
	packed, err := get(ctx, address, headers, true)
	return string(plain), len(packed), err
}

func get(ctx context.Context, address string, headers map[string]string, packed bool) (body []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	r.Header.Set("Accept-Encoding", map[bool]string{true: "gzip", false: "identity"}[packed])
	a, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Body.Close()) }()
	if a.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: status %d", address, a.StatusCode)
	}
	return io.ReadAll(a.Body)
}
