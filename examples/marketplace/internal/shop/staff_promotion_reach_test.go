package shop_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/ref"
	"github.com/soukhq/souk/promo"
)

// A promotion may be offered in several shops and beside some others, and comes
// back into its form as it was typed.
func TestAPromotionForSeveralShopsBesideSome(t *testing.T) {
	t.Parallel()
	h := newHouse(t, openMemory())
	noor := h.noor()
	form := func(changes ...string) []string {
		return append([]string{
			"kind", "limited-time-discount", "id", "both", "name", "Both 两店", "channel", "zh", "also.en", "yes", "also.zh", "yes", "v.percent", "10",
			"share", "with", "share_classes", "shipping, coupon", "share_owners", "site，harbour-and-pine", "share_groups", "reduction-or-coupon",
		}, changes...)
	}
	saved := noor.post("//staff/promotions/new", form("do", "save")...).sane(t)
	require.Equal(t, "/staff/promotions/both", saved.path, saved.body)
	p := h.campaign("both").Promotion
	require.Equal(t, []ref.ChannelID{"zh", "en"}, p.Channels)
	require.Equal(t, promo.Sharing{
		Mode: promo.ShareWith, Classes: []promo.Class{promo.ClassShipping, promo.ClassCoupon}, Owners: []ref.MerchantID{"", "harbour-and-pine"},
		Groups: []promo.GroupID{"reduction-or-coupon"},
	}, p.Sharing)
	edit := noor.get("//staff/promotions/both/edit").sane(t)
	the(t, edit, `name="share_classes" type="text" value="shipping, coupon"`, `name="share_owners" type="text" value="site, harbour-and-pine"`,
		`<option value="with" selected>`, `<option value="zh" selected>`, `name="also.en" value="yes" checked`)

	wrong := noor.post("//staff/promotions/new", form("do", "check", "budget", "100")...).sane(t)
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	the(t, wrong, `id="e-also"`, "This is another currency.")
	wrong = noor.post("//staff/promotions/new", strings.Split(strings.ReplaceAll(strings.Join(form("do", "check"), "\x00"), "shipping, coupon", "nonsense"), "\x00")...).sane(t)
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	the(t, wrong, `id="e-share_classes"`)
	wrong = noor.post("//staff/promotions/new", strings.Split(strings.ReplaceAll(strings.Join(form("do", "check"), "\x00"), "share\x00with", "share\x00none"), "\x00")...).sane(t)
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	the(t, wrong, `id="e-share`)
}
