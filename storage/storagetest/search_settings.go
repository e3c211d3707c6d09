package storagetest

import (
	"context"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/search"
	"github.com/soukhq/souk/storage"
)

func searchSettingsCases() []Case {
	return []Case{
		{Name: "settings of a search come back as they were, in the order asked", Run: searchSettingsRoundTrip},
		{Name: "second settings of a channel are refused and leave the unit usable", Run: searchSettingsDuplicate},
		{Name: "stale settings of a search are not stored", Run: searchSettingsStale},
		{Name: "of N writers of one version of a search's settings one wins", Run: searchSettingsLostUpdate, Apart: true},
	}
}

func newSearchSettings() search.Settings {
	low, high := 0.1, 4.5
	return search.Settings{
		Channel: ref.ChannelID(newID()), Defaults: true, UpdatedAt: noon(),
		Synonyms: []search.Synonym{
			{From: "充电宝 'x' \\ %", Words: []string{"power bank", "移动电源"}}, {Words: []string{"sofa", "couch"}},
		},
		Rules: []search.Rule{
			{
				ID: "r-1", When: search.WhenContains, Query: "茶 \U0001F375 'tea'", From: noon(), Until: noon().Add(time.Microsecond),
				Pin:  []search.Pin{{Product: "茶", Place: 3}, {Product: "p-2", Place: 500}},
				Hide: []ref.ProductID{"p-3", "绿"},
				Favour: []search.Favour{
					{Products: []ref.ProductID{"p-4", "p-5"}, Weight: -9.75},
					{
						Filter: &search.Filter{Field: search.FieldRating, Min: &low, Max: &high, Not: true}, Weight: 0.1,
					},
					{Filter: &search.Filter{Field: search.AttributeField("颜色"), Any: []string{"红", "blue"}}, Weight: 1},
				},
			},
			{ID: "r-2", When: search.WhenIs, Query: "returns", Redirect: "/help/退货"},
		},
	}
}

func searchSettingsRoundTrip(t T, s storage.Stores) {
	a, b := newSearchSettings(), search.Settings{Channel: ref.ChannelID(newID()), UpdatedAt: noon()}
	require.NoError(t, s.SearchSettings.Insert(t.Context(), &a))
	require.NoError(t, s.SearchSettings.Insert(t.Context(), &b))
	require.EqualValues(t, 1, a.Version)
	for range 2 { // what the first caller does to his changes nothing
		got, err := s.SearchSettings.Get(t.Context(), a.Channel)
		require.NoError(t, err)
		require.Equal(t, a, got)
		all, err := s.SearchSettings.GetMany(t.Context(), []ref.ChannelID{b.Channel, ref.ChannelID(newID()), a.Channel})
		require.NoError(t, err)
		require.Equal(t, []search.Settings{b, a}, all)
		got.Rules[0].Favour[1].Filter.Any = []string{"spoiled"}
		*all[1].Rules[0].Favour[1].Filter.Max = 0
	}

	a.Defaults, a.Rules, a.UpdatedAt = false, a.Rules[1:], noon().Add(time.Microsecond)
	a.Synonyms[0].Words = append(a.Synonyms[0].Words, "third")
	require.NoError(t, s.SearchSettings.Update(t.Context(), &a))
	require.EqualValues(t, 2, a.Version)
	got, err := s.SearchSettings.Get(t.Context(), a.Channel)
	require.NoError(t, err)
	require.Equal(t, a, got)

	_, err = s.SearchSettings.Get(t.Context(), ref.ChannelID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
	none, err := s.SearchSettings.GetMany(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func searchSettingsDuplicate(t T, s storage.Stores) {
	first, after := newSearchSettings(), newSearchSettings()
	require.NoError(t, s.SearchSettings.Insert(t.Context(), &first))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := newSearchSettings()
		again.Channel = first.Channel
		require.ErrorIs(t, s.SearchSettings.Insert(ctx, &again), fault.AlreadyExists)
		require.EqualValues(t, 0, again.Version, "the argument is unchanged on error")
		return s.SearchSettings.Insert(ctx, &after)
	}))
	all, err := s.SearchSettings.GetMany(t.Context(), []ref.ChannelID{first.Channel, after.Channel})
	require.NoError(t, err)
	require.Equal(t, []search.Settings{first, after}, all)
}

func searchSettingsStale(t T, s storage.Stores) {
	a := newSearchSettings()
	require.NoError(t, s.SearchSettings.Insert(t.Context(), &a))
	old := a.Clone()
	a.Rules = nil
	require.NoError(t, s.SearchSettings.Update(t.Context(), &a))
	before := old.Clone()
	require.ErrorIs(t, s.SearchSettings.Update(t.Context(), &old), fault.Conflict)
	require.Equal(t, before, old, "the argument is unchanged on error")
	got, err := s.SearchSettings.Get(t.Context(), a.Channel)
	require.NoError(t, err)
	require.Equal(t, a, got)

	none := newSearchSettings()
	require.ErrorIs(t, s.SearchSettings.Update(t.Context(), &none), fault.NotFound)
}

func searchSettingsLostUpdate(t T, s storage.Stores) {
	a := newSearchSettings()
	require.NoError(t, s.SearchSettings.Insert(t.Context(), &a))
	errs := together(t.Context(), 12, func(ctx context.Context, i int) error {
		mine := a.Clone()
		mine.Rules[0].ID = strconv.Itoa(i)
		return s.SearchSettings.Update(ctx, &mine)
	})
	winner := -1
	for i, err := range errs {
		if err == nil {
			require.Negative(t, winner, "two won")
			winner = i
		} else {
			require.ErrorIs(t, err, fault.Conflict)
		}
	}
	got, err := s.SearchSettings.Get(t.Context(), a.Channel)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Version)
	require.Equal(t, strconv.Itoa(winner), got.Rules[0].ID)
}
