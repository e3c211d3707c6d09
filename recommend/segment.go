package recommend

import (
	"strings"

	"github.com/soukhq/souk/commerce/ref"
)

// Segment is a group of visitors, as a path from the general to the special:
// "country=cn/region=sh", "gender=f/age=25-34". A segment of which little is
// known leans on its parent. Where somebody is and which circle they follow are
// segments like any other. What a visitor did counts in the segments that they
// had then; whoever asks names those that they have now.
type Segment string

// Parent returns the segment without its last step, "" at the top.
func (s Segment) Parent() Segment {
	i := strings.LastIndexByte(string(s), '/')
	return s[:max(i, 0)]
}

// Who visitors are to a shop, by what it knows of them: see [InShop].
const (
	NewVisitor    = "new"    // nothing: the first page
	GuestVisitor  = "guest"  // was there before
	MemberVisitor = "member" // signed in
)

// InShop is the segment of the visitors of a storefront, such as
// "shop=en/visitor=guest".
func InShop(channel ref.ChannelID, who string) Segment {
	return path([2]string{"shop", string(channel)}, [2]string{"visitor", who})
}

// InRegion is the segment of those who live somewhere, such as
// "country=us/region=ca", or of a country where the region is not known; ""
// where nothing is.
func InRegion(country, region string) Segment {
	return path([2]string{"country", country}, [2]string{"region", region})
}

// path makes a segment of names and values; it ends before a value that is
// empty or too long.
func path(steps ...[2]string) Segment {
	var s string
	for i, x := range steps {
		value := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(x[1]), "/", "-"))
		step := x[0] + "=" + value
		if i > 0 {
			step = s + "/" + step
		}
		if value == "" || len(step) > maxText || !ref.PlainText(step) {
			break
		}
		s = step
	}
	return Segment(s)
}
