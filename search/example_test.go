package search_test

import (
	"context"
	"fmt"
	"time"

	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/blevesearch"
	"github.com/soukhq/souk/storage/memory"
)

func Example() {
	ctx := context.Background()
	index, err := blevesearch.Open(blevesearch.Config{})
	if err != nil {
		panic(err)
	}
	defer index.Close()
	err = index.Index(ctx, []search.Document{
		{ID: "p-1", Title: "Walnut desk lamp", Brand: "Lumo", InStock: true},
		{ID: "p-2", Title: "Linen shade for desk lamps", Brand: "Tessel", InStock: true},
		{ID: "p-3", Title: "Standing desk, oak", Brand: "Tessel", InStock: true},
	})
	if err != nil {
		panic(err)
	}
	found, err := index.Search(ctx, search.Query{Text: "Desk lmap", Facets: []search.FacetRequest{{Field: search.FieldBrand}}})
	if err != nil {
		panic(err)
	}
	fmt.Println(found.Step, found.Query, found.Full, "of", found.Total)
	for _, hit := range found.Hits {
		fmt.Println(hit.ID)
	}
	fmt.Println(found.Facets[0].Values)
	// Output:
	// corrected desk lamp 2 of 3
	// p-1
	// p-2
	// p-3
	// [{Tessel 2 false} {Lumo 1 false}]
}

// Rules are resolved to a Steering, which goes into the query.
func ExampleResolve() {
	rules := []search.Rule{{
		When: search.WhenContains, Query: "lamp", Pin: []search.Pin{{Product: "p-9", Place: 1}}, Hide: []ref.ProductID{"p-2"},
	}}
	steering := search.Resolve(&search.Analyzer{}, rules, "desk LAMPS", time.Date(2026, 11, 27, 0, 0, 0, 0, time.UTC))
	fmt.Println(steering.Pin, steering.Hide)
	// Output: [{p-9 1}] [p-2]
}

// The same tokens are made of documents and of queries, for every engine.
func ExampleAnalyzer() {
	var a search.Analyzer
	for _, t := range a.Analyze("Lamps for 登机箱") {
		fmt.Printf("%q ", t.Term)
	}
	fmt.Println()
	// Output: "lamp" "" "登" "机" "登机" "箱" "机箱"
}

// A service adds rules, synonyms, suggestions and the log to the indexes of a
// shop.
func ExampleService() {
	ctx := context.Background()
	stores := memory.New().Stores()
	shop, err := search.NewService(search.ServiceConfig{
		Channels: []search.Channel{{ID: "web", Locale: ref.English}},
		Open: func(_ context.Context, s search.Setup) (search.Index, error) {
			return blevesearch.Open(blevesearch.Config{Analyzer: s.Analyzer, Thesaurus: s.Thesaurus, Queries: s.Queries})
		},
		Settings: stores.SearchSettings, Log: stores.SearchLog, Units: stores.Units, Events: stores.Events,
	})
	if err != nil {
		panic(err)
	}
	defer shop.Close()
	err = shop.Rebuild(ctx, "web", func(ctx context.Context, w search.Writer) error {
		return w.Index(ctx, []search.Document{{ID: "p-1", Title: "Leather couch"}, {ID: "p-2", Title: "Oak table"}})
	})
	if err != nil {
		panic(err)
	}
	_, err = shop.SaveRule(ctx, ref.Staff("ann"), search.RuleInput{Channel: "web", Rule: search.Rule{
		When: search.WhenContains, Query: "returns", Redirect: "/help/returns",
	}})
	if err != nil {
		panic(err)
	}

	bo := search.Visitor(ref.Member("bo"))
	for _, text := range []string{"sofa", "returns", "zither"} {
		found, err := shop.Search(ctx, search.Request{Channel: "web", Visitor: bo, Query: search.Query{Text: text}})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s %d %q\n", text, found.Step, found.Full, found.Redirect)
	}
	if err := shop.Flush(ctx); err != nil { // commerce does so every second
		panic(err)
	}
	report, err := shop.Queries(ctx, ref.Staff("ann"), search.ReportQuery{Channel: "web", Order: search.MostEmpty}, page.Request{})
	fmt.Println(report.Items[0].Text, "found nothing", report.Items[0].Empty, "times", err)
	// Output:
	// sofa: all 1 ""
	// returns: popular 0 "/help/returns"
	// zither: popular 0 ""
	// zither found nothing 1 times <nil>
}
