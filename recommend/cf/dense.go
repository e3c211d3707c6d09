package cf

import (
	"context"
	"math"

	"github.com/soukhq/souk/commerce/fault"
)

// square is a symmetric matrix, both halves of it.
type square struct {
	n int
	v []float32
}

// gram sets s to XᵀX + ridge·I over the newest items of each user.
func (s square) gram(ctx context.Context, m *Matrix, ridge float32, workers int) error {
	return parallel(ctx, s.n, workers, func() func(i int) {
		return func(i int) {
			row := s.v[i*s.n : (i+1)*s.n]
			users, weights := m.byItem.at(int32(i))
			places := m.place[m.byItem.from[i]:]
			for p, u := range users {
				ids, each := m.byUser.at(u)
				from := max(0, len(ids)-UserCap)
				if int(places[p]) < from {
					continue // too old to count, in every row
				}
				w := weight(weights, p)
				for q := from; q < len(ids); q++ {
					row[ids[q]] += w * weight(each, q)
				}
			}
			row[i] += ridge
		}
	})
}

// panel is how many columns are worked on at once.
const panel = 48

// invert replaces a positive definite matrix by its inverse. It sweeps the
// matrix panel by panel, without pivots, which such a matrix does not need:
// with D the block on the diagonal and C the columns of a panel, the rest
// becomes A - C D⁻¹ Cᵀ, C becomes C D⁻¹ and D becomes -D⁻¹. The matrix stays
// symmetric all along, so that only its lower half is worked on; after the last
// panel it is the inverse with the other sign.
func (s square) invert(ctx context.Context, workers int) error {
	n := s.n
	left := make([]float32, n*panel)  // C D⁻¹, by row
	right := make([]float32, panel*n) // Cᵀ
	for k := 0; k < n; k += panel {
		w := min(panel, n-k)
		d, ok := s.block(k, w)
		if !ok {
			return fault.New(fault.Internal, "cf.singular", "the interactions make no definite matrix")
		}
		s.gather(right, k, w)
		const rows = 32
		blocks := (n + rows - 1) / rows
		err := parallel(ctx, blocks, workers, func() func(b int) {
			return func(b int) {
				lo := (blocks - 1 - b) * rows // the longest first
				s.update(left, right, d, lo, min(n, lo+rows), k, w)
			}
		})
		if err != nil {
			return err
		}
		s.scatter(left, d, k, w)
	}
	return parallel(ctx, n, workers, func() func(i int) {
		return func(i int) {
			row := s.v[i*n : i*n+i+1]
			for j, x := range row {
				row[j] = -x
			}
		}
	})
}

// mirror copies the lower half to the upper one.
func (s square) mirror() {
	const tile = 32
	for i := 0; i < s.n; i += tile {
		for j := 0; j <= i; j += tile {
			for a := i; a < min(s.n, i+tile); a++ {
				for b := j; b < min(a, j+tile); b++ {
					s.v[b*s.n+a] = s.v[a*s.n+b]
				}
			}
		}
	}
}

// gather sets out to the rows of a panel, from the lower half.
func (s square) gather(out []float32, k, w int) {
	n := s.n
	for i := range n {
		for r := range w {
			if i > k+r {
				out[r*n+i] = s.v[i*n+k+r]
			} else {
				out[r*n+i] = s.v[(k+r)*n+i]
			}
		}
	}
}

// scatter sets the rows and columns of a panel that has been swept.
func (s square) scatter(left []float32, d []float64, k, w int) {
	n := s.n
	for i := range n {
		for r := range w {
			switch {
			case i >= k+w:
				s.v[i*n+k+r] = left[i*panel+r]
			case i < k:
				s.v[(k+r)*n+i] = left[i*panel+r]
			case i >= k+r:
				s.v[i*n+k+r] = float32(-d[(i-k)*w+r])
			}
		}
	}
}

