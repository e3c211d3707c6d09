package storagetest

import (
	_ "github.com/soukhq/souk/internal/skiptest"
	_ "github.com/soukhq/souk/storage"
	_ "github.com/soukhq/souk/storage/memory"
)
