package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"
)

// shutdownTime is how long requests may take to end after the signal.
const shutdownTime = 10 * time.Second

// server is the HTTP server and whether it wants requests.
type server struct {
	http  *http.Server
	state atomic.Int32
	log   *slog.Logger
	// ended gets the error that serving ended with.
	ended chan error
}

// The states of a server, in the only order they come in.
const (
	starting int32 = iota
	ready
	ending
)

// The times that an answer may take, from the end of the request's head. What
// is sent by shippers may take its whole time to arrive, and then to be stored.
const (
	pageTime   = 15 * time.Second
	ingestTime = 90 * time.Second
)

func newServer(log *slog.Logger, writeTime time.Duration) *server {
	return &server{
		log:   log,
		ended: make(chan error, 1),
		http: &http.Server{
			ReadHeaderTimeout: 5 * time.Second,
			ReadTimeout:       30 * time.Second,
			WriteTimeout:      writeTime,
			IdleTimeout:       2 * time.Minute,
			MaxHeaderBytes:    16 << 10,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
	}
}

// start answers requests on the listener from now on.
func (s *server) start(l net.Listener, h http.Handler) {
	s.http.Handler = h
	go func() { s.ended <- s.http.Serve(l) }()
}

// open makes the server ready, unless it is ending.
func (s *server) open() bool { return s.state.CompareAndSwap(starting, ready) }

func (s *server) isReady() bool { return s.state.Load() == ready }

// wait serves until the context ends or serving fails. Then readiness is
// turned off and requests under way may end.
func (s *server) wait(ctx context.Context) error {
	select {
	case err := <-s.ended:
		s.state.Store(ending)
		return fmt.Errorf("serving ended: %w", err)
	case <-ctx.Done():
	}
	return s.stop(ctx)
}

func (s *server) stop(ctx context.Context) error {
	s.state.Store(ending)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("some requests did not end in time and were cut off", "after", shutdownTime)
		err = s.http.Close()
	}
	return err
}

// listen opens the address of a setting, with a sentence for the usual reasons
// it cannot.
func listen(address, setting string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is in use by another program: stop it, or choose another address with --%s", address, setting)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s may not be opened by this user: choose a port from 1024 on with --%s", address, setting)
	case err != nil:
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}
