package embedded

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"jikimi/ingest"
)

// Some faults need another process: the test binary runs again as a helper.
const (
	helperEnv    = "EMBEDDED_TEST_HELPER"
	helperDirEnv = "EMBEDDED_TEST_DIR"
)

// runHelper plays the part that the environment names, if it names one.
func runHelper() bool {
	dir := os.Getenv(helperDirEnv)
	var err error
	switch os.Getenv(helperEnv) {
	case "":
		return false
	case "write":
		err = writeForEver(dir, os.Stdout)
	case "hold":
		err = holdFile(dir)
	case "full":
		err = writeUntilFull(dir)
	case "import":
		err = importInput(dir)
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	return true
}

func helperConfig(dir string) Config {
	return Config{Dir: dir, Retention: 30 * 24 * time.Hour, Now: func() time.Time { return sampleNow }, MemoryLimit: "256MB", Threads: 1}
}

// helper starts a helper; its output is read line by line.
func helper(t *testing.T, part, dir string) (*exec.Cmd, *bufio.Scanner, io.Closer) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+part, helperDirEnv+"="+dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(stdout), stdin
}

// writeForEver writes to two days from two goroutines and prints the ids that
// were acknowledged.
func writeForEver(dir string, out io.Writer) error {
	s, err := Open(context.Background(), helperConfig(dir))
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Go(func() {
			for n := 0; ; n++ {
				ids, err := writeSome(s, fmt.Sprintf("%d-%d-%d", os.Getpid(), worker, n))
				mu.Lock()
				if err != nil {
					_, _ = fmt.Fprintln(out, "error:", err)
				} else {
					_, _ = fmt.Fprintln(out, strings.Join(ids, "\n"))
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return nil
}

func writeSome(s *Store, name string) ([]string, error) {
	docs := make([]ingest.Document, 20)
	for i := range docs {
		at := sampleNow.Add(-time.Duration(i%2)*24*time.Hour - time.Minute)
		id := fmt.Sprintf("%s-%d", name, i)
		docs[i] = ingest.Document{Index: "logs", ID: id, Source: fmt.Appendf(nil, `{"timestamp":%q,"id":%q,"x":%d}`, at.Format(time.RFC3339), id, i)}
	}
	results, err := s.Write(context.Background(), docs)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, r := range results {
		if r.Err == nil {
			ids = append(ids, r.ID)
		}
	}
	return ids, nil
}

// holdFile opens a day's file as another program would, until its input ends.
func holdFile(file string) error {
	db, err := sql.Open("duckdb", file)
	if err != nil {
		return err
	}
	if err := db.Ping(); err != nil {
		return err
	}
	fmt.Println("held")
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
