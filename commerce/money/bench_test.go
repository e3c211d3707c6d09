package money_test

import (
	"encoding/json"
	"testing"

	"github.com/soukhq/souk/commerce/money"
)

func BenchmarkAdd(b *testing.B) {
	x, y := money.New(12345, "CNY"), money.New(1, "CNY")
	b.ReportAllocs()
	for b.Loop() {
		x, _ = x.Add(y)
	}
}

func BenchmarkPercent(b *testing.B) {
	x := money.New(12345, "CNY")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = x.Percent(130_000, money.HalfUp)
	}
}

func BenchmarkAllocate100(b *testing.B) {
	weights := make([]int64, 100)
	for i := range weights {
		weights[i] = int64(i%7) * 1237
	}
	x := money.New(1_000_003, "CNY")
	b.ReportAllocs()
	for b.Loop() {
		_, _ = x.Allocate(weights)
	}
}

func BenchmarkFormat(b *testing.B) {
	x := money.New(123456789, "CNY")
	b.ReportAllocs()
	for b.Loop() {
		_ = x.Format("zh-CN")
	}
}

func BenchmarkParse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = money.Parse("en-US", "USD", "$1,234,567.89")
	}
}

func BenchmarkParseDecimal(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		_, _ = money.ParseDecimal("1234567.89", "USD")
	}
}

func BenchmarkJSON(b *testing.B) {
	x := money.New(123456789, "CNY")
	b.ReportAllocs()
	for b.Loop() {
		data, _ := json.Marshal(x)
		_ = json.Unmarshal(data, &x)
	}
}
