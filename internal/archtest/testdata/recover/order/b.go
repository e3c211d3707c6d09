package order

func local() { recover := func() int { return 0 }; _ = recover() }
