package cf

import "context"

// lanes is how many ways of counting go in one pass over the matrix.
const lanes = 4

// kernels measures several kernels in passes over the matrix, without keeping
// the rows of any: each row is made, asked by the users of the trial and
// dropped.
func (h *holdout) kernels(ctx context.Context, all []Kernel, workers int) ([]float64, error) {
	quality := make([]float64, len(all))
	type way struct{ user, gap float64 }
	var ways []way
	members := map[way][]int{}
	for i, k := range all {
		w := way{k.User, k.Gap}
		if members[w] == nil {
			ways = append(ways, w)
		}
		members[w] = append(members[w], i)
	}
	for len(ways) > 0 {
		t := newTrial(h)
		for _, w := range ways[:min(lanes, len(ways))] {
			for _, i := range members[w] {
				t.add(all[i], i)
			}
		}
		ways = ways[min(lanes, len(ways)):]
		if err := t.run(ctx, workers); err != nil {
			return nil, err
		}
		for c, i := range t.index {
			quality[i] = h.quality(func(n int) []Entry { return t.tops[c][n] })
		}
	}
	return quality, nil
}

// trial is one pass.
type trial struct {
	h       *holdout
	ways    []*norms // one for each lane
	kernels []*norms
	lane    []int
	index   []int
	ages    [][]float32
	asked   lists // of each item: who in the trial has it
	at      []int32
	tops    [][][]Entry // by kernel and user
}

func newTrial(h *holdout) *trial {
	t := &trial{h: h, asked: lists{from: make([]int32, h.train.items+1)}}
	for _, u := range h.users {
		ids, _ := h.train.byUser.at(u)
		for _, id := range ids {
			t.asked.from[id+1]++
		}
	}
	for i := range h.train.items {
		t.asked.from[i+1] += t.asked.from[i]
	}
	total := t.asked.from[h.train.items]
	t.asked.ids, t.asked.weight, t.at = make([]int32, total), make([]float32, total), make([]int32, total)
	next := append([]int32(nil), t.asked.from...)
	for n, u := range h.users {
		ids, weights := h.train.byUser.at(u)
		for p, id := range ids {
			t.asked.ids[next[id]], t.at[next[id]] = int32(n), int32(len(ids)-1-p)
			t.asked.weight[next[id]] = weight(weights, p)
			next[id]++
		}
	}
	return t
}

func (t *trial) add(k Kernel, index int) {
	n := t.h.train.norms(k)
	lane := -1
	for l, w := range t.ways {
		if w.kernel.User == k.User && w.kernel.Gap == k.Gap {
			lane = l
		}
	}
	if lane < 0 {
		lane = len(t.ways)
		t.ways = append(t.ways, n)
	}
	t.kernels, t.lane, t.index = append(t.kernels, n), append(t.lane, lane), append(t.index, index)
	t.ages = append(t.ages, ages(k.Recency))
}

// run makes every row. Each worker keeps its own best lists; which of them saw
// which row does not show in their union.
func (t *trial) run(ctx context.Context, workers int) error {
	const block = 64
	n := (t.h.train.items + block - 1) / block
	jurors := make(chan *juror, max(1, workers))
	err := parallel(ctx, n, workers, func() func(b int) {
		j := newJuror(t)
		jurors <- j
		return func(b int) {
			for i := b * block; i < min(t.h.train.items, (b+1)*block); i++ {
				j.judge(int32(i))
			}
		}
	})
	close(jurors)
	t.tops = make([][][]Entry, len(t.kernels))
	for c := range t.tops {
		t.tops[c] = make([][]Entry, len(t.h.users))
	}
	for j := range jurors {
		for c := range t.tops {
			for u, list := range j.best[c] {
				for _, e := range list {
					t.tops[c][u] = push(t.tops[c][u], e, trialDepth)
				}
			}
		}
	}
	for c := range t.tops {
		for _, list := range t.tops[c] {
			sortEntries(list)
		}
	}
	return err
}

// juror is a worker of a trial.
type juror struct {
	t     *trial
	acc   [][lanes]float32
	row   rower
	users Scores
	owns  []bool
	best  [][][]Entry
}

func newJuror(t *trial) *juror {
	j := &juror{t: t, acc: make([][lanes]float32, t.h.train.items), owns: make([]bool, len(t.h.users))}
	j.row.m = t.h.train
	j.row.acc.Reset(t.h.train.items)
	j.best = make([][][]Entry, len(t.kernels))
	for c := range j.best {
		j.best[c] = make([][]Entry, len(t.h.users))
	}
	return j
}

// judge makes the row of an item for every kernel and scores the item for
// every user of the trial who does not have it.
func (j *juror) judge(item int32) {
	t := j.t
	j.count(item)
	owners, _ := t.asked.at(item)
	for _, u := range owners {
		j.owns[u] = true
	}
	var row []Entry
	for c, n := range t.kernels {
		if c == 0 || t.lane[c] != t.lane[c-1] {
			for _, id := range j.row.acc.touched {
				j.row.acc.value[id] = j.acc[id][t.lane[c]]
			}
		}
		if c == 0 || !sameRow(n.kernel, t.kernels[c-1].kernel) {
			row = j.row.row(item, n, n.kernel.neighbours(t.h.train.items))
		}
		j.users.Reset(len(t.h.users))
		for _, e := range row {
			from, to := t.asked.from[e.Item], t.asked.from[e.Item+1]
			for p := from; p < to; p++ {
				if at := t.at[p]; at < ProfileCap {
					j.users.Add(t.asked.ids[p], e.Weight*t.asked.weight[p]*t.ages[c][at])
				}
			}
		}
		for _, u := range j.users.touched {
			list, e := j.best[c][u], Entry{item, j.users.value[u]}
			if (len(list) < trialDepth || better(e, list[0])) && !j.owns[u] {
				j.best[c][u] = push(list, e, trialDepth)
			}
		}
	}
	for _, u := range owners {
		j.owns[u] = false
	}
	for _, id := range j.row.acc.touched {
		j.acc[id] = [lanes]float32{}
	}
}

// sameRow reports whether two kernels differ in how they are asked alone.
func sameRow(a, b Kernel) bool {
	a.Recency = b.Recency
	return a == b
}

// count counts in every lane what [rower.count] counts in one.
func (j *juror) count(item int32) {
	m, acc := j.t.h.train, &j.row.acc
	acc.Reset(m.items)
	users, weights := m.byItem.at(item)
	places := m.place[m.byItem.from[item]:]
	for p := max(0, len(users)-ItemCap); p < len(users); p++ {
		u := users[p]
		ids, each := m.byUser.at(u)
		var w [lanes]float32
		for l, n := range j.t.ways {
			w[l] = n.user[u] * weight(weights, p)
		}
		at := int(places[p])
		for q := max(0, len(ids)-UserCap); q < len(ids); q++ {
			id := ids[q]
			d := max(at-q, q-at)
			if d == 0 {
				continue
			}
			if !acc.seen[id] {
				acc.seen[id] = true
				acc.touched = append(acc.touched, id)
			}
			a, v := &j.acc[id], weight(each, q)
			for l, n := range j.t.ways {
				switch {
				case n.near == nil:
					a[l] += w[l] * v
				case d <= len(n.near):
					a[l] += w[l] * v * n.near[d-1]
				}
			}
		}
	}
}
