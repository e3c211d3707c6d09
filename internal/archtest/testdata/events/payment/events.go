package payment

type Placed struct{}

func (Placed) EventName() string { return "order.placed.v1" }
