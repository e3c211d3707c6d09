package coupon_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/clock"
	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/page"
	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo/coupon"
)

func TestNewServiceNamesWhatLacks(t *testing.T) {
	t.Parallel()
	_, err := coupon.NewService(coupon.Config{CodeKeys: []coupon.CodeKey{{ID: "a", Secret: []byte("short")}, key("b"), key("b")}})
	require.Error(t, err)
	for _, part := range []string{"Templates", "Coupons", "Codes", "Units", "Events", "Limiter", "CodeKeys[0].Secret", "CodeKeys[2].ID"} {
		require.Contains(t, err.Error(), part)
	}
}

func TestCreateNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	long := strings.Repeat("x", coupon.MaxTerms+1)
	_, err := b.Create(t.Context(), staff(), coupon.CreateInput{ID: " ", Merchant: "\x00", Terms: coupon.Terms{
		Promotion: "\xff", Name: long, Note: long, Way: "stolen", Opens: opening(), Closes: opening(),
		Validity: coupon.Validity{From: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), Until: opening(), Days: -1},
		Total:    -1, PerMember: coupon.MaxLimit + 1,
	}})
	require.ErrorIs(t, err, fault.Invalid)
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	var paths []string
	for _, field := range f.Fields {
		paths = append(paths, field.Path)
	}
	require.ElementsMatch(t, []string{
		"id", "merchant", "promotion", "name", "note", "way", "closes", "validity.from", "validity.until", "validity.days",
		"total", "per_member",
	}, paths)
	for promotion, code := range map[ref.PromotionID]string{
		"": "required", "nowhere": "unknown", "of-tea": "unknown", "automatic": "wants_no_coupon",
	} {
		in := terms(coupon.ByClaim)
		in.Promotion = promotion
		_, err := b.Create(t.Context(), staff(), coupon.CreateInput{Terms: in})
		require.ErrorAs(t, err, &f)
		require.Equal(t, []fault.Field{{Path: "promotion", Code: code}}, f.Fields)
	}
	in := terms(coupon.ByClaim)
	in.Promotion = "broken"
	_, err = b.Create(t.Context(), staff(), coupon.CreateInput{Terms: in})
	require.ErrorIs(t, err, fault.Unavailable)
}

func TestTemplatesBelongToTheirOwners(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := coupon.CreateInput{ID: "tea-ten", Terms: terms(coupon.ByClaim)}
	in.Promotion = "of-tea"
	for _, scope := range []ref.Scope{{}, ref.Guest("g"), ref.Member("bo")} {
		_, err := b.Create(t.Context(), scope, in)
		require.ErrorIs(t, err, fault.PermissionDenied)
		_, err = b.Templates(t.Context(), scope, coupon.TemplateQuery{}, page.Request{})
		require.ErrorIs(t, err, fault.PermissionDenied)
	}
	_, err := b.Create(t.Context(), ref.Merchant("silk"), coupon.CreateInput{Merchant: "tea", Terms: in.Terms})
	require.ErrorIs(t, err, fault.PermissionDenied)
	tpl, err := b.Create(t.Context(), ref.Merchant("tea"), in)
	require.NoError(t, err)
	require.EqualValues(t, "tea", tpl.Merchant)
	require.Equal(t, coupon.Paused, tpl.State)
	_, err = b.Create(t.Context(), ref.Merchant("tea"), in)
	require.ErrorIs(t, err, fault.AlreadyExists)

	for _, scope := range []ref.Scope{{}, ref.Guest("g"), ref.Member("bo"), ref.Merchant("silk")} {
		_, err := b.Template(t.Context(), scope, tpl.ID)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = b.Activate(t.Context(), scope, tpl.ID, tpl.Version)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = b.Update(t.Context(), scope, coupon.UpdateInput{ID: tpl.ID, Version: tpl.Version, Terms: tpl.Terms})
		require.ErrorIs(t, err, fault.NotFound)
		_, err = b.Issue(t.Context(), scope, coupon.IssueInput{Template: tpl.ID, Members: []ref.MemberID{"bo"}})
		require.ErrorIs(t, err, fault.NotFound)
		_, _, err = b.MakeCodes(t.Context(), scope, tpl.ID, 1)
		require.ErrorIs(t, err, fault.NotFound)
		_, err = b.Batches(t.Context(), scope, tpl.ID, page.Request{})
		require.ErrorIs(t, err, fault.NotFound)
		_, err = b.VoidBatch(t.Context(), scope, tpl.ID, "b")
		require.ErrorIs(t, err, fault.NotFound)
	}
	for _, scope := range []ref.Scope{ref.Merchant("tea"), staff(), ref.System()} {
		got, err := b.Template(t.Context(), scope, tpl.ID)
		require.NoError(t, err)
		require.Equal(t, tpl, got)
		list, err := b.Templates(t.Context(), scope, coupon.TemplateQuery{}, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 1)
	}
	list, err := b.Templates(t.Context(), ref.Merchant("silk"), coupon.TemplateQuery{}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, list.Items)
	_, err = b.Templates(t.Context(), ref.Merchant("silk"), coupon.TemplateQuery{Merchant: "tea"}, page.Request{})
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = b.Templates(t.Context(), staff(), coupon.TemplateQuery{Merchant: "\x00", State: "?", Way: "?"}, page.Request{})
	require.ErrorIs(t, err, fault.Invalid)
	for _, id := range []coupon.TemplateID{"", "\x00", "none"} {
		_, err = b.Template(t.Context(), staff(), id)
		require.ErrorIs(t, err, fault.NotFound)
	}
}

