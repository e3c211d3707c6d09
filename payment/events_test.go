package payment_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/soukhq/souk/commerce/event"
	"github.com/soukhq/souk/payment"
	"github.com/soukhq/souk/payment/fakepay"
)

// golden reads the file of an event, decodes it and encodes it again.
func golden[P any, PP interface {
	*P
	event.Payload
}](t *testing.T, want P) {
	t.Helper()
	name := PP(new(P)).EventName()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		file := filepath.Join("testdata", "events", name+".json")
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		var got P
		require.NoError(t, event.Decode(event.Record{Name: name, Payload: raw}, PP(&got)))
		require.Equal(t, want, got)
		again, err := json.Marshal(got)
		require.NoError(t, err)
		require.Equal(t, strings.TrimSpace(string(raw)), string(again))
	})
}

func TestGoldenEvents(t *testing.T) {
	t.Parallel()
	golden(t, payment.Opened{Intent: "i-1", Group: "g-1", Payable: usd(1000), Gateway: "fakepay"})
	golden(t, payment.Reduced{Intent: "i-1", Group: "g-1", Payable: usd(600)})
	golden(t, payment.Captured{
		Intent: "i-1", Group: "g-1", Attempt: "a-1", Gateway: "fakepay", Amount: usd(1000), Counted: true,
	})
	golden(t, payment.AttemptFailed{
		Intent: "i-1", Group: "g-1", Attempt: "a-1", Gateway: "fakepay", State: payment.AttemptDeclined,
		Code: "refused", Advice: payment.AdviceOtherMethod,
	})
	golden(t, payment.Closed{Intent: "i-1", Group: "g-1", State: payment.IntentCanceled, Reason: payment.CancelExpired})
	golden(t, payment.Conflicted{
		Intent: "i-1", Group: "g-1", Attempt: "a-1", Ours: usd(1000), TheirMinor: 999, TheirCurrency: "EUR",
	})
	golden(t, payment.RefundMoved{
		Intent: "i-1", Group: "g-1", Refund: "r-1", Reason: payment.ReasonLate, Amount: usd(1000),
		State: payment.RefundSucceeded,
	})
	golden(t, payment.CaseOpened{Case: "c-1", Reason: payment.CaseStuck, Intent: "i-1"})
	files, err := os.ReadDir(filepath.Join("testdata", "events"))
	require.NoError(t, err)
	require.Len(t, files, 8, "every file has its event")
}

func TestEventsTellTheStory(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.bank.Plan(fakepay.Refuse)
	in := s.pay()
	in, err := s.svc.Retry(t.Context(), buyer(), payment.RetryInput{Intent: in.ID, After: s.last(in).ID, Gateway: "fakepay"})
	require.NoError(t, err)
	_, err = s.refund(in, "a", 1000)
	require.NoError(t, err)
	s.sweep()
	var names []string
	for _, r := range s.log.records {
		require.Equal(t, payment.Topic, r.Topic)
		require.Equal(t, string(in.ID), r.Aggregate)
		names = append(names, r.Name)
	}
	require.Equal(t, []string{
		"payment.opened.v1", "payment.attempt_failed.v1", "payment.captured.v1",
		"payment.refund_moved.v1", "payment.refund_moved.v1",
	}, names)
}
