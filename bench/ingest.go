package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	bulkRounds    = 7
	bulkDocuments = 60_000 // a round, of each kind
)

// measureBulk sends documents to the program as shippers do, plain and packed
// in turns, each batch acknowledged when it is safe. Making and packing the
// bodies is not part of the time; sending them is, on the same processors.
func measureBulk(ctx context.Context, binary, dir string) ([]figure, error) {
	p, err := startIntake(ctx, binary, filepath.Join(dir, "bulk"))
	if err != nil {
		return nil, err
	}
	rates, err := p.rounds(ctx)
	if err != nil {
		return nil, errors.Join(err, p.stop())
	}
	peak, err := memory(p.cmd.Process.Pid, "VmHWM:")
	if err := errors.Join(err, p.stop()); err != nil {
		return nil, err
	}
	return append(bulkFigures(rates), figure{"peak memory of the program meanwhile", peak, "630–808 MB with a limit of 512 MB–1 GB"}), nil
}

func bulkFigures(rates map[bool][]float64) []figure {
	var ratios []float64
	for i, plain := range rates[false] {
		ratios = append(ratios, rates[true][i]/plain)
	}
	row := func(name string, list []float64, format, reference string) figure {
		slices.Sort(list)
		return figure{name, fmt.Sprintf(format, list[len(list)/2], list[0], list[len(list)-1]), reference}
	}
	return []figure{
		row("_bulk over HTTP, acknowledged, plain", rates[false], "%.0f docs/s (%.0f–%.0f)", "30,000 docs/s (P9)"),
		row("_bulk over HTTP, acknowledged, gzip", rates[true], "%.0f docs/s (%.0f–%.0f)", ""),
		row("gzip to plain", ratios, "%.2f (%.2f–%.2f)", "0.8 (P9)"),
	}
}

// intake is a program that takes documents in.
type intake struct {
	cmd     *exec.Cmd
	address string
}

func startIntake(ctx context.Context, binary, data string) (*intake, error) {
	cmd := exec.CommandContext(ctx, binary, "serve", "--listen", "127.0.0.1:0", "--ingest-listen", "127.0.0.1:0", "--data", data, "--log-format", "json") //nolint:gosec // built by measureProgram
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &intake{cmd: cmd}
	log := bufio.NewScanner(stderr)
	for p.address == "" && log.Scan() {
		var line struct{ Address string }
		if err := json.Unmarshal(log.Bytes(), &line); err != nil {
			return nil, errors.Join(fmt.Errorf("%s: %w", log.Text(), err), p.stop())
		}
		p.address = line.Address
	}
	if p.address == "" {
		return nil, errors.Join(errors.New("the program logged no address for shippers"), p.stop())
	}
	go func() { _, _ = io.Copy(os.Stderr, stderr) }() // ends with the program
	return p, nil
}

func (p *intake) stop() error {
	return errors.Join(p.cmd.Process.Signal(syscall.SIGTERM), p.cmd.Wait())
}

// rounds are the documents a second of each round, by whether they were packed.
// The first round warms up and is not counted.
func (p *intake) rounds(ctx context.Context) (map[bool][]float64, error) {
	g, err := newGenerator(2*bulkDocuments*(bulkRounds+1), time.Now())
	if err != nil {
		return nil, err
	}
	rates := map[bool][]float64{}
	for round := range bulkRounds + 1 {
		for _, packed := range []bool{round%2 == 0, round%2 != 0} {
			rate, err := p.round(ctx, g, packed)
			if err != nil {
				return nil, err
			}
			if round > 0 {
				rates[packed] = append(rates[packed], rate)
			}
		}
	}
	return rates, nil
}

func (p *intake) round(ctx context.Context, g *generator, packed bool) (perSecond float64, err error) {
	bodies := make([][]byte, bulkDocuments/batchSize)
	for i := range bodies {
		if bodies[i], err = bulkText(g, packed); err != nil {
			return 0, err
		}
	}
	start := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(senders)
	for _, body := range bodies {
		group.Go(func() error { return p.send(ctx, body, packed) })
	}
	err = group.Wait()
	return bulkDocuments / time.Since(start).Seconds(), err
}

// bulkText is the body of a request with the next documents.
func bulkText(g *generator, packed bool) ([]byte, error) {
	var plain bytes.Buffer
	for _, d := range g.next(batchSize) {
		if _, err := fmt.Fprintf(&plain, "{\"create\":{\"_index\":%q}}\n%s\n", d.Index, d.Source); err != nil {
			return nil, err
		}
	}
	if !packed {
		return plain.Bytes(), nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestSpeed) // as Filebeat
	if err != nil {
		return nil, err
	}
	_, err = w.Write(plain.Bytes())
	err = errors.Join(err, w.Close())
	return b.Bytes(), err
}

func (p *intake) send(ctx context.Context, body []byte, packed bool) (err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, p.address+"/_bulk", bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-ndjson")
	if packed {
		r.Header.Set("Content-Encoding", "gzip")
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Body.Close()) }()
	text, err := io.ReadAll(a.Body)
	if err == nil && (a.StatusCode != http.StatusOK || strings.Count(string(text), `"status":201`) != batchSize) {
		err = fmt.Errorf("_bulk: status %d, %.300s", a.StatusCode, text)
	}
	return err
}