func TestTermsChangeForWhatComesLater(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := terms(coupon.ByClaim)
	in.Total = 5
	tpl := b.opened(t, in)
	first, err := b.Claim(t.Context(), ref.Member("bo"), coupon.ClaimInput{Template: tpl.ID})
	require.NoError(t, err)

	tpl.Name, tpl.Validity.Days, tpl.Reusable, tpl.Total = "20 off 100", 1, true, 9
	next, err := b.Update(t.Context(), staff(), coupon.UpdateInput{ID: tpl.ID, Version: tpl.Version, Terms: tpl.Terms})
	require.NoError(t, err)
	require.EqualValues(t, 1, next.Issued)
	got, err := b.Get(t.Context(), ref.Member("bo"), first.ID)
	require.NoError(t, err)
	require.Equal(t, first, got, "a coupon keeps what its template said")
	second, err := b.Claim(t.Context(), ref.Member("bo"), coupon.ClaimInput{Template: tpl.ID})
	require.NoError(t, err)
	require.Equal(t, "20 off 100", second.Name)
	require.True(t, second.Reusable)
	require.Equal(t, opening().Add(24*time.Hour), second.ExpiresAt)

	_, err = b.Update(t.Context(), staff(), coupon.UpdateInput{ID: tpl.ID, Version: tpl.Version, Terms: tpl.Terms})
	require.ErrorIs(t, err, fault.Conflict)
	low := next.Terms
	low.Total = 1
	_, err = b.Update(t.Context(), staff(), coupon.UpdateInput{ID: tpl.ID, Version: next.Version, Terms: low})
	code, _ := codeOf(t, err, fault.Exhausted)
	require.Equal(t, "coupon.total", code)
	low.Total, low.PerMember = 0, 3
	_, err = b.Update(t.Context(), staff(), coupon.UpdateInput{ID: tpl.ID, Version: next.Version, Terms: low})
	var f *fault.Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, []fault.Field{{Path: "total", Code: "fixed"}, {Path: "per_member", Code: "fixed"}}, f.Fields)

	next, err = b.End(t.Context(), staff(), tpl.ID, next.Version)
	require.NoError(t, err)
	_, err = b.Update(t.Context(), staff(), coupon.UpdateInput{ID: tpl.ID, Version: next.Version, Terms: next.Terms})
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = b.Activate(t.Context(), staff(), tpl.ID, next.Version)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	require.Equal(t, 4, b.log.names["coupon.template_changed.v1"])
}

func TestValidity(t *testing.T) {
	t.Parallel()
	at := opening()
	day := 24 * time.Hour
	for _, c := range []struct {
		v           coupon.Validity
		from, until time.Time
	}{
		{coupon.Validity{}, at, time.Time{}},
		{coupon.Validity{Days: 2}, at, at.Add(2 * day)},
		{coupon.Validity{From: at.Add(-day), Until: at.Add(day)}, at, at.Add(day)},
		{coupon.Validity{From: at.Add(day), Until: at.Add(3 * day)}, at.Add(day), at.Add(3 * day)},
		{coupon.Validity{From: at.Add(day), Until: at.Add(3 * day), Days: 1}, at.Add(day), at.Add(2 * day)},
		{coupon.Validity{Until: at.Add(day), Days: 7}, at, at.Add(day)},
	} {
		from, until := c.v.Of(at)
		require.Equal(t, c.from, from, "%+v", c.v)
		require.Equal(t, c.until, until, "%+v", c.v)
	}
}

func TestClaimSaysWhyNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	claim := func(scope ref.Scope, id coupon.TemplateID) error {
		_, err := b.Claim(t.Context(), scope, coupon.ClaimInput{Template: id})
		return err
	}
	in := terms(coupon.ByClaim)
	in.Total, in.PerMember = 2, 1
	in.Opens, in.Closes = opening().Add(time.Hour), opening().Add(2*time.Hour)
	tpl, err := b.Create(t.Context(), staff(), coupon.CreateInput{Terms: in})
	require.NoError(t, err)
	bo := ref.Member("bo")
	closed := func(want coupon.Reason) {
		t.Helper()
		code, reason := codeOf(t, claim(bo, tpl.ID), fault.FailedPrecondition)
		require.Equal(t, "coupon.closed", code)
		require.Equal(t, string(want), reason)
	}
	closed(coupon.ReasonInactive)
	tpl, err = b.Activate(t.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)
	closed(coupon.ReasonNotYet)
	b.clock.Advance(time.Hour)
	require.NoError(t, claim(bo, tpl.ID))
	code, reason := codeOf(t, claim(bo, tpl.ID), fault.Exhausted)
	require.Equal(t, "coupon.exhausted member_limit", code+" "+reason)
	require.NoError(t, claim(ref.Member("cy"), tpl.ID))
	_, reason = codeOf(t, claim(ref.Member("di"), tpl.ID), fault.Exhausted)
	require.Equal(t, "sold_out", reason)
	b.clock.Advance(time.Hour)
	closed(coupon.ReasonOver)

	in = terms(coupon.ByClaim)
	in.Validity = coupon.Validity{Until: b.clock.Now().Add(time.Minute)}
	tpl = b.opened(t, in)
	require.NoError(t, claim(bo, tpl.ID))
	b.clock.Advance(time.Minute)
	closed(coupon.ReasonOver)

	require.ErrorIs(t, claim(ref.Guest("g"), tpl.ID), fault.Unauthenticated)
	require.ErrorIs(t, claim(ref.Scope{}, tpl.ID), fault.Unauthenticated)
	require.ErrorIs(t, claim(staff(), tpl.ID), fault.PermissionDenied)
	require.ErrorIs(t, claim(bo, "none"), fault.NotFound)
	require.ErrorIs(t, claim(bo, b.opened(t, terms(coupon.ByHand)).ID), fault.NotFound)
	_, err = b.Claim(t.Context(), bo, coupon.ClaimInput{Template: tpl.ID, Key: strings.Repeat("k", coupon.MaxKey+1)})
	require.ErrorIs(t, err, fault.Invalid)
	b.sound(t)
}

func TestARepeatedClaimGivesTheSameCoupon(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := terms(coupon.ByClaim)
	in.Total = 1
	tpl := b.opened(t, in)
	input := coupon.ClaimInput{Template: tpl.ID, Key: "form-1"}
	c, err := b.Claim(t.Context(), ref.Member("bo"), input)
	require.NoError(t, err)
	require.NoError(t, b.hold(t.Context(), "g", "bo", c.ID))
	again, err := b.Claim(t.Context(), ref.Member("bo"), input)
	require.NoError(t, err)
	require.Equal(t, c.ID, again.ID)
	require.Equal(t, coupon.Held, again.State, "as it is by now")
	_, err = b.Claim(t.Context(), ref.Member("cy"), input)
	require.ErrorIs(t, err, fault.Exhausted, "a key is its member's")
	_, err = b.Pause(t.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)
	again, err = b.Claim(t.Context(), ref.Member("bo"), input)
	require.NoError(t, err)
	require.Equal(t, c.ID, again.ID)
	require.Equal(t, 1, b.log.names["coupon.issued.v1"])
	b.sound(t)
}

