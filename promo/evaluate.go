package promo

import (
	"slices"

	"github.com/soukhq/souk/commerce/money"
)

// Evaluate finds the combination of candidates that leaves the buyer the least
// to pay, and says what it takes off, who pays for it, and what became of each
// candidate. A candidate that is not valid is decided, not an error. It is
// safe for concurrent use.
//
// A pinned candidate keeps out what it excludes. A gift or a reward that is
// pinned and cannot be given beside what is left after that is no longer
// insisted on: the rest is chosen anew, as if nobody had. However often that
// happens, all searches together visit no more nodes than Config.MaxNodes.
//
// Kinds: Invalid, where the cart or the groups are not valid, or the input is
// larger than Config allows.
func (e *Engine) Evaluate(in Input) (Result, error) {
	result, vain, err := e.evaluate(in, nil, 0)
	if err != nil || len(vain) == 0 {
		return result, err
	}
	in.Candidates = slices.Clone(in.Candidates)
	var eased []int
	for len(vain) > 0 {
		for _, i := range vain {
			in.Candidates[i].Pinned = false
		}
		eased = append(eased, vain...)
		exact := result.Search.Optimal
		if result, vain, err = e.evaluate(in, eased, result.Search.Nodes); err != nil {
			return Result{}, err
		}
		if !exact {
			result.Search.doubt()
		}
	}
	for i := range result.Decisions {
		d := &result.Decisions[i]
		for _, k := range eased {
			if in.Candidates[k].is(d) && !d.Applied() && d.Code != CodeDominated {
				d.Unpinned = true
			}
		}
	}
	return result, nil
}

// doubt notes that a search was cut which might have eased other pins, so that
// what those that are left cost is in doubt, too.
func (s *Search) doubt() {
	s.Optimal = false
	s.Gap = money.New(max(s.Gap.Minor(), s.PinCost.Minor()+s.PinGap.Minor()), s.Gap.Currency())
}

// is reports whether a decision is about the candidate.
func (c *Candidate) is(d *Decision) bool {
	return c.Promotion.ID == d.Promotion && (c.Coupon == nil && d.Coupon == "" || c.Coupon != nil && c.Coupon.ID == d.Coupon)
}

// evaluate is one round: eased are the places of the candidates that are not
// insisted on any more, and spent the nodes that the rounds before visited. It
// returns the places of those that kept others out in vain.
func (e *Engine) evaluate(in Input, eased []int, spent int) (Result, []int, error) {
	mem := e.arena()
	defer e.release(mem)
	held := &mem.input
	if *held = in; len(e.config.Conditions) > 0 { // which are shown the cart
		apart := in
		held = &apart
	}
	b, err := e.newBoard(mem, held)
	if err != nil {
		return Result{}, nil, err
	}
	v := &mem.evaluation
	v.board, v.eased = b, eased
	v.result.Search.Nodes = spent
	v.choose(v.sift())
	v.conclude()
	if !v.result.Search.Optimal && slices.ContainsFunc(v.after, func(r *rule) bool { return r.c.Pinned }) {
		v.result.Search.doubt()
	}
	return v.result, v.vain(), nil
}

// vain returns the places of the pinned candidates that give nothing after the
// sale, and kept others out.
func (v *evaluation) vain() []int {
	if v.unfixed {
		return nil
	}
	var out []int
	for _, r := range v.after {
		if r.c.Pinned && !v.decisions[r.place].Applied() {
			out = append(out, given(v.in.Candidates, r.c))
		}
	}
	return out
}

// evaluation is one round of Evaluate.
type evaluation struct {
	*board

	rules     []*rule    // by decision; nil for what another candidate stands for
	decisions []Decision // ordered by promotion and coupon

	plan    *plan
	budget  int     // of nodes, what is left of it for this round
	chosen  bitset  // of plan.rules
	cutPins bool    // the node budget ended before the pinned rules had a place
	unfixed bool    // the pinned rules could not all have one
	after   []*rule // that give something after the sale, in order
	final   state
	turn    state    // what was chosen before the rule that is explained
	records []record // of what is applied, in order
	eased   []int    // places of candidates that were pinned in vain
	result  Result
}

// choose searches the best combination of the rules that are open.
func (v *evaluation) choose(open []*rule) {
	rules := v.mem.lists.list(len(open))
	for _, r := range open {
		if r.phase == PhaseAfter {
			v.after = append(v.after, r)
		} else {
			rules = append(rules, r)
		}
	}
	slices.SortFunc(v.after, byPin)
	v.plan = newPlan(v.board, rules)
	s := &v.result.Search
	s.Optimal = true
	pinned := v.insists()
	v.budget = v.share(v.engine.nodes(len(v.lines), len(rules)), s.Nodes)
	saved, gap, ok := v.searchAll(pinned)
	if !ok && v.unpinShort() {
		saved, gap, ok = v.searchAll(pinned)
	}
	if v.unfixed = !ok; v.unfixed {
		saved, gap, _ = v.searchAll(false)
	}
	s.Gap, s.Optimal = v.money(gap), gap == 0 && !v.cutPins
	s.PinCost, s.PinGap = v.money(0), v.money(0)
	if ok && pinned {
		chosen := slices.Clone(v.chosen)
		best, missed, _ := v.searchAll(false)
		s.PinCost = v.money(max(0, best-saved))
		// Where best is less than saved, part of what was missed is known.
		s.PinGap = v.money(max(0, missed-max(0, saved-best)))
		v.chosen = chosen
	}
}

