// Package handlers serves the pages: routes.go says which, and who may see
// them. A handler parses, asks and shows; everything else stands around it.
package handlers

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"jikimi/i18n"
	"jikimi/static"
	"jikimi/telemetry"
)

// Config is what the pages need.
type Config struct {
	// Store answers the questions. Its answers may be shared: they are only read.
	Store telemetry.Store
	// Now is the clock.
	Now func() time.Time
	// Zone is the viewers' time zone, unless a URL names another.
	Zone *time.Location
	// Lang is the language of a viewer who has not chosen one.
	Lang i18n.Lang
	// IngestAddress is where shippers can send documents to, empty when that is off.
	IngestAddress string
	// Demo marks every page as showing recorded data.
	Demo bool
	// Hosts are the host names that are served, without ports.
	Hosts []string
	// Logger gets what is our fault.
	Logger *slog.Logger
	// Ready says whether the program takes requests; /readyz answers it.
	Ready func() bool
	// Metrics answers /metrics, to loopback only.
	Metrics http.Handler
	// Instrument counts and times requests by their route; it may be nil.
	Instrument func(http.Handler) http.Handler
}

type server struct {
	Config
	catalog *i18n.Catalog
	assets  *static.Assets
}

// New builds the handler of all routes.
func New(c Config) (http.Handler, error) {
	catalog, err := i18n.Load()
	if err != nil {
		return nil, fmt.Errorf("handlers: %w", err)
	}
	assets, err := static.New()
	if err != nil {
		return nil, fmt.Errorf("handlers: %w", err)
	}
	s := &server{Config: c, catalog: catalog, assets: assets}
	return s.router()
}
