package catalog

type Weight float64
