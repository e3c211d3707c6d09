package outbox

func other() { defer func() { _ = recover() }() }
