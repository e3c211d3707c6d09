package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/soukhq/souk/search"
)

// batch is how many products are indexed at a time.
const batch = 1000

// open opens a file, gzipped or not.
func open(name string) (io.Reader, io.Closer, error) {
	f, err := os.Open(name) //nolint:gosec // the caller names the file
	if err != nil {
		return nil, nil, err
	}
	r := bufio.NewReaderSize(f, 1<<16)
	head, err := r.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, errors.Join(err, f.Close())
	}
	if !bytes.Equal(head, []byte{0x1f, 0x8b}) {
		return r, f, nil
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return z, f, nil
}

// fill indexes the products of a file.
func fill(ctx context.Context, index search.Index, name string) error {
	r, closer, err := open(name)
	if err != nil {
		return fmt.Errorf("products: %w", err)
	}
	defer func() { _ = closer.Close() }() // was only read
	decoder := json.NewDecoder(r)
	documents := make([]search.Document, 0, batch)
	for line := 1; ; line++ {
		var p product
		err := decoder.Decode(&p)
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("products: line %d: %w", line, err)
		}
		if err == nil {
			documents = append(documents, p.document())
		}
		if len(documents) == batch || err != nil && len(documents) > 0 {
			if err := index.Index(ctx, documents); err != nil {
				return fmt.Errorf("products: up to line %d: %w", line, err)
			}
			documents = documents[:0]
		}
		if err != nil {
			return nil
		}
	}
}

type query struct{ id, text string }

func readQueries(name string) ([]query, error) {
	var out []query
	err := table(name, []string{"qid", "query"}, func(cells []string) error {
		out = append(out, query{cells[0], cells[1]})
		return nil
	})
	return out, err
}

func readJudgements(name string) (map[string]map[string]float64, error) {
	out := map[string]map[string]float64{}
	err := table(name, []string{"qid", "docid", "rating"}, func(cells []string) error {
		rating, err := strconv.ParseFloat(cells[2], 64)
		if err != nil || rating < 0 || rating > 20 {
			return fmt.Errorf("rating %q is not a number from 0", cells[2])
		}
		if out[cells[0]] == nil {
			out[cells[0]] = map[string]float64{}
		}
		out[cells[0]][cells[1]] = rating
		return nil
	})
	return out, err
}

// table calls row with the named columns of each line of a tab separated
// file.
func table(name string, columns []string, row func(cells []string) error) error {
	r, closer, err := open(name)
	if err != nil {
		return fmt.Errorf("table: %w", err)
	}
	defer func() { _ = closer.Close() }() // was only read
	lines := csv.NewReader(r)
	lines.Comma, lines.LazyQuotes, lines.FieldsPerRecord = '\t', true, -1
	header, err := lines.Read()
	if err != nil {
		return fmt.Errorf("%s: header: %w", name, err)
	}
	places := make([]int, len(columns))
	for i, c := range columns {
		if places[i] = slices.Index(header, c); places[i] < 0 {
			return fmt.Errorf("%s: no column %q", name, c)
		}
	}
	cells := make([]string, len(columns))
	for n := 2; ; n++ {
		line, err := lines.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for i, at := range places {
			if at >= len(line) {
				return fmt.Errorf("%s: line %d: no %s", name, n, columns[i])
			}
			cells[i] = line[at]
		}
		if err := row(cells); err != nil {
			return fmt.Errorf("%s: line %d: %w", name, n, err)
		}
	}
}
