# What a developer types. `make test` is all that CI runs (.ci/run).
.DEFAULT_GOAL := help
.PHONY: help run build generate generated lint test bench soak shots tools shippers

TOOL := go tool -modfile=tools/go.mod
GENERATED := static/dist views/icons.go ':(glob)**/*_templ.go'

help: ## say what there is
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: ## run the demo from the sources
	go run ./cmd/web demo

build: ## build bin/jikimi
	go build -o bin/jikimi ./cmd/web

generate: node_modules ## build css, js and icons, and Go from the templates
	npm run --silent build
	$(TOOL) templ generate -path views

lint: ## check the Go code, the arrows between its packages included
	$(TOOL) golangci-lint run

test: tools shippers ## everything that CI runs
	npm ci --ignore-scripts --no-audit --no-fund
	$(MAKE) generated
	go vet ./...
	$(MAKE) lint
	go test -race -p 2 -count=1 -timeout 20m ./... # a fresh machine downloads the test Elasticsearch meanwhile
	$(MAKE) build
	npm run --silent e2e

bench: ## measure and print one table
	go run ./bench

soak: ## write and read the embedded store for a long time
	go test -tags soak -run Soak -timeout 60m ./store/embedded/

shots: node_modules ## pictures of a page: make shots URL=http://127.0.0.1:PORT/latency OUT=FOLDER
	npm run --silent shots -- $(OUT) $(URL)

# The generated files are committed, so that building needs Go alone. They must be what the sources give.
generated: generate
	git diff --exit-code --stat -- $(GENERATED)
	@new=$$(git ls-files --others --exclude-standard -- $(GENERATED)); \
	if [ -n "$$new" ]; then echo "generated but not committed: $$new" >&2; exit 1; fi

tools:
	@sh scripts/tools.sh

# Real shippers for the tests: some minutes the first time, then nothing.
shippers: tools
	@sh scripts/shippers.sh

node_modules: package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch node_modules
