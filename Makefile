# Everything that CI does is a target here, so that it can be run by hand.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO       ?= go
PKG      ?= ./...
TEST     ?= .
BENCH    ?= .
FUZZTIME ?= 30s

# SQLite is C, translated: it works on memory of its own, where the race
# detector sees nothing and finds nothing, but would slow it down threefold. Its
# Go driver and everything around it are watched. And no package waits for a
# second after its last test.
RACEFLAGS ?= -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc/...=-race=false
GORACE    ?= atexit_sleep_ms=50

# Many tests wait: for a disk, a clock, a child. More packages at once than there
# are processors keep these busy; on a slow machine each has the less of them.
# Lint vets.
TESTFLAGS ?= -p=4 -timeout=40m -vet=off
RUN        = $(GO) test $(if $(filter-out .,$(TEST)),-run '$(TEST)')
RACE       = GORACE='$(GORACE)' $(RUN) -race -short $(RACEFLAGS)

# These tests have deadlines that are not ours, for a machine with nothing else
# to do: they go first. What passed once is not run again.
ALONE      = $(if $(filter ./...,$(PKG)),./commerce/outbox)

# These read files, draw, measure or judge one thing after another: there are no
# races to look for. What they use is looked at by tests of its own.
CALM       = /(internal/(archtest|bench|chrometest|doctest|pgtest|skiptest)|examples/(custom-payment|quickstart|receval|searcheval)|examples/marketplace/internal/(demo|dice|picture|seed|view)|storage/storagetest)$$
RACED      = $(if $(filter ./...,$(PKG)),$$($(GO) list ./... | grep -vE '$(CALM)'),$(PKG))

TOOL := $(GO) tool -modfile=internal/tools/go.mod

# Compilers and tests are short-lived and share much memory: collecting it less
# often saves a tenth of the time. Benchmarks run as a shop does.
test race examples: export GOGC ?= 400
test race examples: export GOFLAGS := $(shell $(GO) env GOFLAGS) $(TESTFLAGS)

# Where a machine lacks PostgreSQL or Chromium, the tests that need them are
# skipped and say so; SOUK_REQUIRE=postgres,chromium makes that a failure.

.PHONY: help
help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z\/]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: ## Run all tests, by the README's command. PKG and TEST narrow it: make test PKG=./order/... TEST=Place
	$(if $(ALONE),$(RUN) $(ALONE))
	$(RUN) $(PKG)

.PHONY: race
race: ## Look for races in all that happens side by side, the longest tests shortened.
	$(if $(ALONE),$(RACE) $(ALONE))
	$(RACE) $(RACED)

.PHONY: arch
arch: ## Check the rules of the architecture.
	$(GO) test -count=1 ./internal/archtest

.PHONY: lint
lint: ## Check style and common mistakes. The first run builds the linter.
	$(TOOL) golangci-lint run --allow-serial-runners $(PKG)

.PHONY: fmt
fmt: ## Format the code the way lint wants it.
	$(TOOL) golangci-lint fmt

.PHONY: examples
examples: ## Build every example and run its smoke test, offline, unless 'make test' just did.
	mkdir -p bin
	$(GO) build -o bin/ ./examples/...
	$(RUN) ./examples/...

.PHONY: bench
bench: ## Run the benchmarks. BENCH and PKG narrow it.
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m $(PKG)

.PHONY: plot
plot: ## Measure how evaluations and fits grow, and draw docs/promotions.svg and docs/recommendation.svg.
	@SOUK_PLOT=$(CURDIR)/docs/promotions.svg $(GO) test -count=1 -cpu 1 -v -run TestPlotPromotions ./internal/bench | grep '^|'
	@SOUK_PLOT=$(CURDIR)/docs/recommendation.svg $(GO) test -count=1 -v -run TestPlotGrowth ./recommend/cf | grep '^|'

.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZTIME (30s).
	@grep -rl --include='*_test.go' '^func Fuzz' . | grep -v /testdata/ | while read -r file; do \
		sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$$file" | while read -r name; do \
			echo "$(GO) test -fuzz $$name $$(dirname "$$file")"; \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
		done; \
	done

.PHONY: tidy
tidy: ## Tidy both modules.
	$(GO) mod tidy
	cd internal/tools && $(GO) mod tidy

.PHONY: verify
verify: ## Fail if a module is untidy or generated code is out of date.
	$(GO) mod tidy -diff
	cd internal/tools && $(GO) mod tidy -diff
	@before=$$(git status --porcelain; git diff | git hash-object --stdin); \
		$(GO) generate ./...; \
		after=$$(git status --porcelain; git diff | git hash-object --stdin); \
		if [ "$$before" != "$$after" ]; then git status --short; echo 'generated code is out of date'; exit 1; fi

.PHONY: nightly
nightly: ## Run what is too long for every commit: long histories, races at full size, fuzzing, benchmarks.
	SOUK_NIGHTLY=1 $(GO) test -count=1 -timeout 6h $(PKG)
	$(GO) test -race -count=1 -timeout 6h $(PKG)
	@grep -rl --include='*_test.go' 'rapid\.Check(' . | grep -v /testdata/ | xargs -n1 dirname | sort -u | while read -r dir; do \
		echo "$(GO) test $$dir -rapid.checks 10000"; \
		$(GO) test -count=1 -timeout 6h "$$dir" -rapid.checks 10000; \
	done
	$(MAKE) fuzz FUZZTIME=10m
	$(MAKE) bench