func TestOffersSayWhatCanBeClaimed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	offer := func(change func(*coupon.Terms)) coupon.Template {
		in := terms(coupon.ByClaim)
		change(&in)
		return b.opened(t, in)
	}
	free := offer(func(*coupon.Terms) {})
	once := offer(func(in *coupon.Terms) { in.PerMember = 1 })
	last := offer(func(in *coupon.Terms) { in.Total = 1 })
	soon := offer(func(in *coupon.Terms) { in.Opens = opening().Add(time.Hour) })
	offer(func(in *coupon.Terms) { in.Closes = opening().Add(time.Second) })
	offer(func(in *coupon.Terms) { in.Way = coupon.ByCode })
	_, err := b.Create(t.Context(), staff(), coupon.CreateInput{Terms: terms(coupon.ByClaim)})
	require.NoError(t, err)
	b.clock.Advance(time.Second)
	for _, id := range []coupon.TemplateID{free.ID, once.ID, last.ID} {
		_, err := b.Claim(t.Context(), ref.Member("bo"), coupon.ClaimInput{Template: id})
		require.NoError(t, err)
	}
	see := func(scope ref.Scope) map[coupon.TemplateID]coupon.Reason {
		found, err := b.Offers(t.Context(), scope, coupon.OfferQuery{Site: true}, page.Request{})
		require.NoError(t, err)
		out := map[coupon.TemplateID]coupon.Reason{}
		for _, o := range found.Items {
			out[o.Template.ID] = o.Blocked
		}
		return out
	}
	require.Equal(t, map[coupon.TemplateID]coupon.Reason{
		free.ID: "", once.ID: coupon.ReasonMember, last.ID: coupon.ReasonSoldOut, soon.ID: coupon.ReasonNotYet,
	}, see(ref.Member("bo")))
	require.Equal(t, map[coupon.TemplateID]coupon.Reason{
		free.ID: "", once.ID: "", last.ID: coupon.ReasonSoldOut, soon.ID: coupon.ReasonNotYet,
	}, see(ref.Guest("g")))
	found, err := b.Offers(t.Context(), ref.Scope{}, coupon.OfferQuery{Merchant: "tea"}, page.Request{})
	require.NoError(t, err)
	require.Empty(t, found.Items)
	_, err = b.Offers(t.Context(), ref.Scope{}, coupon.OfferQuery{Merchant: "\x00"}, page.Request{})
	require.ErrorIs(t, err, fault.Invalid)
	_, err = b.Offers(t.Context(), ref.Scope{}, coupon.OfferQuery{}, page.Request{After: "junk"})
	require.ErrorIs(t, err, fault.Invalid)
}

func TestIssueByHand(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := terms(coupon.ByHand)
	in.Total, in.PerMember = 3, 1
	tpl, err := b.Create(t.Context(), staff(), coupon.CreateInput{Terms: in})
	require.NoError(t, err)
	input := coupon.IssueInput{Template: tpl.ID, Members: []ref.MemberID{"cy", "bo"}, Key: "sorry-1"}
	got, err := b.Issue(t.Context(), staff(), input)
	require.NoError(t, err, "a paused template can be given by hand")
	require.Len(t, got, 2)
	require.EqualValues(t, "cy", got[0].Member)
	require.Equal(t, coupon.ByHand, got[0].Way)
	again, err := b.Issue(t.Context(), staff(), input)
	require.NoError(t, err)
	require.Equal(t, got, again)
	_, err = b.Issue(t.Context(), staff(), coupon.IssueInput{Template: tpl.ID, Members: []ref.MemberID{"di", "bo"}})
	_, reason := codeOf(t, err, fault.Exhausted)
	require.Equal(t, "member_limit", reason)
	_, err = b.Issue(t.Context(), staff(), coupon.IssueInput{Template: tpl.ID, Members: []ref.MemberID{"di", "ed"}})
	_, reason = codeOf(t, err, fault.Exhausted)
	require.Equal(t, "sold_out", reason)
	require.Equal(t, 2, b.log.names["coupon.issued.v1"])

	for _, members := range [][]ref.MemberID{nil, make([]ref.MemberID, coupon.MaxIssue+1), {"bo", "bo"}, {"\x00"}} {
		_, err = b.Issue(t.Context(), staff(), coupon.IssueInput{Template: tpl.ID, Members: members})
		require.ErrorIs(t, err, fault.Invalid)
	}
	tpl, err = b.Template(t.Context(), staff(), tpl.ID)
	require.NoError(t, err)
	_, err = b.End(t.Context(), staff(), tpl.ID, tpl.Version)
	require.NoError(t, err)
	_, err = b.Issue(t.Context(), staff(), coupon.IssueInput{Template: tpl.ID, Members: []ref.MemberID{"di"}})
	require.ErrorIs(t, err, fault.FailedPrecondition)

	for _, scope := range []ref.Scope{{}, ref.Member("bo"), ref.Merchant("tea")} {
		_, err = b.Revoke(t.Context(), scope, got[0].ID)
		require.ErrorIs(t, err, fault.PermissionDenied)
	}
	require.NoError(t, b.hold(t.Context(), "g", "bo", got[1].ID))
	taken, err := b.Revoke(t.Context(), staff(), got[0].ID, got[1].ID, "\x00", "none")
	require.NoError(t, err)
	require.Len(t, taken, 1)
	require.Equal(t, got[0].ID, taken[0].ID)
	_, err = b.Revoke(t.Context(), staff(), make([]coupon.ID, coupon.MaxIssue+1)...)
	require.ErrorIs(t, err, fault.Invalid)
	taken, err = b.Revoke(t.Context(), staff())
	require.NoError(t, err)
	require.Empty(t, taken)
	require.Equal(t, 1, b.log.names["coupon.revoked.v1"])
	b.sound(t)
}

