package bunstore
