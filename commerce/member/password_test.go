package member_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/fault"
	"github.com/soukhq/souk/commerce/member"
)

func TestPasswordsThatAreRefused(t *testing.T) {
	t.Parallel()
	for password, code := range map[string]string{
		"":                             "required",
		"seven77":                      "too_short",
		"e\u0301e\u0301e\u0301e\u0301": "too_short", // four characters
		strings.Repeat("x y ", 40):     "too_long",
		"correct\xff horse":            "text",
		"password":                     "guessable",
		"Password1!":                   "guessable",
		"QWERTYUIOP":                   "guessable",
		"12345678":                     "guessable",
		"hgfedcba":                     "guessable",
		"aaaaaaaaaaaa":                 "guessable",
		"li.lei@example.com":           "guessable",
		"LI.LEI.1984":                  "guessable", // the hint is the local part
		"woaini1314":                   "guessable",
	} {
		err := member.CheckPassword("new", password, "li.lei@example.com", "li.lei.1984@example.com", "Li Lei")
		require.ErrorIs(t, err, fault.Invalid, "%q", password)
		var f *fault.Fault
		require.ErrorAs(t, err, &f)
		require.Len(t, f.Fields, 1)
		require.Equal(t, "new", f.Fields[0].Path)
		require.Equal(t, code, f.Fields[0].Code, "%q", password)
	}
	for _, password := range []string{
		goodPassword, "我的密码很长很安全吗", "8 chars.", "password of my grandmother", strings.Repeat("ab3", 42), "        x",
	} {
		require.NoError(t, member.CheckPassword("new", password, "li.lei@example.com", ""), "%q", password)
	}
}

func TestHashesSayHowTheyWereMade(t *testing.T) {
	t.Parallel()
	h, err := member.NewHasher(member.HasherConfig{})
	require.NoError(t, err)
	hash, err := h.Hash(t.Context(), goodPassword)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$"), hash)
	again, err := h.Hash(t.Context(), goodPassword)
	require.NoError(t, err)
	require.NotEqual(t, hash, again, "salted")

	ok, stale, err := h.Check(t.Context(), goodPassword, hash)
	require.NoError(t, err)
	require.True(t, ok)
	require.False(t, stale)
	ok, _, err = h.Check(t.Context(), goodPassword+" ", hash)
	require.NoError(t, err)
	require.False(t, ok)
	ok, _, err = h.Check(t.Context(), "", "")
	require.NoError(t, err)
	require.False(t, ok, "the empty hash is nobody's")

	composed, err := h.Hash(t.Context(), "caf\u00e9 au lait")
	require.NoError(t, err)
	ok, _, err = h.Check(t.Context(), "cafe\u0301 au lait", composed)
	require.NoError(t, err)
	require.True(t, ok, "another keyboard writes the same characters")

	stronger, err := member.NewHasher(member.HasherConfig{Iterations: 3})
	require.NoError(t, err)
	ok, stale, err = stronger.Check(t.Context(), goodPassword, hash)
	require.NoError(t, err)
	require.True(t, ok)
	require.True(t, stale)
	_, stale, err = stronger.Check(t.Context(), "wrong password", hash)
	require.NoError(t, err)
	require.False(t, stale, "a wrong password is not to be hashed anew")
}

func TestDamagedHashesAreErrorsAndNoPanics(t *testing.T) {
	t.Parallel()
	h, err := member.NewHasher(member.HasherConfig{})
	require.NoError(t, err)
	for _, hash := range []string{
		"x", "$argon2id$v=19$m=19456,t=0,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA", "$argon2id$v=19$m=19456,t=2,p=0$c2FsdA$aGFzaGhhc2hoYXNoaGFzaA",
		"$argon2id$v=19$m=4294967295,t=2,p=1$c2FsdA$aGFzaGhhc2hoYXNoaGFzaA", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$",
		"$argon2i$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA", "$2a$10$abcdefghijklmnopqrstuu",
	} {
		ok, _, err := h.Check(t.Context(), goodPassword, hash)
		require.ErrorIs(t, err, fault.Internal, hash)
		require.False(t, ok)
	}
}

func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	h, err := member.NewHasher(member.HasherConfig{Concurrent: 2})
	require.NoError(t, err)
	done := member.Busy(h)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	_, err = h.Hash(ctx, goodPassword)
	require.ErrorIs(t, err, fault.Canceled)
	_, _, err = h.Check(ctx, goodPassword, "")
	require.ErrorIs(t, err, fault.Canceled)
	done()
	_, err = h.Hash(t.Context(), goodPassword)
	require.NoError(t, err)
}

func TestWeakParametersAreRefused(t *testing.T) {
	t.Parallel()
	_, err := member.NewHasher(member.HasherConfig{MemoryKiB: 1024, Iterations: 1, Concurrent: -1})
	require.ErrorContains(t, err, "MemoryKiB")
	require.ErrorContains(t, err, "Iterations")
	require.ErrorContains(t, err, "Concurrent")
}
