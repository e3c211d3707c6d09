package order

import (
	"context"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"github.com/soukhq/souk/commerce/fault"
)

// Numberer names groups and orders for people. [Book.Place] calls it inside
// its unit of work: an implementation may count in a store of the same
// backend, and calls nothing outside.
type Numberer interface {
	// Group returns a number for a group. Try counts up from 0 where the
	// number returned before was taken.
	Group(ctx context.Context, g *Group, try int) (string, error)
	// Order returns the number of the order at a place in the group, from 0.
	Order(group string, place int) string
	// Split takes a number as somebody typed it and returns the group's
	// number. Ok is false for a text that cannot be a number.
	Split(typed string) (group string, ok bool)
}

// DateNumbers is the default [Numberer]: the day, seven characters spread by
// a hash of the group's id and a check digit, such as "261121-K7QM2XPC"; the
// orders of the group add "-1", "-2". It counts nothing, so that no two
// buyers ever wait for each other. The letters are Crockford's base 32, which
// has no I, L, O and U; the check digit finds every single wrong character
// and nearly every swap of neighbours.
type DateNumbers struct {
	// Location is where the day begins. Defaults to UTC.
	Location *time.Location
}

var _ Numberer = DateNumbers{}

const (
	base32    = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	dayLen    = 6
	spreadLen = 7
)

// Group implements [Numberer].
func (n DateNumbers) Group(_ context.Context, g *Group, try int) (string, error) {
	loc := n.Location
	if loc == nil {
		loc = time.UTC
	}
	sum := sha256.Sum256([]byte(string(g.ID) + "/" + strconv.Itoa(try)))
	body := []byte(g.PlacedAt.In(loc).Format("060102"))
	for i := range spreadLen {
		body = append(body, base32[sum[i]&31])
	}
	return string(body[:dayLen]) + "-" + string(body[dayLen:]) + string(checkDigit(body)), nil
}

// Order implements [Numberer].
func (DateNumbers) Order(group string, place int) string {
	return group + "-" + strconv.Itoa(place+1)
}

// Split implements [Numberer]: it forgives case, blanks, missing hyphens
// before the spread part and letters that are taken for digits.
func (DateNumbers) Split(typed string) (string, bool) {
	if len(typed) > 64 {
		return "", false
	}
	s := strings.NewReplacer("O", "0", "I", "1", "L", "1", " ", "").Replace(strings.ToUpper(typed))
	parts := strings.Split(s, "-")
	var body string
	switch {
	case len(parts[0]) == dayLen && len(parts) >= 2 && len(parts) <= 3:
		body = parts[0] + parts[1]
	case len(parts) <= 2:
		body = parts[0]
	}
	if len(body) != dayLen+spreadLen+1 {
		return "", false
	}
	for i := range len(body) {
		if strings.IndexByte(base32, body[i]) < 0 || i < dayLen && body[i] > '9' {
			return "", false
		}
	}
	last := len(body) - 1
	if checkDigit([]byte(body[:last])) != body[last] {
		return "", false
	}
	return body[:dayLen] + "-" + body[dayLen:], true
}

// checkDigit is Luhn's algorithm in base 32.
func checkDigit(body []byte) byte {
	sum, factor := 0, 2
	for i := len(body) - 1; i >= 0; i-- {
		p := factor * strings.IndexByte(base32, body[i])
		sum += p/32 + p%32
		factor = 3 - factor
	}
	return base32[(32-sum%32)%32]
}

func checkNumber(number string) error {
	c := &checker{}
	if number == "" {
		c.Add("number", "required", nil)
	}
	c.text("number", number, 64)
	if err := c.Err("order.number", "the numberer's answer is not a number"); err != nil {
		return fault.Wrap(err, fault.Internal, "order.number", "the numberer's answer is not a number")
	}
	return nil
}