// insists reports whether what is pinned may keep anything out. Else the search
// is the one without pins.
func (v *evaluation) insists() bool {
	return slices.ContainsFunc(v.plan.rules, func(r *rule) bool { return r.pinned }) ||
		slices.ContainsFunc(v.rivalsOfPinned(), func(word uint64) bool { return word != 0 })
}

// reserve is the part of the nodes that a search leaves to those after it.
const reserve = 8

// share returns how many nodes this round may visit: all that are left but for a
// part of the reserve. There may be as many rounds after it as it can ease pins.
func (v *evaluation) share(most, spent int) int {
	rounds := 0
	for _, r := range v.after {
		if r.c.Pinned {
			rounds++
		}
	}
	left := most - spent
	return left - min(left, most/reserve)*rounds/(rounds+1)
}

// unpinShort no longer insists on rules whose budget is short, and reports
// whether there are any.
func (v *evaluation) unpinShort() bool {
	any := false
	for _, r := range v.plan.rules {
		if r.pinned && r.short {
			r.pinned, any = false, true
		}
	}
	return any
}

// byPin orders pinned rules before the others, each as they apply.
func byPin(r, o *rule) int {
	if r.pinned != o.pinned {
		if r.pinned {
			return -1
		}
		return 1
	}
	return precedes(r, o)
}

// searchAll searches each component, with what is left of the node budget, but
// for pins with a reserve: another search tells what they cost, or does without.
// It is not ok if the pinned rules cannot all gain something.
func (v *evaluation) searchAll(pins bool) (saved, gap int64, ok bool) {
	v.chosen = v.mem.set(v.plan.words)
	left := v.budget
	var banned bitset
	if pins {
		left -= left / reserve
		banned = v.rivalsOfPinned()
	}
	for _, members := range v.plan.components() {
		if len(members) == 1 && banned == nil { // nothing to choose: it gains something alone
			r := v.plan.rules[members[0]]
			switch gain := v.gain(&v.start, r); {
			case gain <= r.left:
				saved += gain
				v.chosen.add(members[0])
			case pins && r.pinned:
				return 0, 0, false
			}
			continue
		}
		s := search{plan: v.plan, members: members, pins: pins, banned: banned, budget: left}
		s.run()
		left -= s.nodes
		v.budget -= s.nodes
		v.result.Search.Nodes += s.nodes
		if !s.found {
			v.cutPins = s.cut > 0
			return 0, 0, false
		}
		saved += s.best
		gap += max(0, s.cut-s.best)
		v.chosen.include(s.chosen)
	}
	return saved, gap, true
}

// rivalsOfPinned returns the rules that cannot apply beside a pinned one that
// changes no amount, which the search does not see.
func (v *evaluation) rivalsOfPinned() bitset {
	var banned bitset
	for _, r := range v.after {
		if !r.c.Pinned {
			continue
		}
		if banned == nil {
			banned = v.mem.set(v.plan.words)
		}
		for i, o := range v.plan.rules {
			if v.rivals(r, o) != "" || !Shares(r.p, o.p) {
				banned.add(i)
			}
		}
	}
	return banned
}

// rivals returns the group of one, per order or per merchant, that keeps two
// rules apart, or nothing.
func (b *board) rivals(r, o *rule) GroupID {
	for _, id := range r.groups {
		g := &b.groups[id]
		if g.Per != OneLine && g.max() == 1 && slices.Contains(o.groups, id) && (g.Per == OneOrder || r.meets(o)) {
			return g.ID
		}
	}
	return ""
}

// conclude applies what was chosen, and explains the rest.
func (v *evaluation) conclude() {
	v.final = v.newState()
	v.final.start(v.board)
	v.record()
	v.allocate()
	v.total()
	v.grantAll()
	v.explainAll()
	for i, r := range v.rules {
		if d := &v.decisions[i]; r != nil && r.c.Pinned && !d.Applied() {
			d.Unpinned = true
		}
	}
	v.result.Decisions = v.decisions
	for _, code := range v.in.Cart.Codes {
		if !v.known(code) {
			v.result.Decisions = append(v.result.Decisions, Decision{Code: CodeUnknown, Params: Params{Code: code}})
		}
	}
}

// known reports whether a code belongs to a candidate.
func (v *evaluation) known(code string) bool {
	one := Cart{Codes: []string{code}}
	return slices.ContainsFunc(v.in.Candidates, func(c Candidate) bool {
		return c.Promotion.Code != "" && one.typed(c.Promotion.Code) || c.Promotion.When.asks(code)
	})
}

// asks reports whether a condition is about a code.
func (w *Condition) asks(code string) bool {
	one := Cart{Codes: []string{code}}
	asks := func(w Condition) bool { return w.asks(code) }
	return w.Code != "" && one.typed(w.Code) || w.Not != nil && w.Not.asks(code) ||
		slices.ContainsFunc(w.All, asks) || slices.ContainsFunc(w.Any, asks)
}
