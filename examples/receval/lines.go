package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// longestLine is how many bytes a line may have.
const longestLine = 64 << 20

// eachLine calls fn for every line of a file.
func eachLine(name string, fn func(n int, line string) error) (err error) {
	f, err := os.Open(name) //nolint:gosec // the file is the caller's own
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	s := bufio.NewScanner(in)
	s.Buffer(nil, longestLine)
	for n := 1; s.Scan(); n++ {
		if err := fn(n, s.Text()); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// eachUser calls fn for every line that is not blank with its user and items,
// which are good until fn returns.
func eachUser(name string, fn func(user string, items []string) error) error {
	var fields []string
	return eachLine(name, func(_ int, line string) error {
		fields = fields[:0]
		for f := range strings.FieldsSeq(line) {
			fields = append(fields, f)
		}
		if len(fields) == 0 {
			return nil
		}
		return fn(fields[0], fields[1:])
	})
}

// output is a file that is being written.
type output struct {
	file *os.File
	zip  *gzip.Writer
	*bufio.Writer
}

func create(name string) (*output, error) {
	f, err := os.Create(name) //nolint:gosec // the file is the caller's own
	if err != nil {
		return nil, err
	}
	o := &output{file: f}
	if strings.HasSuffix(name, ".gz") {
		o.zip = gzip.NewWriter(f)
		o.Writer = bufio.NewWriter(o.zip)
	} else {
		o.Writer = bufio.NewWriter(f)
	}
	return o, nil
}

// Close writes what is left.
func (o *output) Close() error {
	err := o.Flush()
	if o.zip != nil {
		err = errors.Join(err, o.zip.Close())
	}
	return errors.Join(err, o.file.Close())
}
