package coupon

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
)

func TestEveryTransition(t *testing.T) {
	t.Parallel()
	allowed := map[[2]State]bool{
		{Claimed, Held}: true, {Claimed, Expired}: true, {Claimed, Revoked}: true,
		{Held, Claimed}: true, {Held, Used}: true,
		{Used, Claimed}: true,
	}
	states := []State{Claimed, Held, Used, Expired, Revoked}
	require.Len(t, transitions, len(states))
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, from := range states {
		for _, to := range append(states, "", "unheard_of") {
			c := Coupon{State: from}
			ok := c.move(to, at)
			require.Equal(t, allowed[[2]State{from, to}], ok, "%s to %s", from, to)
			if ok {
				require.Equal(t, Coupon{State: to, UpdatedAt: at}, c)
			} else {
				require.Equal(t, Coupon{State: from}, c, "a refused step changes nothing")
			}
		}
	}
}

func TestEveryTransitionOfATemplate(t *testing.T) {
	t.Parallel()
	allowed := map[[2]TemplateState]bool{
		{Paused, Active}: true, {Paused, Ended}: true, {Active, Paused}: true, {Active, Ended}: true,
	}
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, from := range []TemplateState{Paused, Active, Ended} {
		for _, to := range []TemplateState{Paused, Active, Ended, "", "unheard_of"} {
			tpl := Template{State: from}
			err := tpl.transition(to, at)
			if allowed[[2]TemplateState{from, to}] {
				require.NoError(t, err)
				require.Equal(t, Template{State: to, UpdatedAt: at}, tpl)
				continue
			}
			require.ErrorIs(t, err, fault.FailedPrecondition)
			require.Equal(t, Template{State: from}, tpl)
		}
	}
}

// What becomes of a coupon, from every state by every outcome.
func TestEveryOutcome(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		from     State
		outcome  Outcome
		reusable bool
		to       State
	}{
		{Held, Paid, false, Used},
		{Held, Paid, true, Used},
		{Held, Unpaid, false, Claimed},
		{Held, Unpaid, true, Claimed},
		{Held, Canceled, false, Used},
		{Held, Canceled, true, Claimed},
		{Used, Paid, true, Used},
		{Used, Unpaid, true, Used},
		{Used, Canceled, false, Used},
		{Used, Canceled, true, Claimed},
		{Claimed, Paid, true, Claimed},
		{Claimed, Unpaid, true, Claimed},
		{Claimed, Canceled, true, Claimed},
		{Expired, Paid, true, Expired},
		{Expired, Canceled, true, Expired},
		{Revoked, Unpaid, true, Revoked},
		{Revoked, Canceled, false, Revoked},
	} {
		x := Coupon{State: c.from, Reusable: c.reusable, Group: "g"}
		changed := x.Settle(c.outcome, at)
		require.Equal(t, c.to, x.State, "%+v", c)
		require.Equal(t, c.from != c.to, changed, "%+v", c)
		if changed {
			require.Equal(t, c.to == Used, x.Group == "g" && x.UsedAt.Equal(at), "%+v", c)
		}
	}
}
