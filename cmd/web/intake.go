package main

import (
	"context"
	"errors"
	"log/slog"
	"net"

	"jikimi/ingest"
	"jikimi/store/embedded"
)

// listeners are the opened addresses; that for shippers is nil when it is
// switched off.
type listeners struct {
	pages, ingest net.Listener
}

func (a *app) listenAll() (l listeners, err error) {
	if l.pages, err = listen(a.config.listen, "listen"); err != nil || a.config.ingest == "" {
		return l, err
	}
	if l.ingest, err = listen(a.config.ingest, "ingest-listen"); err != nil {
		return l, errors.Join(err, l.pages.Close())
	}
	return l, nil
}

func (l listeners) close() error {
	if l.ingest == nil {
		return l.pages.Close()
	}
	return errors.Join(l.pages.Close(), l.ingest.Close())
}

// intake is the server that shippers send documents to. All its methods may be
// called on nil: documents are not taken in then.
type intake struct {
	server   *server
	listener net.Listener
	endpoint *ingest.Endpoint
}

func (a *app) intake(l net.Listener, store *embedded.Store, m *metrics) (*intake, error) {
	if l == nil {
		return nil, nil
	}
	e, err := ingest.NewEndpoint(ingest.Config{Writer: store, Hosts: a.config.served(l.Addr()), Now: a.now, Logger: a.log})
	if err != nil {
		return nil, err
	}
	m.registry.MustRegister(newIngestMetrics(e.Stats))
	return &intake{newServer(a.log, ingestTime), l, e}, nil
}

// open begins to take documents in, unless the program is ending.
func (i *intake) open(log *slog.Logger) {
	if i == nil || !i.server.open() {
		return
	}
	i.server.start(i.listener, i.endpoint)
	log.Info("taking documents in, as Elasticsearch does", "address", i.address())
}

// address is where shippers send to, empty when they cannot.
func (i *intake) address() string {
	if i == nil {
		return ""
	}
	return "http://" + i.listener.Addr().String()
}

func (i *intake) isReady() bool { return i == nil || i.server.isReady() }

// wait serves until the context ends or serving fails.
func (i *intake) wait(ctx context.Context) error {
	if i == nil {
		<-ctx.Done()
		return nil
	}
	err := i.server.wait(ctx)
	if closing := i.listener.Close(); !errors.Is(closing, net.ErrClosed) {
		err = errors.Join(err, closing) // it was never served
	}
	return err
}

// onTurningAway calls end when no shipper is let in any more, while what came
// before is still being stored.
func (i *intake) onTurningAway(end func()) {
	if i != nil {
		i.server.http.RegisterOnShutdown(end)
	}
}
