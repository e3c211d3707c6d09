package blevesearch_test

import (
	"context"
	"fmt"

	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
)

func ExampleOpen() {
	ctx := context.Background()
	var analyzer search.Analyzer
	thesaurus := &search.Thesaurus{}
	if err := thesaurus.Replace(&analyzer, search.DefaultSynonyms("en-US")); err != nil {
		panic(err)
	}
	index, err := blevesearch.Open(blevesearch.Config{Thesaurus: thesaurus})
	if err != nil {
		panic(err)
	}
	defer index.Close()
	err = index.Rebuild(ctx, func(ctx context.Context, w search.Writer) error {
		return w.Index(ctx, []search.Document{{ID: "p-1", Version: 7, Title: "Three-seat sofa, grey"}})
	})
	if err != nil {
		panic(err)
	}
	found, err := index.Search(ctx, search.Query{Text: "gray couch"})
	if err != nil {
		panic(err)
	}
	fmt.Println(found.Step, found.Hits[0].ID)
	// Output: all p-1
}
