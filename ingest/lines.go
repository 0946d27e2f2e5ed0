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

func newLines(r io.Reader) *lines { return &lines{reader: bufio.NewReaderSize(r, 64<<10)} }

// next is the next line without its end, and its length; the line is good
// until the next call. Of a line that is longer than most bytes there is
// nothing but its length. The error is io.EOF after the last line.
func (l *lines) next(most int) (line []byte, length int, err error) {
	l.long = l.long[:0]
	for {
		part, err := l.reader.ReadSlice('\n')
		length += len(part)
		switch {
		case err == nil && length == len(part):
			l.number++
			return withoutEnd(part), length - 1, nil
		case err == io.EOF && length == 0:
			return nil, 0, io.EOF
		case err == io.EOF:
			return nil, 0, malformed("The bulk request must be terminated by a newline [\\n]: it ends in line %d", l.number+1)
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return nil, 0, err
		}
		if length <= most+1 {
			l.long = append(l.long, part...)
		}
		if err == nil {
			l.number++
			return l.whole(length)
		}
	}
}

// whole is a line that came in parts, unless it is too long.
func (l *lines) whole(length int) ([]byte, int, error) {
	if len(l.long) < length {
		return nil, length - 1, nil
	}
	return withoutEnd(l.long), length - 1, nil
}

func withoutEnd(line []byte) []byte {
	line = line[:len(line)-1]
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}