// block returns the inverse of the block of width w on the diagonal.
func (s square) block(k, w int) ([]float64, bool) {
	a := make([]float64, w*w)
	for i := range w {
		for j := range i + 1 {
			a[i*w+j] = float64(s.v[(k+i)*s.n+k+j])
			a[j*w+i] = a[i*w+j]
		}
	}
	for p := range w {
		pivot := a[p*w+p]
		if !(pivot > 0) || math.IsInf(pivot, 0) {
			return nil, false
		}
		for i := range w {
			if i == p {
				continue
			}
			f := a[i*w+p] / pivot
			for j := range w {
				if j != p {
					a[i*w+j] -= f * a[p*w+j]
				}
			}
			a[i*w+p] = -f
		}
		for j := range w {
			if j != p {
				a[p*w+j] /= pivot
			}
		}
		a[p*w+p] = 1 / pivot
	}
	return a, true
}

// update sets left to C D⁻¹ for the rows from lo to hi, and takes left times
// right from their lower half.
func (s square) update(left, right []float32, d []float64, lo, hi, k, w int) {
	n := s.n
	c := make([]float64, w)
	for i := lo; i < hi; i++ {
		if i >= k && i < k+w {
			clear(left[i*panel:][:w]) // the panel itself is scattered later
			continue
		}
		for r := range w {
			c[r] = float64(right[r*n+i])
		}
		for j := range w {
			var sum float64
			for r, x := range c {
				sum += x * d[r*w+j]
			}
			left[i*panel+j] = float32(sum)
		}
	}
	const columns = 512
	for from := 0; from < hi; from += columns {
		i := lo
		for ; i+1 < hi; i += 2 {
			if end := min(i+1, from+columns); end > from {
				minus2(s.v[i*n+from:i*n+end], s.v[(i+1)*n+from:(i+1)*n+end],
					left[i*panel:][:w], left[(i+1)*panel:][:w], right[from:], n)
			}
			if i+1 >= from && i+1 < from+columns { // the diagonal of the second row
				s.v[(i+1)*n+i+1] -= last(left[(i+1)*panel:][:w], right, i+1, n)
			}
		}
		if i < hi {
			for r, f := range left[i*panel:][:w] {
				if end := min(i+1, from+columns); end > from {
					axpy(-f, right[r*n+from:r*n+end], s.v[i*n+from:i*n+end])
				}
			}
		}
	}
}

// last is the product of one row of factors with one column of right.
func last(f, right []float32, column, stride int) float32 {
	var sum float32
	for r, x := range f {
		sum += x * right[r*stride+column]
	}
	return sum
}

// minus2 takes two rows of factors times the rows of right from a and b, four
// rows of right at a time.
func minus2(a, b, fa, fb, right []float32, stride int) {
	n := len(a)
	b = b[:n]
	r := 0
	for ; r+4 <= len(fa); r += 4 {
		a0, a1, a2, a3 := fa[r], fa[r+1], fa[r+2], fa[r+3]
		b0, b1, b2, b3 := fb[r], fb[r+1], fb[r+2], fb[r+3]
		r0, r1 := right[r*stride:][:n], right[(r+1)*stride:][:n]
		r2, r3 := right[(r+2)*stride:][:n], right[(r+3)*stride:][:n]
		for j := range a {
			x0, x1, x2, x3 := r0[j], r1[j], r2[j], r3[j]
			a[j] -= a0*x0 + a1*x1 + a2*x2 + a3*x3
			b[j] -= b0*x0 + b1*x1 + b2*x2 + b3*x3
		}
	}
	for ; r < len(fa); r++ {
		axpy(-fa[r], right[r*stride:][:n], a)
		axpy(-fb[r], right[r*stride:][:n], b)
	}
}

// axpy adds f times x to y.
func axpy(f float32, x, y []float32) {
	y = y[:len(x)]
	for len(x) >= 4 {
		y[0] += f * x[0]
		y[1] += f * x[1]
		y[2] += f * x[2]
		y[3] += f * x[3]
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		y[i] += f * v
	}
}

// dot returns the scalar product.
func dot(x, y []float32) float32 {
	y = y[:len(x)]
	var a, b, c, d float32
	for len(x) >= 4 {
		a += x[0] * y[0]
		b += x[1] * y[1]
		c += x[2] * y[2]
		d += x[3] * y[3]
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		a += v * y[i]
	}
	return a + b + c + d
}
