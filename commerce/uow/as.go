package uow

// As returns the optional power P of a port, looked for in the port itself
// and then in whatever it wraps: a wrapper has a method Unwrap() any. So a
// traced or metered store keeps the powers of the one behind it.
func As[P any](port any) (P, bool) {
	for {
		if p, ok := port.(P); ok {
			return p, true
		}
		w, ok := port.(interface{ Unwrap() any })
		if !ok {
			var none P
			return none, false
		}
		port = w.Unwrap()
	}
}
