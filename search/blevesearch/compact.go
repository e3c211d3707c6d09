package blevesearch

import (
	"cmp"
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

	// mostCompacted is how many documents a write writes again at most, for the
	// next one waits. Segments of more than half of it stay as they are.
	mostCompacted = mostSegments * largeSegment
)

// compact writes the documents of many small segments once more, into one.
// The engine merges segments of files by itself and those of memory never.
// Segments are grouped by the order of magnitude of their size, so that a
// document is written again a few times in its life.
func (s *shelf) compact(ctx context.Context) error {
	if s.path != "" {
		return nil
	}
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
	return s.engine.Batch(batch)
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
	var documents []stored
	for _, segment := range crowded(snapshot.Segments()) {
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

// crowded returns the smallest segments of about one size that have grown too
// many, as many as are written again at once.
func crowded(segments []*scorch.SegmentSnapshot) []*scorch.SegmentSnapshot {
	bySize := func(a, b *scorch.SegmentSnapshot) int { return cmp.Compare(a.LiveSize(), b.LiveSize()) }
	var classes [4][]*scorch.SegmentSnapshot // below 8 documents, 64, 512 and more
	for _, segment := range segments {
		if segment.LiveSize() > mostCompacted/2 {
			continue
		}
		class := 0
		for n := segment.LiveSize(); n >= 8 && class < len(classes)-1; n /= 8 {
			class++
		}
		classes[class] = append(classes[class], segment)
	}
	for _, class := range classes {
		if len(class) < mostSegments || class[0].LiveSize() >= largeSegment && len(class) < 4*mostSegments {
			continue
		}
		slices.SortFunc(class, bySize)
		n, sum := 0, int64(0)
		for n < len(class) && sum+class[n].LiveSize() <= mostCompacted {
			sum += class[n].LiveSize()
			n++
		}
		return class[:n]
	}
	return nil
}
