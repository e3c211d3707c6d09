package outbox

func run() { defer func() { _ = recover() }() }
