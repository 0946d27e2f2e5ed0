// Command web is Jikimi: a monitoring dashboard in one program.
//
//	jikimi                              serves the dashboard at 127.0.0.1:8080
//	jikimi demo                         serves recorded documents, moved to today
//	jikimi serve --config jikimi.yaml   takes its settings from a file
//	jikimi import was.log.gz            takes documents in from a file
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
	_ "time/tzdata" // machines without a time zone database exist: containers
)

// The exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitConfig = 2 // the configuration or the command line is wrong
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	err := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	os.Exit(exitCode(err, os.Stderr))
}

// exitCode writes the error in its own words, without a stack, and says how
// the program ends.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return exitOK
	}
	_, _ = fmt.Fprintln(stderr, err) // there is nowhere else to complain
	if _, ok := errors.AsType[*configError](err); ok {
		return exitConfig
	}
	return exitFailed
}

// run is the whole program: everything it touches outside is a parameter. It
// returns when the context ends (nil) or when it cannot go on.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout, stderr io.Writer) error {
	line, err := parseCommandLine(args, stdout, stderr)
	if err != nil || line.done {
		return err
	}
	if line.command == "version" {
		_, err := fmt.Fprintln(stdout, versionLine())
		return err
	}
	c, err := loadConfig(line, env, stdin)
	if err != nil {
		return err
	}
	a := &app{config: c, now: time.Now, stdin: stdin, stdout: stdout, stderr: stderr, log: newLogger(c, stderr)}
	if err := a.command(line)(ctx); err != nil && !interrupted(ctx, err) {
		return err
	}
	return nil
}

// command is what was asked for.
func (a *app) command(line commandLine) func(context.Context) error {
	switch line.command {
	case "demo":
		return a.demo
	case "import":
		return func(ctx context.Context) error { return a.importFile(ctx, newImportOrder(line)) }
	case "backup":
		return func(ctx context.Context) error { return a.backup(ctx, line.operand) }
	case "restore":
		return func(ctx context.Context) error { return a.restore(ctx, line.operand) }
	}
	return a.serve
}

// interrupted says whether the signal came before the program was ready:
// ending then is no fault.
func interrupted(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
