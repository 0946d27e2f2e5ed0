// Package elastic asks an Elasticsearch or OpenSearch cluster. It only reads:
// the transport knows read endpoints and nothing else.
//
//	store, err := elastic.Open(ctx, elastic.Config{URLs: []string{"https://es.example:9200"}})
//	answer, err := store.Latency(ctx, query)
//
// Opening needs no cluster; what answers there is found out with the first
// question, and again after a failure. Roles of fields are resolved when
// asking: which indices exist, what their fields are, which profile's document
// has which of them. One question is one _msearch, or two.
package elastic

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"time"

	elasticsearch "github.com/elastic/go-elasticsearch/v7"

	"jikimi/telemetry"
)

var _ telemetry.Store = (*Store)(nil)

// Config says where the cluster is and what to read there.
type Config struct {
	// URLs are the nodes, with a path where a proxy needs one. Credentials do
	// not belong here.
	URLs []string
	// Username and Password, or an APIKey (as the cluster gave it, in base64),
	// or nothing.
	Username, Password, APIKey string
	// CAFile is a PEM file of authorities to trust instead of the system's.
	CAFile string
	// Indices are names or patterns with a star at the end. Default:
	// logstash-*, filebeat-*, k6-*, logs-*.
	Indices []string
	// Now is the clock; time.Now.
	Now func() time.Time
	// Logger gets what an operator should know; slog.Default().
	Logger *slog.Logger
}

// timeout ends a request to the cluster, whatever the asker allows.
const timeout = 10 * time.Second

// Store answers questions from a cluster.
type Store struct {
	config    Config
	client    *elasticsearch.Client
	transport *transport
	detecting chan struct{} // holds one token while somebody looks at the server
	catalog   catalog
}

// Open checks the configuration. It returns an error for one that can never
// work (an address, an index pattern or a CA file that cannot be read), and
// never for a cluster that does not answer.
func Open(_ context.Context, c Config) (*Store, error) {
	c = c.withDefaults()
	if err := checkPatterns(c.Indices); err != nil {
		return nil, err
	}
	t, err := newTransport(c)
	if err != nil {
		return nil, err
	}
	client, err := elasticsearch.NewClient(elasticsearch.Config{
		Addresses: []string{placeholder}, Username: c.Username, Password: c.Password, APIKey: c.APIKey,
		Transport: t, UseResponseCheckOnly: true, DisableRetry: true, DisableMetaHeader: true,
	})
	if err != nil {
		return nil, errors.New("elastic: the client cannot be configured")
	}
	return &Store{config: c, client: client, transport: t, detecting: make(chan struct{}, 1)}, nil
}

func (c Config) withDefaults() Config {
	if len(c.Indices) == 0 {
		c.Indices = []string{"logstash-*", "filebeat-*", "k6-*", "logs-*"}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return c
}

// patternRule is what an index pattern looks like: nothing that could mean
// another endpoint, all indices or an exclusion.
var patternRule = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*\*?$`)

func checkPatterns(patterns []string) error {
	for _, p := range patterns {
		if !patternRule.MatchString(p) {
			return fmt.Errorf("elastic: index pattern %q: want small letters, digits, dots, dashes and at most one star, at the end", p)
		}
	}
	return nil
}

// nodeURLs reads the addresses. The errors do not repeat them: a mistyped one
// may hold a password.
func nodeURLs(addresses []string) ([]*url.URL, error) {
	if len(addresses) == 0 {
		return nil, errors.New("elastic: no address of a node is configured")
	}
	out := make([]*url.URL, len(addresses))
	for i, a := range addresses {
		u, err := url.Parse(a)
		switch {
		case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
			return nil, fmt.Errorf("elastic: address %d is no http or https URL", i+1)
		case u.User != nil:
			return nil, fmt.Errorf("elastic: address %d holds credentials: configure them as user name and password", i+1)
		}
		out[i] = u
	}
	return out, nil
}
