package pgsearch_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/search/pgsearch"
)

// What is wrong with a configuration is said all at once.
func ExampleOpen() {
	_, err := pgsearch.Open(context.Background(), pgsearch.Config{})
	var f *fault.Fault
	if errors.As(err, &f) {
		for _, field := range f.Fields {
			fmt.Println(field.Path, field.Code)
		}
	}
	// Output:
	// Pool required
	// Name malformed
}

// An index of a shop, in the database that the shop has already.
func ExampleMigrate() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer pool.Close()
	if err := pgsearch.Migrate(ctx, pool, pgsearch.Schema{}); err != nil {
		log.Fatal(err)
	}
	index, err := pgsearch.Open(ctx, pgsearch.Config{Pool: pool, Name: "en"})
	if err != nil {
		log.Fatal(err)
	}
	defer index.Close()
	found, err := index.Search(ctx, search.Query{Text: "desk lamp"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(found.Total)
}
