package coupon_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/promo/coupon"
)

// The golden files were written by earlier versions and stay readable.
func TestStoredEventsStayReadable(t *testing.T) {
	t.Parallel()
	about := coupon.Subject{Coupon: "c1", Template: "t1", Promotion: "p1", Member: "m1"}
	end := time.Date(2026, 3, 21, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ want, fresh event.Payload }{
		{&coupon.Issued{Subject: about, Way: coupon.ByReward, Origin: "g1", ExpiresAt: end}, &coupon.Issued{}},
		{&coupon.WasUsed{Subject: about, Group: "g1"}, &coupon.WasUsed{}},
		{&coupon.Returned{Subject: about, Group: "g1"}, &coupon.Returned{}},
		{&coupon.RanOut{Subject: about}, &coupon.RanOut{}},
		{&coupon.TakenBack{Subject: about, Origin: "g1"}, &coupon.TakenBack{}},
		{
			&coupon.TemplateChanged{Template: "t1", Merchant: "tea-house", State: coupon.Active, Version: 2},
			&coupon.TemplateChanged{},
		},
		{&coupon.CodesMade{Batch: "b1", Template: "t1", Size: 100}, &coupon.CodesMade{}},
		{&coupon.CodesVoided{Batch: "b1", Template: "t1", Codes: 97}, &coupon.CodesVoided{}},
	} {
		name := c.want.EventName()
		raw, err := os.ReadFile(filepath.Join("testdata", "events", name+".json"))
		require.NoError(t, err)
		require.NoError(t, event.Decode(event.Record{Name: name, Payload: raw}, c.fresh))
		require.Equal(t, c.want, c.fresh)
		again, err := json.Marshal(c.fresh)
		require.NoError(t, err)
		require.Equal(t, string(raw), string(again)+"\n")
	}
}
