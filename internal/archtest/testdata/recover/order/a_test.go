package order

func test() { defer func() { _ = recover() }() }
