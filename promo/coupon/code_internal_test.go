package coupon

import (
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
)

func TestCodesReadBack(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 2_000 {
		code, err := newCode(rand.Reader)
		require.NoError(t, err)
		require.False(t, seen[code])
		seen[code] = true
		require.Len(t, code, codeSize)
		shown := FormatCode(code)
		require.Regexp(t, `^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}-[0-9A-HJKMNP-TV-Z]$`, shown)
		for _, typed := range []string{
			code, shown, strings.ToLower(shown), " " + strings.ReplaceAll(shown, "-", " ") + "\n",
			strings.ReplaceAll(shown, "-", "–"), strings.NewReplacer("0", "o", "1", "l").Replace(shown), fullWidth(shown),
		} {
			got, err := ParseCode(typed)
			require.NoError(t, err, typed)
			require.Equal(t, code, got)
		}
	}
}

func fullWidth(s string) string {
	return strings.Map(func(r rune) rune { return r - '!' + '！' }, s)
}

// One wrong character, and two that changed places, are noticed always.
func TestSlipsAreNoticed(t *testing.T) {
	t.Parallel()
	for range 50 {
		code, err := newCode(rand.Reader)
		require.NoError(t, err)
		for i := range code {
			for _, r := range alphabet {
				wrong := code[:i] + string(r) + code[i+1:]
				if wrong == code {
					continue
				}
				_, err := ParseCode(wrong)
				require.ErrorIs(t, err, fault.Invalid, "%s for %s", wrong, code)
			}
			for j := range i {
				b := []byte(code)
				b[i], b[j] = b[j], b[i]
				if string(b) == code {
					continue
				}
				_, err := ParseCode(string(b))
				require.ErrorIs(t, err, fault.Invalid, "%s for %s", b, code)
			}
		}
	}
}

func TestEveryBitOfACodeIsRandom(t *testing.T) {
	t.Parallel()
	zero, err := newCode(strings.NewReader(strings.Repeat("\x00", codeBytes)))
	require.NoError(t, err)
	seen := map[string]bool{zero: true}
	for i := range codeBytes * 8 {
		raw := make([]byte, codeBytes)
		raw[i/8] = 1 << (i % 8)
		code, err := newCode(strings.NewReader(string(raw)))
		require.NoError(t, err)
		require.False(t, seen[code[:codeData]])
		seen[code[:codeData]] = true
	}
	_, err = newCode(io.MultiReader(strings.NewReader("short"), failing{}))
	require.ErrorIs(t, err, fault.Unavailable)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("no entropy") }

func FuzzParseCode(f *testing.F) {
	for _, seed := range []string{
		"", "0000-0000-0000-0000-0", "7Q2K-9FTM-0XAV-3HNB-D", "ＯＯＯＯ", strings.Repeat("-", 100), "\xff\xfe", "ſıK", "U", "💥",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := ParseCode(text)
		if err != nil {
			require.ErrorIs(t, err, fault.Invalid)
			require.Empty(t, code)
			return
		}
		require.Len(t, code, codeSize)
		require.True(t, utf8.ValidString(code))
		again, err := ParseCode(FormatCode(code))
		require.NoError(t, err)
		require.Equal(t, code, again, "the canonical form is its own")
	})
}
