package order

type Placed struct{}

func (Placed) EventName() string { return "order.placed.v1" }

type Paid struct{}

func (Paid) EventName() string { return "order.paid.v1" }

type Unversioned struct{}

func (Unversioned) EventName() string { return "order.unversioned" }

type Computed struct{ name string }

func (c Computed) EventName() string { return c.name }
