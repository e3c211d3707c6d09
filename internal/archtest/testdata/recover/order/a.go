package order

func place() {
	defer func() {
		if p := recover(); p != nil {
			return
		}
	}()
}
