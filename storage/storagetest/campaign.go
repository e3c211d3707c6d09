package storagetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/money"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
	"github.com/soukhq/souk/promo/campaign"
	"github.com/soukhq/souk/storage"
)

func campaignCases() []Case {
	return []Case{
		{Name: "insert and get return the same campaign", Run: campaignRoundTrip},
		{Name: "a second insert of an id is refused and leaves the unit usable", Run: campaignDuplicate},
		{Name: "a stale update is refused and changes nothing", Run: campaignStale},
		{Name: "of N concurrent updates of one version one wins", Run: campaignLostUpdate, Apart: true},
		{Name: "a missing campaign is not found", Run: campaignMissing},
		{Name: "every version of a promotion is kept as it was", Run: campaignVersions},
		{Name: "live is what is active and not over", Run: campaignLive},
		{Name: "what changes what is live sets a revision that was never there", Run: campaignRevision, Apart: true},
		{Name: "of N units that change what is live one is inside", Run: campaignLock, Apart: true},
		{Name: "pages are stable under inserts", Run: campaignPages},
	}
}

func campaignLock(t T, s storage.Stores) { oneInside(t, s, s.Campaigns.Lock) }

func usd(minor int64) money.Money { return money.New(minor, "USD") }

// newCampaign has a promotion in which every field says something, which no
// promotion of a shop has.
func newCampaign() campaign.Campaign {
	id := campaign.ID(newID())
	c := campaign.Campaign{
		ID: id, Merchant: ref.MerchantID("m-" + newID()), State: campaign.Draft, CreatedAt: noon(), UpdatedAt: noon(),
	}
	fillIn(reflect.ValueOf(&c.Promotion).Elem(), nil)
	c.Promotion.ID, c.Promotion.Version = id, 1
	c.Promotion.From, c.Promotion.Until = noon(), noon().Add(time.Hour)
	return c
}

// fillIn sets everything in a value; a type that holds itself ends with nothing
// of its own.
func fillIn(v reflect.Value, above []reflect.Type) {
	switch v.Addr().Interface().(type) {
	case *time.Time:
		v.Set(reflect.ValueOf(noon()))
		return
	case *money.Money:
		v.Set(reflect.ValueOf(largest()))
		return
	case *json.RawMessage:
		v.SetBytes([]byte(`{"b":1,"a":[2,"\u003cx\u003e"]}`))
		return
	}
	if slices.Contains(above, v.Type()) {
		return
	}
	above = append(slices.Clone(above), v.Type())
	switch v.Kind() {
	case reflect.String:
		v.SetString("满 300 减 30 \U0001F375 O'Neil \"quoted\" \\u0026 <b>")
	case reflect.Int, reflect.Int64:
		v.SetInt(1 << 40)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fillIn(v.Elem(), above)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillIn(v.Index(0), above)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		e := reflect.New(v.Type().Elem()).Elem()
		fillIn(e, above)
		v.SetMapIndex(reflect.ValueOf("leaf").Convert(v.Type().Key()), e)
	case reflect.Struct:
		for i := range v.NumField() {
			fillIn(v.Field(i), above)
		}
	default:
	}
}

func campaignRoundTrip(t T, s storage.Stores) {
	c := newCampaign()
	require.NoError(t, s.Campaigns.Insert(t.Context(), &c))
	require.EqualValues(t, 1, c.Version)
	got, err := s.Campaigns.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got)

	c.State, c.UpdatedAt = campaign.Paused, noon().Add(time.Minute)
	c.Promotion.Version, c.Promotion.Name = 2, "renamed"
	c.Promotion.Groups = []promo.GroupID{} // none, which is not the same as nothing said
	c.Promotion.From, c.Promotion.Until = time.Time{}, time.Time{}
	require.NoError(t, s.Campaigns.Update(t.Context(), &c))
	require.EqualValues(t, 2, c.Version)
	got, err = s.Campaigns.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got)
}

