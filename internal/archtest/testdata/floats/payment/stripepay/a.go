package stripepay

func amount(m map[string]float64) complex128 { return 1i }
