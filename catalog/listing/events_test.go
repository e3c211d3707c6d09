package listing_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/catalog"
	"github.com/soukhq/souk/catalog/listing"
	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/commerce/ref"
)

// The golden files were written by earlier versions and stay readable.
func TestStoredEventsStayReadable(t *testing.T) {
	t.Parallel()
	var got listing.Refreshed
	raw, err := os.ReadFile(filepath.Join("testdata", "events", got.EventName()+".json"))
	require.NoError(t, err)
	require.NoError(t, event.Decode(event.Record{Name: got.EventName(), Payload: raw}, &got))
	require.Equal(t, listing.Refreshed{Products: []listing.RefreshedProduct{{Product: "p1", Version: 3}, {Product: "p2", Version: 1}}}, got)
	again, err := json.Marshal(got)
	require.NoError(t, err)
	require.Equal(t, string(raw), string(again)+"\n")
}

// refusing is a log that takes nothing.
type refusing struct{}

var errRefused = errors.New("the log takes nothing")

func (refusing) Append(context.Context, ...event.Record) error { return errRefused }

func TestARefreshIsToldInTheUnitThatWrites(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.add("tea", catalog.ProductInput{}, 100)
	s.add("cup", catalog.ProductInput{}, 200)
	told := recorder{&[]event.Record{}}
	cfg := listing.Config{
		Store: s.stores.Listings, Channels: channels(), Products: s.stores.Products, Categories: s.stores.Categories,
		Brands: s.stores.Brands, Prices: s.prices, Stock: s.stock, Units: s.stores.Units, Events: refusing{}, Clock: s.clock,
	}
	mute, err := listing.NewService(cfg)
	require.NoError(t, err)
	require.ErrorIs(t, mute.Refresh(t.Context(), []ref.ProductID{"tea", "cup"}), errRefused)
	_, ok := s.card("tea")
	require.False(t, ok, "nothing is written that nobody hears of")

	cfg.Events = told
	lists, err := listing.NewService(cfg)
	require.NoError(t, err)
	require.NoError(t, lists.Refresh(t.Context(), []ref.ProductID{"tea", "unknown", "cup"}))
	require.Len(t, *told.records, 1, "one event a batch")
	var e listing.Refreshed
	require.NoError(t, event.Decode((*told.records)[0], &e))
	row, ok := s.card("tea")
	require.True(t, ok)
	require.Equal(t, listing.RefreshedProduct{Product: "tea", Version: row.Version}, e.Products[1])
	require.Len(t, e.Products, 3, "also of what has no row")

	cfg.Units = nil
	_, err = listing.NewService(cfg)
	require.ErrorContains(t, err, "Units")
}

func TestARenamedCategoryIsReadAnew(t *testing.T) {
	t.Parallel()
	s := setup(t)
	made, err := s.catalog.CreateCategories(t.Context(), staff(), []catalog.CategoryInput{{ID: "tea", Name: catalog.Text{ref.English: "Tea"}}})
	require.NoError(t, err)
	s.add("green", catalog.ProductInput{Category: "tea"}, 100)
	s.catchUp()
	_, err = s.catalog.ChangeCategory(t.Context(), staff(), "tea", made[0].Version, catalog.CategoryInput{Name: catalog.Text{ref.English: "Teas"}})
	require.NoError(t, err)
	require.Equal(t, 1, s.catchUp())
}

// marks notes what is marked, in its order.
type marks struct {
	listing.Store
	ids *[]ref.ProductID
}

func (m marks) Mark(ctx context.Context, ids []ref.ProductID, at time.Time) error {
	*m.ids = append(*m.ids, ids...)
	return m.Store.Mark(ctx, ids, at)
}

// What a record marks stays locked until its unit ends, and a sweep locks by
// id: in another order the two would wait for each other.
func TestProductsAreMarkedInTheOrderOfTheirIDs(t *testing.T) {
	t.Parallel()
	s := setup(t)
	_, err := s.catalog.CreateCategories(t.Context(), staff(), []catalog.CategoryInput{
		{ID: "all", Name: catalog.Text{ref.English: "All"}},
		{ID: "a", Parent: "all", Name: catalog.Text{ref.English: "A"}},
		{ID: "b", Parent: "all", Name: catalog.Text{ref.English: "B"}},
	})
	require.NoError(t, err)
	s.add("water", catalog.ProductInput{Category: "a"}, 100)
	s.add("tea", catalog.ProductInput{Category: "b"}, 100)
	s.add("cup", catalog.ProductInput{Category: "a"}, 100)
	var ids []ref.ProductID
	lists, err := listing.NewService(listing.Config{
		Store: marks{s.stores.Listings, &ids}, Channels: channels(), Products: s.stores.Products, Categories: s.stores.Categories,
		Brands: s.stores.Brands, Prices: s.prices, Stock: s.stock, Clock: s.clock,
	})
	require.NoError(t, err)
	rec, err := event.New("e", catalog.CategoryTopic, "all", s.clock.Now(), catalog.CategoryChanged{Category: "all"})
	require.NoError(t, err)
	require.NoError(t, lists.React(t.Context(), rec))
	require.Equal(t, []ref.ProductID{"cup", "tea", "water"}, ids)
}
