package picture_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/soukhq/souk/examples/marketplace/internal/picture"
)

func ExampleSpec_Key() {
	spec := picture.Spec{Kind: "phone", Colour: "rose", Seed: 42}
	back, err := picture.ParseKey(spec.Key())
	fmt.Println(spec.Key(), back == spec, err)
	// Output: phone-rose-0000002a true <nil>
}

func TestEverythingCanBeDrawnInEveryColour(t *testing.T) {
	t.Parallel()
	for _, kind := range picture.Kinds() {
		for i, colour := range picture.Colours() {
			spec := picture.Spec{Kind: kind, Colour: colour, Seed: uint32(i)}
			svg, err := picture.Draw(spec)
			require.NoError(t, err, spec.Key())
			require.Less(t, len(svg), 24<<10, spec.Key())
			requireWellFormed(t, svg, spec.Key())
			again, err := picture.Draw(spec)
			require.NoError(t, err)
			require.True(t, bytes.Equal(svg, again), "%s is drawn the same way twice", spec.Key())
		}
	}
}

func requireWellFormed(t *testing.T, svg []byte, key string) {
	t.Helper()
	require.NotContains(t, string(svg), "%!", key)
	ids, used := map[string]bool{}, []string{}
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err, key)
		el, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		require.NotContains(t, []string{"script", "image", "foreignObject", "a", "use", "style"}, el.Name.Local, key)
		for _, a := range el.Attr {
			switch {
			case a.Name.Local == "id":
				ids[a.Value] = true
			case strings.HasPrefix(a.Value, "url("):
				used = append(used, strings.TrimSuffix(strings.TrimPrefix(a.Value, "url(#"), ")"))
			}
			require.False(t, strings.HasPrefix(a.Name.Local, "on"), key)
		}
	}
	for _, id := range used {
		require.True(t, ids[id], "%s paints with %s", key, id)
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		"", "phone", "phone-rose", "phone-rose-2a", "phone-rose-0000002A", "phone-plaid-0000002a", "planet-rose-0000002a",
		"phone-rose-0000002a-1", "phone-rose-+000002a", "../phone-rose-0000002a", "phone-rose-1000000000",
	} {
		_, err := picture.ParseKey(key)
		require.Error(t, err, key)
	}
	_, err := picture.Draw(picture.Spec{Kind: "planet", Colour: "rose"})
	require.Error(t, err)
	_, err = picture.Draw(picture.Spec{Kind: "phone", Colour: "<script>"})
	require.Error(t, err)
}

func TestKeysReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		spec := picture.Spec{
			Kind:   rapid.SampledFrom(picture.Kinds()).Draw(t, "kind"),
			Colour: rapid.SampledFrom(picture.Colours()).Draw(t, "colour"),
			Seed:   rapid.Uint32().Draw(t, "seed"),
		}
		back, err := picture.ParseKey(spec.Key())
		if err != nil || back != spec {
			t.Fatalf("%v became %v, %v", spec, back, err)
		}
	})
}
