package fakepay

// Plan is how the bank treats one payment.
type Plan string

// The plans.
const (
	// Approve takes the money at once.
	Approve Plan = "approve"
	// Ask sends the buyer to the pay page, where [Bank.Approve],
	// [Bank.Decline] or nobody decides.
	Ask Plan = "ask"
	// Refuse declines at once.
	Refuse Plan = "refuse"
	// Slow is at work until [Bank.Approve] or [Bank.Decline].
	Slow Plan = "slow"
	// Authorize holds the money until it is captured.
	Authorize Plan = "authorize"
)

// Call names the calls of the bank's API.
type Call string

// The calls.
const (
	CallPay         Call = "pay"
	CallQuery       Call = "query"
	CallCancel      Call = "cancel"
	CallCapture     Call = "capture"
	CallRefund      Call = "refund"
	CallQueryRefund Call = "query_refund"
)

// Trouble is what happens to one call on its way.
type Trouble string

// The troubles.
const (
	// Refused: turned away before anything happened, and the caller knows.
	Refused Trouble = "refused"
	// LostBefore: the request never arrives; the caller waits in vain.
	LostBefore Trouble = "lost_before"
	// LostAfter: it takes effect, and the answer is lost.
	LostAfter Trouble = "lost_after"
	// Silent: it takes effect, and no answer comes until the caller gives up.
	Silent Trouble = "silent"
	// Overcharge: it takes effect with one minor unit more than was asked.
	Overcharge Trouble = "overcharge"
)

// Plan sets how the next payments are treated, one plan each; afterwards
// Config.Plan applies again.
func (b *Bank) Plan(plans ...Plan) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.plans = append(b.plans, plans...)
}

// Trouble lets things happen to the next calls of one kind, one each.
func (b *Bank) Trouble(call Call, troubles ...Trouble) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.troubles[call] = append(b.troubles[call], troubles...)
}

func (b *Bank) nextPlan() Plan {
	if len(b.plans) == 0 {
		return b.cfg.Plan
	}
	p := b.plans[0]
	b.plans = b.plans[1:]
	return p
}

func (b *Bank) nextTrouble(call Call) Trouble {
	queue := b.troubles[call]
	if len(queue) == 0 {
		return ""
	}
	b.troubles[call] = queue[1:]
	return queue[0]
}
