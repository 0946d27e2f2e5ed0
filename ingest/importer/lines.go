package importer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"io"

	"jikimi/ingest"
)

// line is one line of the input.
type line struct {
	number int64 // from 1
	// text is the line without its end, or its first bytes where it is longer
	// than a document may be. It is good until the next line is read.
	text   []byte
	length int64 // of the whole line
	// mark stands for all content up to the end of this line.
	mark string
}

// cut says whether text is the beginning of the line only.
func (l line) cut() bool { return l.length > int64(len(l.text)) }

// lineReader reads lines and makes their marks.
type lineReader struct {
	r      *bufio.Reader
	sum    hash.Hash
	held   bool // a \r that is content unless the line ends after it
	buffer []byte
	number int64
}

// markBytes of the digest are kept: 96 bits, 16 letters, enough for 10^12
// documents without two alike.
const markBytes = 12

// newLineReader makes marks that differ for another index.
func newLineReader(in *input, index string) *lineReader {
	l := &lineReader{r: in.Reader, sum: sha256.New()}
	l.digest([]byte(index))
	l.digest([]byte{0})
	return l
}

// next is the next line, or io.EOF, or the reader's error: then the line it
// came in is left out.
func (l *lineReader) next() (line, error) {
	l.number++
	next := line{number: l.number}
	l.buffer = l.buffer[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		content := bytes.TrimSuffix(part, []byte("\n"))
		l.digest(content)
		next.length += int64(len(content))
		l.buffer = append(l.buffer, content[:min(len(content), ingest.MaxDocumentBytes-len(l.buffer))]...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case err == nil:
			return l.whole(next), nil
		case errors.Is(err, io.EOF) && next.length > 0:
			return l.whole(next), nil
		default:
			return line{}, err
		}
	}
}

// whole ends a line. A missing line end at the end of the input makes no
// difference, nor does \r before it.
func (l *lineReader) whole(next line) line {
	var digest [sha256.Size]byte
	next.mark = base64.RawURLEncoding.EncodeToString(l.sum.Sum(digest[:0])[:markBytes])
	next.text = l.buffer
	if l.held && !next.cut() {
		next.text = next.text[:len(next.text)-1]
		next.length--
	}
	l.digest([]byte("\n"))
	return next
}

func (l *lineReader) digest(content []byte) {
	if len(content) == 0 {
		return
	}
	if l.held {
		_, _ = l.sum.Write([]byte("\r")) // never fails
	}
	if l.held = content[len(content)-1] == '\r'; l.held {
		content = content[:len(content)-1]
	}
	_, _ = l.sum.Write(content) // never fails
}
