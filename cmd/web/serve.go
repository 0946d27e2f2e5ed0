package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"jikimi/handlers"
	"jikimi/i18n"
	"jikimi/store/cache"
	"jikimi/store/embedded"
	"jikimi/telemetry"
)

// app is the program with its checked configuration.
type app struct {
	config config
	now    func() time.Time
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	log    *slog.Logger
}

// running is an opened store and a server that answers, not ready yet.
type running struct {
	dir string
	// answers is what the pages ask; store takes documents in and keeps them,
	// nil where a cluster does.
	answers telemetry.Store
	store   *embedded.Store
	server  *server
	url     string
	// ingest takes documents in; it is nil when that is switched off.
	ingest *intake
}

// serve shows the documents of the data folder until the context ends.
func (a *app) serve(ctx context.Context) error {
	if a.config.cluster.used() {
		return a.serveCluster(ctx)
	}
	r, err := a.open(ctx, a.config.folder("data"), false)
	if err != nil {
		return err
	}
	return r.run(ctx, func(context.Context) error { return a.announce(r) })
}

// open takes the addresses first: a second program then leaves the data alone.
func (a *app) open(ctx context.Context, dir string, demo bool) (*running, error) {
	l, err := a.listenAll()
	if err != nil {
		return nil, err
	}
	store, err := embedded.Open(ctx, a.storeConfig(dir))
	if err != nil {
		return nil, errors.Join(storeFault(dir, err), l.close())
	}
	r := &running{dir: dir, answers: store, store: store}
	if err := a.assemble(r, l, demo); err != nil {
		return nil, errors.Join(err, store.Close(), l.close())
	}
	return r, nil
}

// assemble builds what answers and starts the pages' server.
func (a *app) assemble(r *running, l listeners, demo bool) (err error) {
	r.server, r.url = newServer(a.log, pageTime), "http://"+l.pages.Addr().String()+"/"
	m := newMetrics()
	if r.store != nil {
		m.registry.MustRegister(newStoreMetrics(r.store.Stats))
	}
	if r.ingest, err = a.intake(l.ingest, r.store, m); err != nil {
		return err
	}
	h, err := a.handler(r, m, l.pages.Addr(), demo)
	if err != nil {
		return err
	}
	r.server.start(l.pages, h)
	return nil
}

func (a *app) storeConfig(dir string) embedded.Config {
	return embedded.Config{
		Dir: dir, Retention: a.config.retention, RetentionBytes: a.config.retentionBytes, Now: a.now, Logger: a.log,
	}
}

func (a *app) handler(r *running, m *metrics, at net.Addr, demo bool) (http.Handler, error) {
	answers, err := cache.New(r.answers, cache.Config{Now: a.now})
	if err != nil {
		return nil, err
	}
	return handlers.New(handlers.Config{
		Store: answers,
		Now:   a.now, Zone: a.config.zone, Lang: i18n.Lang(a.config.lang), Demo: demo,
		Hosts: a.config.served(at), Logger: a.log,
		IngestAddress: r.ingest.address(), Ready: r.isReady, Metrics: m.handler(), Instrument: m.middleware,
	})
}

// served are the host names that requests may name: this machine's, the
// address listened on, and those of the configuration.
func (c config) served(at net.Addr) []string {
	names := append([]string{"localhost", "127.0.0.1", "::1"}, c.hosts...)
	if host, _, err := net.SplitHostPort(at.String()); err == nil {
		names = append(names, host)
	}
	return names
}

// isReady says whether readers and shippers are welcome.
func (r *running) isReady() bool { return r.server.isReady() && r.ingest.isReady() }

// announce lets shippers and readers in and prints where the pages are.
func (a *app) announce(r *running) error {
	r.ingest.open(a.log)
	if !r.server.open() {
		return nil // it is ending already
	}
	_, err := fmt.Fprintln(a.stdout, "Jikimi is ready at "+r.url)
	return err
}

// run works beside the servers until the context ends, or one of them fails;
// then it ends requests, the work and the store, in this order. Shippers are
// turned away first: they come again.
func (r *running) run(ctx context.Context, work func(ctx context.Context) error) error {
	g, ctx := errgroup.WithContext(ctx)
	turnedAway, end := context.WithCancel(context.WithoutCancel(ctx))
	r.ingest.onTurningAway(end)
	g.Go(func() error { defer end(); return r.ingest.wait(ctx) })
	g.Go(func() error { return r.server.wait(turnedAway) })
	g.Go(func() error { return work(ctx) })
	err := g.Wait()
	if r.store != nil {
		err = errors.Join(err, r.store.Close())
	}
	return err
}