func TestCouponsBelongToTheirMembers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := terms(coupon.ByHand)
	in.Promotion = "of-tea"
	tpl, err := b.Create(t.Context(), ref.Merchant("tea"), coupon.CreateInput{Terms: in})
	require.NoError(t, err)
	got, err := b.Issue(t.Context(), ref.Merchant("tea"), coupon.IssueInput{Template: tpl.ID, Members: []ref.MemberID{"bo"}})
	require.NoError(t, err)
	for _, scope := range []ref.Scope{ref.Member("bo"), ref.Merchant("tea"), staff(), ref.System()} {
		c, err := b.Get(t.Context(), scope, got[0].ID)
		require.NoError(t, err)
		require.Equal(t, got[0], c)
		list, err := b.List(t.Context(), scope, coupon.Query{}, page.Request{})
		require.NoError(t, err)
		require.Len(t, list.Items, 1)
	}
	for _, scope := range []ref.Scope{{}, ref.Guest("bo"), ref.Member("cy"), ref.Merchant("silk")} {
		_, err := b.Get(t.Context(), scope, got[0].ID)
		require.ErrorIs(t, err, fault.NotFound)
	}
	for _, scope := range []ref.Scope{ref.Member("cy"), ref.Merchant("silk")} {
		for _, q := range []coupon.Query{{}, {Member: "bo"}, {Merchant: "tea"}} {
			list, err := b.List(t.Context(), scope, q, page.Request{})
			require.NoError(t, err)
			require.Empty(t, list.Items)
		}
	}
	_, err = b.List(t.Context(), ref.Guest("g"), coupon.Query{}, page.Request{})
	require.ErrorIs(t, err, fault.PermissionDenied)
	_, err = b.List(t.Context(), staff(), coupon.Query{Member: "\x00", State: "lost"}, page.Request{})
	require.ErrorIs(t, err, fault.Invalid)
	for _, id := range []coupon.ID{"", "\x00", "none"} {
		_, err = b.Get(t.Context(), staff(), id)
		require.ErrorIs(t, err, fault.NotFound)
	}
	require.Error(t, b.hold(t.Context(), "g", "cy", got[0].ID))
}

func TestHoldSaysWhyNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	in := terms(coupon.ByHand)
	in.Validity = coupon.Validity{From: opening().Add(time.Hour), Days: 1}
	tpl := b.opened(t, in)
	give := func() coupon.ID {
		got, err := b.Issue(t.Context(), staff(), coupon.IssueInput{Template: tpl.ID, Members: []ref.MemberID{"bo"}})
		require.NoError(t, err)
		return got[0].ID
	}
	why := func(id coupon.ID) coupon.Reason {
		t.Helper()
		code, reason := codeOf(t, b.hold(t.Context(), "g", "bo", id), fault.Exhausted)
		require.Equal(t, "coupon.unavailable", code)
		return coupon.Reason(reason)
	}
	a := give()
	require.Equal(t, coupon.ReasonNotYet, why(a))
	b.clock.Advance(time.Hour)
	used, held, revoked, over := give(), give(), give(), give()
	require.NoError(t, b.hold(t.Context(), "other", "bo", used))
	_, err := b.settle(t.Context(), "other", coupon.Paid)
	require.NoError(t, err)
	require.NoError(t, b.hold(t.Context(), "another", "bo", held))
	_, err = b.Revoke(t.Context(), staff(), revoked)
	require.NoError(t, err)
	require.Equal(t, coupon.ReasonUsed, why(used))
	require.Equal(t, coupon.ReasonHeld, why(held))
	require.Equal(t, coupon.ReasonRevoked, why(revoked))
	require.Equal(t, coupon.ReasonMissing, why("none"))
	require.Equal(t, coupon.ReasonMissing, why("\x00"))
	require.NoError(t, b.hold(t.Context(), "g", "bo", a, a), "twice is once")
	require.NoError(t, b.hold(t.Context(), "g", "bo"))
	b.clock.Advance(24 * time.Hour)
	require.Equal(t, coupon.ReasonOver, why(over))
	require.NoError(t, b.hold(t.Context(), "g", "bo", a), "the order has it already")

	n, err := b.ExpireDue(t.Context(), ref.System(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n, "what orders hold does not expire")
	require.Equal(t, coupon.ReasonOver, why(over))
	moved, err := b.settle(t.Context(), "g", coupon.Unpaid)
	require.NoError(t, err)
	require.Len(t, moved, 1)
	n, err = b.ExpireDue(t.Context(), ref.System(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n, "what came back too late does")
	n, err = b.ExpireDue(t.Context(), ref.System(), 10)
	require.NoError(t, err)
	require.Zero(t, n)
	_, err = b.ExpireDue(t.Context(), staff(), 10)
	require.ErrorIs(t, err, fault.PermissionDenied)
	names := b.log.names
	require.Equal(t, []int{2, 1, 1, 1}, []int{
		names["coupon.expired.v1"], names["coupon.used.v1"], names["coupon.returned.v1"], names["coupon.revoked.v1"],
	})
	err = b.Hold(t.Context(), coupon.Holding{Group: "g", Member: "bo", IDs: []coupon.ID{a}, At: opening()})
	require.ErrorIs(t, err, fault.FailedPrecondition, "it needs a unit")
}

func TestWallet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	tpl := b.opened(t, terms(coupon.ByHand))
	got, err := b.Issue(t.Context(), staff(), coupon.IssueInput{Template: tpl.ID, Members: []ref.MemberID{"bo", "cy"}})
	require.NoError(t, err)
	wallet, err := b.Wallet(t.Context(), "bo", b.clock.Now())
	require.NoError(t, err)
	require.Equal(t, got[:1], wallet)
	wallet, err = b.Wallet(t.Context(), "\x00", b.clock.Now())
	require.NoError(t, err)
	require.Empty(t, wallet)
}

func TestTheDefaultsWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Promotions, b.cfg.Clock, b.cfg.Orders, b.cfg.Rewards, b.cfg.CodeKeys = nil, nil, nil, nil, nil
	s, err := coupon.NewService(b.cfg)
	require.NoError(t, err)
	in := terms(coupon.ByCode)
	in.Promotion = "whatever"
	before := clock.System{}.Now()
	tpl, err := s.Create(t.Context(), staff(), coupon.CreateInput{Terms: in})
	require.NoError(t, err)
	require.False(t, tpl.CreatedAt.Before(before))
	_, _, err = s.MakeCodes(t.Context(), staff(), tpl.ID, 1)
	require.ErrorIs(t, err, fault.FailedPrecondition)
	_, err = s.Redeem(t.Context(), ref.Member("bo"), coupon.RedeemInput{Code: "0000-0000-0000-0000-0"})
	require.ErrorIs(t, err, fault.NotFound)
	require.NoError(t, errors.Join(
		s.React(t.Context(), b.happened("order", "order.paid.v1", `{"group":"g"}`)),
		s.React(t.Context(), b.happened("order", "order.shipped.v1", `{`)),
		s.React(t.Context(), b.happened("product", "product.changed.v1", `{`)),
	))
}
