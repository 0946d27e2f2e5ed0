package main

import (
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// grammar is what the command line may hold. Every flag keeps its text as it
// was written: values are checked together with those of the environment and
// the file. What the flags mean stands in the table of settings.
type grammar struct {
	Config                    []string `sep:"none" placeholder:"FILE"`
	Listen                    []string `sep:"none" placeholder:"ADDRESS"`
	IngestListen              []string `sep:"none" placeholder:"ADDRESS|off"`
	Host                      []string `sep:"none" placeholder:"NAME"`
	Data                      []string `sep:"none" placeholder:"FOLDER"`
	TimeZone                  []string `sep:"none" placeholder:"NAME"`
	Lang                      []string `sep:"none" placeholder:"ko|en"`
	Retention                 []string `sep:"none" placeholder:"DAYS"`
	RetentionBytes            []string `sep:"none" placeholder:"BYTES"`
	ElasticsearchURL          []string `name:"elasticsearch-url" sep:"none" placeholder:"URL"`
	ElasticsearchUsername     []string `sep:"none" placeholder:"NAME"`
	ElasticsearchPasswordFile []string `sep:"none" placeholder:"FILE"`
	ElasticsearchAPIKeyFile   []string `name:"elasticsearch-api-key-file" sep:"none" placeholder:"FILE"`
	ElasticsearchCAFile       []string `name:"elasticsearch-ca-file" sep:"none" placeholder:"FILE"`
	ElasticsearchIndex        []string `sep:"none" placeholder:"NAME"`
	LogFormat                 []string `sep:"none" placeholder:"text|json"`
	LogLevel                  []string `sep:"none" placeholder:"LEVEL"`

	Serve  struct{} `cmd:"" default:"1" help:"Serve the dashboard (this is what happens without a command)."`
	Demo   struct{} `cmd:"" help:"Serve the dashboard with recorded documents, moved to the last 14 days and going on live."`
	Import struct {
		File  string   `arg:"" help:"The file, or - for standard input. After an interruption the same file goes on where it ended; so does the same input, piped in again from its start."`
		Index []string `sep:"none" placeholder:"NAME" help:"Index of the documents, such as logstash-prod-api-{date}; {date} becomes a document's own UTC day (default import-{date}, and in bulk bodies the index they name)."`
		Again bool     `help:"Offer all documents again, also those that the folder remembers as imported. Those that are there are not stored twice."`
	} `cmd:"" help:"Take documents in from a file: JSON lines, bulk bodies or text, plain, gzip or zstd. A file that was imported, or a part of it, is not imported again."`
	Backup struct {
		Folder string `arg:"" help:"Folder for the backup, empty or new."`
	} `cmd:"" help:"Copy the documents to a folder, while nothing else uses them."`
	Restore struct {
		Folder string `arg:"" help:"Folder of the backup."`
	} `cmd:"" help:"Copy a backup into the data folder, which must be empty or new."`
	Version struct{} `cmd:"" help:"Print the version."`
}

const (
	description = "Jikimi watches servers, devices and load tests through the documents they log."
	configHelp  = "YAML file with settings, or - for standard input (environment: JIKIMI_CONFIG)."
)

// commandLine is what was asked for.
type commandLine struct {
	command string
	// operand is the file or folder that a command was given.
	operand string
	// flags are the texts of the flags that were given, by name.
	flags map[string][]string
	// done says that the help was asked for and is printed.
	done bool
	// faults are what is wrong with it.
	faults []fault
}

// parseCommandLine reads the arguments. Faults are kept in the result, to be
// told together with those of the environment and the file.
func parseCommandLine(args []string, stdout, stderr io.Writer) (commandLine, error) {
	line := commandLine{command: "serve", flags: map[string][]string{}}
	k, err := newParser(&line, stdout, stderr)
	if err != nil {
		return line, err
	}
	args, line.faults = withoutUnknown(args, flagNames(k))
	ctx, err := k.Parse(args)
	switch {
	case line.done:
	case err != nil:
		line.faults = append(line.faults, fault{"command line", err.Error() + "; see jikimi --help"})
	default:
		line.command, _, _ = strings.Cut(ctx.Command(), " ")
		line.operand = operand(ctx)
		line.flags = flagTexts(ctx)
	}
	return line, nil
}

func newParser(line *commandLine, stdout, stderr io.Writer) (*kong.Kong, error) {
	return kong.New(&grammar{},
		kong.Name("jikimi"), kong.Description(description),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { line.done = true }),
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: true}),
		kong.ValueFormatter(flagHelp),
	)
}

// flagHelp is the help of a flag, from the table of settings.
func flagHelp(v *kong.Value) string {
	if v.Name == "config" {
		return configHelp
	}
	if s, ok := findSetting(v.Name); ok {
		return s.helpLine()
	}
	return v.Help
}

func flagNames(k *kong.Kong) []string {
	var names []string
	for _, group := range k.Model.AllFlags(false) {
		for _, f := range group {
			names = append(names, f.Name)
		}
	}
	for _, command := range k.Model.Children {
		for _, f := range command.Flags {
			names = append(names, f.Name)
		}
	}
	return names
}

func operand(ctx *kong.Context) string {
	for _, p := range ctx.Selected().Positional {
		return p.Target.String()
	}
	return ""
}

func flagTexts(ctx *kong.Context) map[string][]string {
	texts := map[string][]string{}
	for _, f := range ctx.Flags() {
		if t, ok := f.Target.Interface().([]string); ok && len(t) > 0 {
			texts[f.Name] = t
		} else if on, ok := f.Target.Interface().(bool); ok && on {
			texts[f.Name] = []string{"true"}
		}
	}
	return texts
}

// withoutUnknown takes unknown flags, and what looks like their values, out of
// the arguments: all of them are told at once, and the others are still read.
func withoutUnknown(args, known []string) ([]string, []fault) {
	var kept []string
	var faults []fault
	for i := 0; i < len(args); i++ {
		name, isFlag := strings.CutPrefix(args[i], "--")
		name, _, hasValue := strings.Cut(name, "=")
		if !isFlag || name == "" || slices.Contains(known, name) {
			kept = append(kept, args[i])
			continue
		}
		faults = append(faults, fault{"flag --" + name, "there is no such flag" + suggest(name, known, "--")})
		if !hasValue && i+1 < len(args) && isValue(args[i+1]) {
			i++
		}
	}
	return kept, faults
}

func isValue(arg string) bool {
	return !strings.HasPrefix(arg, "-") && !slices.Contains([]string{"serve", "demo", "import", "backup", "restore", "version"}, arg)
}
