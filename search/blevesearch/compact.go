package blevesearch

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/blevesearch/bleve/v2/index/scorch"
	index "github.com/blevesearch/bleve_index_api"

	"github.com/soukhq/souk/search"
)

// mostSegments is how many segments of about one size an index in memory
// keeps: a search pays for each of them.
// Of large ones, which a first load makes, it keeps more: they are dearer to
// write again.
const (
	mostSegments = 8
	largeSegment = 512
)

// compact writes the documents of many small segments once more, into one.
// The engine merges segments of files by itself and those of memory never.
// Segments are grouped by the order of magnitude of their size, so that a
// document is written again a few times in its life.
func (s *shelf) compact(ctx context.Context) error {
	if s.path != "" {
		return nil
	}
	for {
		documents, err := s.crowd()
		if err != nil || len(documents) == 0 {
			return err
		}
		again := make([]*search.Document, len(documents))
		for i := range documents {
			again[i] = &documents[i].Document
		}
		made, _, err := s.buildAll(ctx, again)
		if err != nil {
			return err
		}
		batch := index.NewBatch()
		for _, doc := range made {
			batch.Update(doc)
		}
		if err := s.engine.Batch(batch); err != nil {
			return err
		}
	}
}

// crowd returns the documents of the smallest segments that have grown too
// many of their size.
func (s *shelf) crowd() ([]stored, error) {
	reader, err := s.engine.Reader()
	if err != nil {
		return nil, err
	}
	defer func() { _ = reader.Close() }() // a snapshot counts its users and has nothing to flush
	snapshot, ok := reader.(*scorch.IndexSnapshot)
	if !ok {
		return nil, nil
	}
	var classes [20][]*scorch.SegmentSnapshot
	for _, segment := range snapshot.Segments() {
		class := 0
		for n := segment.LiveSize(); n >= 8; n /= 8 {
			class++
		}
		classes[class] = append(classes[class], segment)
	}
	at := slices.IndexFunc(classes[:], func(c []*scorch.SegmentSnapshot) bool {
		return len(c) >= mostSegments && (c[0].LiveSize() < largeSegment || len(c) >= 4*mostSegments)
	})
	if at < 0 {
		return nil, nil
	}
	var documents []stored
	for _, segment := range classes[at] {
		live := segment.DocNumbersLive().Iterator()
		for live.HasNext() {
			var d stored
			var decodeErr error
			err := segment.VisitDocument(uint64(live.Next()), func(name string, _ byte, value []byte, _ []uint64) bool {
				if name == fieldRow {
					decodeErr = json.Unmarshal(value, &d)
				}
				return true
			})
			if err := errors.Join(err, decodeErr); err != nil {
				return nil, err
			}
			documents = append(documents, d)
		}
	}
	return documents, nil
}
