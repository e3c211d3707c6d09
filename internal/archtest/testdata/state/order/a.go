package order

import (
	_ "embed"
	"errors"
	"net/http"
	"regexp"
)

type port interface{ Do() }

type impl struct{}

func (impl) Do() {}

var _ port = impl{}

var transitions = map[string][]string{}

var ErrClosed = errors.New("closed")

var number = regexp.MustCompile("^[0-9]+$")

//go:embed a.go
var source string

var shared = 1 //nolint:gochecknoglobals // one per process

var unexplained = 1 //nolint:gochecknoglobals

var registry = map[string]port{}

var (
	first, second int
)

func init() { registry["impl"] = impl{} }

func (impl) init() {}

func meddle() {
	http.DefaultClient = nil
	http.DefaultMaxHeaderBytes++
	registry["other"] = nil
	local := impl{}
	_ = local
}
