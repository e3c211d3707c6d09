package order

func place(n int) {
	if n < 0 {
		panic("negative")
	}
}
