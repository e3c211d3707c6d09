package pricing_test

var share float32
