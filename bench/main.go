// Command bench measures the embedded store, how fast it takes documents in,
// what they cost on disk, and how long a page's question takes; and the
// program, how fast shippers can send to it, how fast it starts, its memory,
// and the bytes of a page.
//
//	go run ./bench
//	go run ./bench -documents 200000
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"text/tabwriter"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// figure is a row of the table.
type figure struct {
	what, measured, reference string
}

func run(ctx context.Context, args []string, out io.Writer) (err error) {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	documents := flags.Int("documents", 1_000_000, "documents to write")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "jikimi-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	figures, err := measureStore(ctx, filepath.Join(dir, "data"), *documents)
	if err != nil {
		return err
	}
	program, err := measureProgram(ctx, dir)
	if err != nil {
		return err
	}
	cluster, err := measureCluster(ctx, filepath.Join(dir, "beside"))
	if err != nil {
		return err
	}
	return print(out, slices.Concat(figures, program, cluster))
}

// print writes the table: what was measured here beside what the design was
// chosen by.
func print(out io.Writer, figures []figure) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintln(w, "what\tmeasured\treference"); err != nil {
		return err
	}
	for _, f := range figures {
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\n", f.what, f.measured, f.reference); err != nil {
			return err
		}
	}
	return w.Flush()
}
