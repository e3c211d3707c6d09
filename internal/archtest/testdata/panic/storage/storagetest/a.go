package storagetest

func fail() { panic("boom") }
