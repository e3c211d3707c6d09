package order

type fake struct{}

func (fake) EventName() string { return "fake" }
