package picture

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Kind is the sort of thing a picture shows, such as "phone".
type Kind string

// Colour names the main colour of the thing, such as "rose".
type Colour string

// Spec says what to draw. Equal specs give equal pictures.
type Spec struct {
	Kind   Kind
	Colour Colour
	// Seed moves the details: the ground, the pattern, the tilt.
	Seed uint32
}

// errSpec answers a key or a spec that names nothing that can be drawn.
var errSpec = errors.New("picture: no such picture")

// Key returns the spec as a short text that is safe in a file name and a URL:
// "phone-rose-00c0ffee".
func (s Spec) Key() string {
	return fmt.Sprintf("%s-%s-%08x", s.Kind, s.Colour, s.Seed)
}

// ParseKey is the reverse of [Spec.Key]. It accepts exactly the texts that Key
// returns for pictures that can be drawn.
func ParseKey(key string) (Spec, error) {
	parts := strings.Split(key, "-")
	if len(parts) != 3 {
		return Spec{}, errSpec
	}
	seed, err := strconv.ParseUint(parts[2], 16, 32)
	if err != nil {
		return Spec{}, errSpec
	}
	s := Spec{Kind: Kind(parts[0]), Colour: Colour(parts[1]), Seed: uint32(seed)}
	if s.Key() != key || !s.Colour.known() || shapeOf(s.Kind) == nil {
		return Spec{}, errSpec
	}
	return s, nil
}
