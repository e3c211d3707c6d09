package memory_test

import (
	"testing"

	"github.com/soukhq/souk/storage"
	"github.com/soukhq/souk/storage/memory"
	"github.com/soukhq/souk/storage/storagetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	storagetest.Run(t, storagetest.Limits{}, func(*testing.T) storage.Stores {
		return memory.New().Stores()
	})
}
