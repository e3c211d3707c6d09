package shipping

type other struct{}

func (other) System() int { return 0 }

func local() int {
	ref := other{}
	return ref.System()
}
