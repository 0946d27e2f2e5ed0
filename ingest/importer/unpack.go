package importer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const (
	// maxGrowth is how many times larger than what came in content may be
	// unpacked. Logs come to 10 to 60, zeros to 1,000 and more.
	maxGrowth = 250
	// freeGrowth is what may be unpacked before that counts.
	freeGrowth = 64 << 20
	maxWindow  = 64 << 20 // memory of the zstd decoder
)

// input is the unpacked content of a stream and how much of the stream was read.
type input struct {
	*bufio.Reader
	came  *counter
	close func()
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpack looks at the first bytes, whatever the input is called.
func unpack(r io.Reader, most int64) (*input, error) {
	came := &counter{r: r}
	packed := bufio.NewReaderSize(came, 64<<10)
	plain, done, err := decoder(packed)
	if err != nil {
		return nil, err
	}
	in := &input{came: came, close: done}
	in.Reader = bufio.NewReaderSize(&unpacked{r: plain, came: came, packed: plain != io.Reader(packed), most: most}, 64<<10)
	if err := in.checkForm(); err != nil {
		done()
		return nil, err
	}
	if head, _ := in.Peek(len(byteOrderMark)); string(head) == byteOrderMark {
		_, _ = in.Discard(len(byteOrderMark)) // it is buffered
	}
	return in, nil
}

// byteOrderMark begins UTF-8 text of some editors.
const byteOrderMark = "\ufeff"

// begin is the first bytes of a reader, fewer where it is shorter.
func begin(r *bufio.Reader) []byte {
	head, _ := r.Peek(4) // an error comes again when the content is read
	return head
}

// The first bytes of compressed content.
const (
	gzipMagic = "\x1f\x8b"
	zstdMagic = "\x28\xb5\x2f\xfd"
)

func decoder(r *bufio.Reader) (plain io.Reader, done func(), err error) {
	head := begin(r)
	switch {
	case bytes.HasPrefix(head, []byte(gzipMagic)):
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, nil, fmt.Errorf("gzip: %w: %w", ErrDamaged, err)
		}
		return z, func() { _ = z.Close() }, nil // only read from
	case bytes.HasPrefix(head, []byte(zstdMagic)):
		z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, fmt.Errorf("zstd: %w", err)
		}
		return z, z.Close, nil
	}
	return r, func() {}, nil
}

// checkForm refuses content that is compressed once more and forms that are
// not read: they would only become unreadable lines.
func (in *input) checkForm() error {
	head := begin(in.Reader)
	for _, magic := range []string{gzipMagic, zstdMagic} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return ErrTwice
		}
	}
	for magic, name := range map[string]string{
		"PK\x03\x04": "a zip archive", "BZh": "bzip2", "\xfd7zX": "xz", "\xff\xfe": "UTF-16 text", "\xfe\xff": "UTF-16 text",
	} {
		if bytes.HasPrefix(head, []byte(magic)) {
			return fmt.Errorf("it is %s: %w", name, ErrForm)
		}
	}
	return nil
}

// unpacked caps what is unpacked.
type unpacked struct {
	r      io.Reader
	came   *counter
	packed bool
	n      int64
	most   int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	u.n += int64(n)
	switch {
	case u.n > u.most:
		return 0, ErrLarge
	case u.packed && u.n > freeGrowth && u.n > maxGrowth*u.came.n:
		return 0, ErrBomb
	case u.packed && err != nil && !errors.Is(err, io.EOF):
		return n, fmt.Errorf("%w: %w", ErrDamaged, err)
	case errors.Is(err, io.ErrUnexpectedEOF): // io.EOF it is not
		return n, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return n, err
}
