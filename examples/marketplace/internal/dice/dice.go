package dice

import "hash/fnv"

// Dice is a stream of numbers. The zero value is the stream of no seed.
type Dice struct{ state uint64 }

// New returns the stream of the seeds, in their order.
func New(seeds ...string) *Dice {
	h := fnv.New64a()
	for _, s := range seeds {
		h.Write([]byte(s)) //nolint:gosec // a hash never fails
		h.Write([]byte{0}) //nolint:gosec // a hash never fails
	}
	return &Dice{state: h.Sum64()}
}

// N returns the next number, from 0 to n-1; 0 where n is not positive.
func (d *Dice) N(n int) int {
	if n <= 0 {
		return 0
	}
	d.state += 0x9e3779b97f4a7c15
	z := d.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return int(z % uint64(n)) //nolint:gosec // below n, which is an int
}
