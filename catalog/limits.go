package catalog

// The bounds of a catalogue. Lengths are in characters.
const (
	MaxLocales     = 20
	MaxName        = 120    // of a category, brand, option, value or attribute
	MaxTitle       = 300    // of a product, per locale
	MaxDescription = 20_000 // of a product, per locale
	MaxSlug        = 100
	MaxCode        = 64 // bytes, of a SKU, option, value or attribute
	MaxOptions     = 5
	MaxValues      = 100 // per option
	MaxAttributes  = 100
	MaxPictures    = 50
	MaxPictureRef  = 500 // bytes
	MaxSKUs        = 500 // per product, archived ones included
	MaxDepth       = 8   // of the category tree
	MaxSort        = 1_000_000
	MaxChannels    = 100           // publications per product
	MaxBatch       = 1_000         // rows of one bulk call
	MaxBatchSKUs   = 20_000        // SKUs of the rows of one import
	MaxWeightGrams = 1_000_000_000 // a thousand tonnes
)
