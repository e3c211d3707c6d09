package promo

// components splits a plan into sets of rules that neither exclude nor touch
// one another: each can be searched by itself. Places are ascending.
func (p *plan) components() [][]int {
	if len(p.rules) == 1 {
		return append(p.b.mem.components.list(1), p.b.mem.places.cut(1))
	}
	f := forest{parent: p.b.mem.places.cut(len(p.rules))}
	for i := range f.parent {
		f.parent[i] = i
	}
	lines, ships := p.b.firsts(len(p.b.lines)), p.b.firsts(len(p.b.shipments))
	for i, r := range p.rules {
		for _, ship := range r.shipments {
			f.meet(ships, ship, i)
		}
		if r.phase != PhaseShipping || r.p.Lines.NotDiscounted {
			for _, line := range r.unitLines() {
				f.meet(lines, line, i)
			}
		}
		r.when.reads(r, func(line int) { f.meet(lines, line, i) })
		if r.p.Benefit.Tiers != nil {
			for _, line := range r.lines {
				f.meet(lines, line, i)
			}
		}
		for j := range i {
			if p.apart[i].has(j) {
				f.join(i, j)
			}
		}
	}
	for _, q := range p.quotas {
		first := -1
		for i := range p.rules {
			switch {
			case !q.members.has(i):
			case first < 0:
				first = i
			default:
				f.join(first, i)
			}
		}
	}
	components := p.b.mem.components.list(len(p.rules))
	place, size := p.b.firsts(len(p.rules)), p.b.mem.places.cut(len(p.rules))
	for i := range p.rules {
		size[f.root(i)]++
	}
	for i := range p.rules {
		root := f.root(i)
		if place[root] < 0 {
			place[root] = len(components)
			components = append(components, p.b.mem.places.list(size[root]))
		}
		components[place[root]] = append(components[place[root]], i)
	}
	return components
}

// reads calls line for every line whose running amount the test depends on.
func (t *test) reads(r *rule, line func(int)) {
	for i := range t.tests {
		t.tests[i].reads(r, line)
	}
	if t.op != opAmount || t.basis == BasisList {
		return
	}
	lines := t.lines
	if lines == nil {
		lines = r.lines
	}
	for _, i := range lines {
		line(i)
	}
}

// firsts returns n places of nobody.
func (b *board) firsts(n int) []int {
	places := b.mem.places.cut(n)
	for i := range places {
		places[i] = -1
	}
	return places
}

// forest joins sets.
type forest struct{ parent []int }

func (f *forest) root(i int) int {
	for f.parent[i] != i {
		f.parent[i] = f.parent[f.parent[i]]
		i = f.parent[i]
	}
	return i
}

func (f *forest) join(i, j int) { f.parent[f.root(j)] = f.root(i) }

// meet joins i with the first that was met at a place.
func (f *forest) meet(firsts []int, place, i int) {
	if firsts[place] < 0 {
		firsts[place] = i
		return
	}
	f.join(firsts[place], i)
}
