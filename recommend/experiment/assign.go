package experiment

import (
	"hash/fnv"
	"slices"

	"github.com/soukhq/souk/commerce/ref"
)

// Arm is one of the strategies of an experiment and its share of visitors
// beside the others'.
type Arm struct {
	Name   string
	Weight int
}

// Assign returns the arm of a visitor, "" where no arm has a positive weight.
// The same visitor gets the same arm as long as the arms stay; different
// experiments mix independently.
func Assign(experiment, visitor string, arms []Arm) string {
	total := uint64(0)
	for _, a := range arms {
		total += uint64(max(0, a.Weight))
	}
	if total == 0 {
		return ""
	}
	at := lot(experiment, visitor) % total
	for _, a := range arms {
		w := uint64(max(0, a.Weight))
		if at < w {
			return a.Name
		}
		at -= w
	}
	return ""
}

// lot draws a number for the parts.
func lot(parts ...string) uint64 {
	h := fnv.New64a()
	for _, p := range parts {
		_, _ = h.Write([]byte(p)) // a hash never fails
		_, _ = h.Write([]byte{0})
	}
	x := h.Sum64() // whose low bits are not even enough
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// Mixed is a place of an interleaved list.
type Mixed struct {
	Product ref.ProductID
	// Team is 0 or 1: whose pick the product was.
	Team int
}

// Interleave makes one list of at most n out of two rankings by drafting
// teams: round by round a coin, which falls by the request, says who picks
// first, and each picks its best product that is not there yet. Over many
// requests the better ranking wins more clicks; see [Credit].
func Interleave(request string, a, b []ref.ProductID, n int) []Mixed {
	rankings := [2][]ref.ProductID{a, b}
	var list []Mixed
	taken := map[ref.ProductID]bool{}
	pick := func(team int) bool {
		for _, p := range rankings[team] {
			if !taken[p] {
				taken[p] = true
				list = append(list, Mixed{p, team})
				return true
			}
		}
		return false
	}
	coins := lot("interleave", request)
	for round := 0; len(list) < n; round++ {
		first := int(coins >> (round % 64) & 1)
		picked := pick(first)
		if len(list) < n {
			picked = pick(1-first) || picked
		}
		if !picked {
			break
		}
	}
	return list
}

// Credit returns which team the clicked products of one list speak for: 0 or
// 1, -1 for neither.
func Credit(list []Mixed, clicked []ref.ProductID) int {
	var score [2]int
	for _, m := range list {
		if slices.Contains(clicked, m.Product) {
			score[m.Team]++
		}
	}
	switch {
	case score[0] > score[1]:
		return 0
	case score[1] > score[0]:
		return 1
	}
	return -1
}
