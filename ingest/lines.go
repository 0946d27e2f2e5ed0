package ingest

import (
	"bufio"
	"errors"
	"io"
)

// lines reads a text line by line, and keeps one line of it.
type lines struct {
	reader *bufio.Reader
	long   []byte // a line that is longer than the reader's buffer
	number int    // of the line read last, from 1
}

const lineBuffer = 64 << 10

// errLongLine says that a line is longer than asked for; its rest is not read.
var errLongLine = errors.New("ingest: long line")

func newLines(r io.Reader) *lines { return &lines{reader: bufio.NewReaderSize(r, lineBuffer)} }

// next is the next line without its end; it is good until the next call. The
// error is io.EOF after the last line, errLongLine for one that is longer than
// most bytes by so much that it is not read to its end, or a fault.
func (l *lines) next(most int) ([]byte, error) {
	l.number++
	l.long = l.long[:0]
	for {
		part, err := l.reader.ReadSlice('\n')
		switch {
		case err == nil && len(l.long) == 0:
			return withoutEnd(part), nil
		case err == nil:
			return withoutEnd(append(l.long, part...)), nil
		case errors.Is(err, io.EOF) && len(l.long)+len(part) == 0:
			l.number--
			return nil, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, l.cut(err)
		case len(l.long)+len(part) > most:
			return nil, errLongLine
		}
		l.long = append(l.long, part...)
	}
}

// skip reads the rest of a long line.
func (l *lines) skip() error {
	for {
		_, err := l.reader.ReadSlice('\n')
		if !errors.Is(err, bufio.ErrBufferFull) {
			return l.cut(err)
		}
	}
}

// cut turns the end of the text in the middle of a line into a fault.
func (l *lines) cut(err error) error {
	if errors.Is(err, io.EOF) {
		return malformed("The bulk request must be terminated by a newline [\\n]: it ends in line %d", l.number)
	}
	return err
}

func withoutEnd(line []byte) []byte {
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}
