package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"jikimi/store/elastic"
)

// cluster is the Elasticsearch that documents are read from; without an
// address they are in the embedded store.
type cluster struct {
	urls                       []string
	username, password, apiKey string
	caFile                     string
	indices                    []string
}

func (c cluster) used() bool { return len(c.urls) > 0 }

// clusterSettings are the keys of the cluster. Secrets come from files: a flag
// is seen by everybody on the machine.
func clusterSettings() []setting {
	return []setting{
		{name: "elasticsearch-url", list: true, set: setURL,
			help: "Address of a node of the Elasticsearch or OpenSearch that has the documents; may be repeated; without one they are kept here."},
		{name: "elasticsearch-username", set: setUsername,
			help: "User to sign in to it as; goes with elasticsearch-password-file."},
		{name: "elasticsearch-password-file", set: setPassword,
			help: "File with that user's password."},
		{name: "elasticsearch-api-key-file", set: setAPIKey,
			help: "File with an API key, instead of a user."},
		{name: "elasticsearch-ca-file", set: setCAFile,
			help: "PEM file of the authority that signed its certificate, instead of the system's."},
		{name: "elasticsearch-index", list: true, set: setIndex,
			help: "Index, or the beginning of its name and a star, to be read; may be repeated; default logstash-*, filebeat-*, k6-* and logs-*."},
	}
}

func setURL(c *config, text string) error {
	u, err := url.Parse(text)
	if err == nil && u.User != nil {
		return fmt.Errorf("holds credentials; write them as elasticsearch-username and elasticsearch-password-file")
	}
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("is not the address of a node; write one such as https://es.example.com:9200")
	}
	c.cluster.urls = append(c.cluster.urls, text)
	return nil
}

func setUsername(c *config, text string) error {
	if strings.ContainsAny(text, ":\r\n") {
		return fmt.Errorf("is not a user name; write one without a colon")
	}
	c.cluster.username = text
	return nil
}

func setPassword(c *config, text string) (err error) {
	c.cluster.password, err = secret(text)
	return err
}

func setAPIKey(c *config, text string) (err error) {
	c.cluster.apiKey, err = secret(text)
	return err
}

// maxSecret is the longest secret that is read.
const maxSecret = 8 << 10

// secret is what a file holds, without the line's end. The error never repeats
// what was read.
func secret(path string) (string, error) {
	text, err := os.ReadFile(path) //nolint:gosec // whoever starts the program names the file
	if err != nil {
		return "", fmt.Errorf("cannot be read: %w", bare(err))
	}
	s := strings.TrimRight(string(text), "\r\n")
	if s == "" || len(s) > maxSecret || strings.ContainsAny(s, "\r\n\x00") {
		return "", fmt.Errorf("does not hold one line with a secret; write the secret alone into it")
	}
	return s, nil
}

func setCAFile(c *config, text string) error {
	if _, err := os.Stat(text); err != nil {
		return fmt.Errorf("cannot be read: %w", bare(err))
	}
	c.cluster.caFile = text
	return nil
}

func setIndex(c *config, text string) error {
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*\*?$`).MatchString(text) {
		return fmt.Errorf("is not an index; write small letters, digits, dots and dashes, and a star at the end at most, such as logstash-prod-*")
	}
	c.cluster.indices = append(c.cluster.indices, text)
	return nil
}

// checkCluster finds keys that do not go together.
func (c config) checkCluster() []fault {
	var faults []fault
	lone := func(name, text string) {
		if where := c.from[name]; where != "" {
			faults = append(faults, fault{where, name + " " + text})
		}
	}
	if !c.cluster.used() {
		for _, s := range clusterSettings() {
			lone(s.name, "says nothing without elasticsearch-url; add the address of the cluster")
		}
		return faults
	}
	if c.cluster.password == "" {
		lone("elasticsearch-username", "goes with elasticsearch-password-file; add it")
	}
	if c.cluster.username == "" {
		lone("elasticsearch-password-file", "goes with elasticsearch-username; add it")
	}
	if c.cluster.username != "" && c.cluster.apiKey != "" {
		lone("elasticsearch-api-key-file", "does not go with elasticsearch-username; keep one of them")
	}
	return faults
}

// serveCluster shows the documents of a cluster until the context ends. It
// starts whether the cluster answers or not.
func (a *app) serveCluster(ctx context.Context) error {
	l := listeners{}
	var err error
	if l.pages, err = listen(a.config.listen, "listen"); err != nil {
		return err
	}
	c := a.config.cluster
	store, err := elastic.Open(ctx, elastic.Config{
		URLs: c.urls, Username: c.username, Password: c.password, APIKey: c.apiKey, CAFile: c.caFile, Indices: c.indices, Now: a.now, Logger: a.log,
	})
	if err != nil {
		return errors.Join(err, l.close())
	}
	r := &running{answers: store}
	if err := a.assemble(r, l, false); err != nil {
		return errors.Join(err, l.close())
	}
	return r.run(ctx, func(context.Context) error { return a.announce(r) })
}