func campaignDuplicate(t T, s storage.Stores) {
	first, after := newCampaign(), newCampaign()
	require.NoError(t, s.Campaigns.Insert(t.Context(), &first))
	require.NoError(t, s.Units.Do(t.Context(), func(ctx context.Context) error {
		again := newCampaign()
		again.ID, again.Promotion.Name = first.ID, "second"
		err := s.Campaigns.Insert(ctx, &again)
		require.ErrorIs(t, err, fault.AlreadyExists)
		require.Equal(t, "campaign.exists", fault.CodeOf(err))
		require.EqualValues(t, 0, again.Version, "the argument is unchanged on error")
		return s.Campaigns.Insert(ctx, &after)
	}))
	for _, want := range []campaign.Campaign{first, after} {
		got, err := s.Campaigns.Get(t.Context(), want.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func campaignStale(t T, s storage.Stores) {
	c := newCampaign()
	require.NoError(t, s.Campaigns.Insert(t.Context(), &c))
	old := c
	c.State = campaign.Active
	require.NoError(t, s.Campaigns.Update(t.Context(), &c))
	old.Promotion.Version, old.Promotion.Name = 2, "lost"
	before := old
	require.ErrorIs(t, s.Campaigns.Update(t.Context(), &old), fault.Conflict)
	require.Equal(t, before, old, "the argument is unchanged on error")
	got, err := s.Campaigns.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.Equal(t, c, got)
	kept, err := s.Campaigns.Versions(t.Context(), []campaign.VersionKey{{Promotion: c.ID, Version: 2}})
	require.NoError(t, err)
	require.Empty(t, kept, "what was refused is no version")

	none := newCampaign()
	require.ErrorIs(t, s.Campaigns.Update(t.Context(), &none), fault.NotFound)
}

func campaignLostUpdate(t T, s storage.Stores) {
	c := newCampaign()
	require.NoError(t, s.Campaigns.Insert(t.Context(), &c))
	errs := together(t.Context(), 16, func(ctx context.Context, i int) error {
		mine := c
		mine.Promotion.Version, mine.Promotion.Name = 2, strconv.Itoa(i)
		return s.Campaigns.Update(ctx, &mine)
	})
	winner := -1
	for i, err := range errs {
		if err == nil {
			require.Negative(t, winner, "two won")
			winner = i
		} else {
			require.True(t, errors.Is(err, fault.Conflict), "%v", err)
		}
	}
	got, err := s.Campaigns.Get(t.Context(), c.ID)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.Version)
	require.Equal(t, strconv.Itoa(winner), got.Promotion.Name)
	kept, err := s.Campaigns.Versions(t.Context(), []campaign.VersionKey{{Promotion: c.ID, Version: 2}})
	require.NoError(t, err)
	require.Equal(t, []promo.Promotion{got.Promotion}, kept, "the winner's version is the one kept")
}

func campaignMissing(t T, s storage.Stores) {
	_, err := s.Campaigns.Get(t.Context(), campaign.ID(newID()))
	require.ErrorIs(t, err, fault.NotFound)
	require.Equal(t, "campaign.not_found", fault.CodeOf(err))
}

func campaignVersions(t T, s storage.Stores) {
	a, b := newCampaign(), newCampaign()
	require.NoError(t, s.Campaigns.Insert(t.Context(), &a))
	require.NoError(t, s.Campaigns.Insert(t.Context(), &b))
	first := a.Promotion
	a.Promotion.Version, a.Promotion.Name = 2, "second"
	require.NoError(t, s.Campaigns.Update(t.Context(), &a))
	again := a
	again.Promotion.Name = "another second"
	require.NoError(t, s.Campaigns.Update(t.Context(), &again))

	key := func(p promo.Promotion) campaign.VersionKey {
		return campaign.VersionKey{Promotion: p.ID, Version: p.Version}
	}
	got, err := s.Campaigns.Versions(t.Context(), []campaign.VersionKey{
		key(b.Promotion), {Promotion: a.ID, Version: 7}, key(a.Promotion), {Promotion: "none", Version: 1}, key(first),
	})
	require.NoError(t, err)
	require.Equal(t, []promo.Promotion{b.Promotion, a.Promotion, first}, got)
	got, err = s.Campaigns.Versions(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, got)
}

func campaignLive(t T, s storage.Stores) {
	want := map[campaign.ID]promo.Promotion{}
	all := map[campaign.ID]bool{}
	for _, c := range []struct {
		state campaign.State
		until time.Time
		live  bool
	}{
		{campaign.Active, noon().Add(time.Microsecond), true},
		{campaign.Active, time.Time{}, true},
		{campaign.Active, noon(), false},
		{campaign.Draft, time.Time{}, false},
		{campaign.Paused, time.Time{}, false},
		{campaign.Ended, time.Time{}, false},
	} {
		in := newCampaign()
		in.State, in.Promotion.From, in.Promotion.Until = c.state, noon().Add(-time.Hour), c.until
		require.NoError(t, s.Campaigns.Insert(t.Context(), &in))
		all[in.ID] = true
		if c.live {
			want[in.ID] = in.Promotion
		}
	}
	got, err := s.Campaigns.Live(t.Context(), noon())
	require.NoError(t, err)
	require.True(t, slices.IsSortedFunc(got, func(a, b promo.Promotion) int { return cmp.Compare(a.ID, b.ID) }))
	for _, p := range got {
		if all[p.ID] { // other cases have theirs
			require.Equal(t, want[p.ID], p)
			delete(want, p.ID)
		}
	}
	require.Empty(t, want)
}

func campaignRevision(t T, s storage.Stores) {
	seen := map[string]bool{}
	differs := func(why string) {
		t.Helper()
		r, err := s.Campaigns.Revision(t.Context())
		require.NoError(t, err)
		require.False(t, seen[r], why)
		seen[r] = true
	}
	differs("the first")
	c := newCampaign()
	c.State = campaign.Active
	require.NoError(t, s.Campaigns.Insert(t.Context(), &c))
	differs("an insert")
	require.NoError(t, s.Campaigns.Update(t.Context(), &c))
	differs("an update")
	c.State = campaign.Ended
	require.NoError(t, s.Campaigns.Update(t.Context(), &c))
	differs("an end")
	g := newPromoGroup()
	require.NoError(t, s.PromoGroups.Insert(t.Context(), &g))
	differs("a group")
	require.NoError(t, s.PromoGroups.Update(t.Context(), &g))
	differs("another group")
	require.NoError(t, s.PromoGroups.Remove(t.Context(), g.ID, g.Version))
	differs("no group")

	// What a unit that is rolled back has shown never comes again.
	for range 2 {
		err := s.Units.Do(t.Context(), func(ctx context.Context) error {
			mine := newCampaign()
			mine.State = campaign.Active
			if err := s.Campaigns.Insert(ctx, &mine); err != nil {
				return err
			}
			r, err := s.Campaigns.Revision(ctx)
			require.NoError(t, err)
			require.False(t, seen[r], "a unit")
			seen[r] = true
			return errRehearsal
		})
		require.ErrorIs(t, err, errRehearsal)
	}
}

func campaignPages(t T, s storage.Stores) {
	merchant := ref.MerchantID(newID())
	want := map[campaign.ID]campaign.Campaign{}
	add := func(state campaign.State) campaign.Campaign {
		c := newCampaign()
		c.Merchant, c.State = merchant, state
		require.NoError(t, s.Campaigns.Insert(t.Context(), &c))
		return c
	}
	for i := range 10 {
		state := campaign.Paused
		if i%3 == 0 {
			state = campaign.Ended
		}
		c := add(state)
		if state == campaign.Paused {
			want[c.ID] = c
		}
	}
	seen := map[campaign.ID]bool{}
	req := page.Request{Limit: 2}
	for {
		p, err := s.Campaigns.List(t.Context(), campaign.Query{Merchant: merchant, State: campaign.Paused}, req)
		require.NoError(t, err)
		require.LessOrEqual(t, len(p.Items), 2)
		require.True(t, slices.IsSortedFunc(p.Items, func(a, b campaign.Campaign) int { return cmp.Compare(a.ID, b.ID) }))
		for _, c := range p.Items {
			require.False(t, seen[c.ID], "a row repeats")
			seen[c.ID] = true
			require.Equal(t, merchant, c.Merchant)
			require.Equal(t, campaign.Paused, c.State)
			if w, ok := want[c.ID]; ok {
				require.Equal(t, w, c)
			}
		}
		if len(seen) < 4 {
			add(campaign.Paused) // an insert between two pages
		}
		if p.Next == "" {
			break
		}
		req.After = p.Next
	}
	for id := range want {
		require.True(t, seen[id], "a row was skipped")
	}

	for _, redeem := range []promo.Redeem{promo.RedeemCoupon, promo.RedeemCode} {
		c := newCampaign()
		c.Merchant, c.Promotion.Merchant, c.Promotion.Redeem = merchant, merchant, redeem
		if redeem == promo.RedeemCode {
			c.Promotion.Code = "SPRING"
		}
		require.NoError(t, s.Campaigns.Insert(t.Context(), &c))
		p, err := s.Campaigns.List(t.Context(), campaign.Query{Merchant: merchant, Redeem: redeem}, page.Request{})
		require.NoError(t, err)
		require.Equal(t, []campaign.Campaign{c}, p.Items)
	}

	site := newCampaign()
	site.Merchant = ""
	require.NoError(t, s.Campaigns.Insert(t.Context(), &site))
	p, err := s.Campaigns.List(t.Context(), campaign.Query{Site: true}, page.Request{Limit: page.MaxLimit})
	require.NoError(t, err)
	require.True(t, slices.ContainsFunc(p.Items, func(c campaign.Campaign) bool { return c.ID == site.ID }))
	for _, c := range p.Items {
		require.Empty(t, c.Merchant)
	}
	p, err = s.Campaigns.List(t.Context(), campaign.Query{}, page.Request{Limit: 1})
	require.NoError(t, err)
	require.Len(t, p.Items, 1)
	_, err = s.Campaigns.List(t.Context(), campaign.Query{Merchant: merchant}, page.Request{After: p.Next})
	require.ErrorIs(t, err, fault.Invalid, "a cursor of another list")
	_, err = s.Campaigns.List(t.Context(), campaign.Query{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
	for _, forged := range []string{"\x00", "\xff", "'; --", ""} { // well-formed, yet nobody was given it
		_, err = s.Campaigns.List(t.Context(), campaign.Query{}, page.Request{After: page.Encode("campaign.id", forged)})
		require.True(t, err == nil || errors.Is(err, fault.Invalid), "%q: %v", forged, err)
	}
	_, err = s.Campaigns.List(t.Context(), campaign.Query{}, page.Request{Limit: page.MaxLimit + 1})
	require.ErrorIs(t, err, fault.Invalid)
}
