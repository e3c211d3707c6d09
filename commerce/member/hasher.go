package member

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/alexedwards/argon2id"

	"github.com/soukhq/souk/commerce/fault"
)

// The weakest parameters that a [Hasher] accepts (OWASP, 2024).
const (
	MinHashMemory     = 19456 // KiB
	MinHashIterations = 2
	maxHashMemory     = 1 << 20 // of a stored hash: 1 GiB
	maxHashIterations = 64
)

// HasherConfig tunes a [Hasher].
type HasherConfig struct {
	// MemoryKiB is the memory of one hash. Defaults to MinHashMemory, the least.
	MemoryKiB uint32
	// Iterations over the memory. Defaults to MinHashIterations, the least.
	Iterations uint32
	// Parallelism is the number of lanes. Defaults to 1.
	Parallelism uint8
	// Concurrent bounds the hashes computed at the same time in this process,
	// and with them the memory. Defaults to the number of processors.
	Concurrent int
}

// Hasher hashes and checks passwords with argon2id. It is safe for concurrent
// use; who waits for a turn waits no longer than the context.
type Hasher struct {
	params argon2id.Params
	turns  chan struct{}
}

// NewHasher returns a Hasher, or an error that names every weak parameter.
func NewHasher(cfg HasherConfig) (*Hasher, error) {
	if cfg.MemoryKiB == 0 {
		cfg.MemoryKiB = MinHashMemory
	}
	if cfg.Iterations == 0 {
		cfg.Iterations = MinHashIterations
	}
	if cfg.Parallelism == 0 {
		cfg.Parallelism = 1
	}
	if cfg.Concurrent == 0 {
		cfg.Concurrent = runtime.GOMAXPROCS(0)
	}
	var wrong []error
	check := func(ok bool, field string, low, high int64) {
		if !ok {
			wrong = append(wrong, fmt.Errorf("member.HasherConfig.%s must be %d to %d", field, low, high))
		}
	}
	check(cfg.MemoryKiB >= MinHashMemory && cfg.MemoryKiB <= maxHashMemory, "MemoryKiB", MinHashMemory, maxHashMemory)
	check(cfg.Iterations >= MinHashIterations && cfg.Iterations <= maxHashIterations, "Iterations", MinHashIterations, maxHashIterations)
	check(cfg.Concurrent > 0 && cfg.Concurrent <= 1024, "Concurrent", 1, 1024)
	if err := errors.Join(wrong...); err != nil {
		return nil, err
	}
	return &Hasher{
		params: argon2id.Params{
			Memory: cfg.MemoryKiB, Iterations: cfg.Iterations, Parallelism: cfg.Parallelism, SaltLength: 16, KeyLength: 32,
		},
		turns: make(chan struct{}, cfg.Concurrent),
	}, nil
}

// Hash returns the hash of a password, with a fresh salt, in PHC string
// format. Kinds: Canceled.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	done, err := h.turn(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	hash, err := argon2id.CreateHash(normalPassword(password), &h.params)
	if err != nil {
		return "", fault.Wrap(err, fault.Internal, "member.hash", "the password could not be hashed")
	}
	return hash, nil
}

// Check reports whether password is the one that was hashed, and whether the
// hash is weaker than this Hasher's are, so that it should be made anew. The
// empty hash is nobody's and takes as long as one of this Hasher's. Kinds:
// Canceled; Internal for a damaged hash.
func (h *Hasher) Check(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	if hash == "" {
		_, err := h.Hash(ctx, password)
		return false, false, err
	}
	done, err := h.turn(ctx)
	if err != nil {
		return false, false, err
	}
	defer done()
	p, _, _, err := argon2id.DecodeHash(hash)
	if err == nil && (p.Memory < 8 || p.Memory > maxHashMemory || p.Iterations < 1 || p.Iterations > maxHashIterations ||
		p.Parallelism < 1 || p.KeyLength < 16 || p.KeyLength > 64) {
		err = argon2id.ErrInvalidHash // the algorithm would panic, or take all memory
	}
	if err == nil {
		ok, _, err = argon2id.CheckHash(normalPassword(password), hash)
	}
	if err != nil {
		return false, false, fault.Wrap(err, fault.Internal, "member.hash", "the stored hash is damaged")
	}
	stale = p.Memory < h.params.Memory || p.Iterations < h.params.Iterations || p.KeyLength < h.params.KeyLength ||
		p.SaltLength < h.params.SaltLength
	return ok, ok && stale, nil
}

func (h *Hasher) turn(ctx context.Context) (done func(), err error) {
	err = ctx.Err() // an ended context never wins a free turn
	if err == nil {
		select {
		case h.turns <- struct{}{}:
			return func() { <-h.turns }, nil
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	return nil, fault.Wrap(err, fault.Canceled, "member.hash_canceled", "the caller gave up waiting for the hash")
}

// Accept is [CheckPassword], so that a Hasher is all that another domain needs
// to keep passwords.
func (h *Hasher) Accept(path, password string, hints ...string) error {
	return CheckPassword(path, password, hints...)
}
