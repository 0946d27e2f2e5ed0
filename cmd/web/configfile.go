package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxConfigBytes is the largest configuration file that is read.
const maxConfigBytes = 1 << 20

// configFile reads the keys of one YAML file, keeping where each stands.
type configFile struct {
	name   string
	keys   map[string][]given
	seen   map[string]int // line of each key
	faults []fault
}

// readConfigFile reads the texts of a YAML file by key, without checking what
// they mean. An empty path has none; - is standard input.
func readConfigFile(path string, stdin io.Reader) (map[string][]given, []fault) {
	if path == "" {
		return nil, nil
	}
	f := configFile{name: path, keys: map[string][]given{}, seen: map[string]int{}}
	if path == "-" {
		f.name = "standard input"
	}
	text, err := readAll(path, stdin)
	if err != nil {
		f.faults = append(f.faults, fault{f.name, err.Error()})
		return nil, f.faults
	}
	f.read(text)
	return f.keys, f.faults
}

func readAll(path string, stdin io.Reader) ([]byte, error) {
	r := stdin
	if path != "-" {
		file, err := os.Open(path) //nolint:gosec // whoever starts the program names the file
		if err != nil {
			return nil, fmt.Errorf("cannot be read: %w", bare(err))
		}
		defer func() { _ = file.Close() }() // only read from
		r = file
	}
	text, err := io.ReadAll(io.LimitReader(r, maxConfigBytes+1))
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", bare(err))
	}
	if len(text) > maxConfigBytes {
		return nil, fmt.Errorf("is larger than 1 MiB; is it the right file?")
	}
	return text, nil
}

// bare takes the operation and the path off a file error: the message has them.
func bare(err error) error {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err
	}
	return err
}

func (f *configFile) read(text []byte) {
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		f.notYAML(err)
		return
	}
	for i, doc := range file.Docs {
		if i > 0 {
			f.fault(doc.Start, "a second document begins here; the file holds one")
			return
		}
		f.readBody(doc.Body)
	}
}

// notYAML says where the text stops being YAML.
func (f *configFile) notYAML(err error) {
	if at, ok := errors.AsType[yaml.Error](err); ok {
		f.fault(at.GetToken(), "this is not YAML: "+at.GetMessage())
		return
	}
	f.faults = append(f.faults, fault{f.name, "this is not YAML: " + err.Error()})
}

func (f *configFile) readBody(body ast.Node) {
	switch b := body.(type) {
	case nil, *ast.CommentGroupNode:
	case ast.MapNode:
		for pairs := b.MapRange(); pairs.Next(); {
			f.readPair(pairs.Key(), pairs.Value())
		}
	default:
		f.fault(body.GetToken(), "the file holds no keys; write lines such as `listen: 127.0.0.1:8080`")
	}
}

func (f *configFile) readPair(key, value ast.Node) {
	name := key.GetToken().Value
	s, ok := findSetting(name)
	if !ok {
		f.fault(key.GetToken(), fmt.Sprintf("there is no key %q%s", name, suggest(name, settingNames(), "")))
		return
	}
	if line, twice := f.seen[name]; twice {
		f.fault(key.GetToken(), fmt.Sprintf("%s: stands in line %d already; keep one of them", name, line))
		return
	}
	f.seen[name] = key.GetToken().Position.Line
	f.readValue(s, key, value)
}

func (f *configFile) readValue(s setting, key, value ast.Node) {
	if list, ok := value.(*ast.SequenceNode); ok && s.list {
		for _, item := range list.Values {
			f.readText(s, key, item)
		}
		return
	}
	f.readText(s, key, value)
}

// readText takes a scalar as it is written: 30 and true are texts here.
func (f *configFile) readText(s setting, key, value ast.Node) {
	want := "write one text"
	if s.list {
		want = "write a text or a list of texts"
	}
	switch v := value.(type) {
	case *ast.NullNode:
		f.fault(key.GetToken(), s.name+": has no value; write one or take the key out")
	case *ast.LiteralNode:
		f.add(s, v.GetToken(), v.Value.Value)
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		f.add(s, v.GetToken(), v.GetToken().Value)
	default:
		f.fault(value.GetToken(), fmt.Sprintf("%s: has a %s; %s", s.name, kind(value), want))
	}
}

// kind names what stands where a text should.
func kind(n ast.Node) string {
	switch n.(type) {
	case *ast.SequenceNode:
		return "list"
	case ast.MapNode:
		return "set of keys"
	}
	return "YAML " + strings.ToLower(n.Type().String())
}

func (f *configFile) add(s setting, at *token.Token, text string) {
	if text == "" {
		f.fault(at, s.name+": has no value; write one or take the key out")
		return
	}
	f.keys[s.name] = append(f.keys[s.name], given{text: text, where: f.at(at), label: s.name + ": "})
}

func (f *configFile) fault(at *token.Token, text string) {
	f.faults = append(f.faults, fault{f.at(at), text})
}

func (f *configFile) at(t *token.Token) string {
	if t == nil || t.Position == nil {
		return f.name
	}
	return fmt.Sprintf("%s:%d:%d", f.name, t.Position.Line, t.Position.Column)
}

func settingNames() []string {
	var names []string
	for _, s := range settings() {
		names = append(names, s.name)
	}
	return names
}
