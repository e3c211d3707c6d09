package order

func test() { panic("boom") }
