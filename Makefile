.DEFAULT_GOAL := help
DUETMIND := node bin/duetmind.js
.PHONY: help setup-env dev-setup reproduce test test-interop data features validate hash-features train lint format bench check

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  %-14s %s\n", $$1, $$2}'
setup-env: node_modules/.installed dist/.built ## install the packages and build
node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund && touch $@
dist/.built: node_modules/.installed $(shell find src infra/migrations scripts -type f)
	npm run --silent build && touch $@
dev-setup: setup-env ## the same, and check types and style
	npm run --silent typecheck && npm run --silent lint
reproduce: setup-env ## raw data to a registered model; runs only what changed
	@$(DUETMIND) reproduce
test: setup-env ## every test that needs npm only
	npm test --silent
test-interop: setup-env ## tests against PostgreSQL, S3, MLflow, DVC, Pandera, scikit-learn; installs and starts them
	npm run --silent test:interop
data: setup-env ## ingest the sources and check their contracts
	@$(DUETMIND) data
features: setup-env ## build the features, labels and split
	@$(DUETMIND) features
validate: setup-env ## check every contract of params.yaml
	@$(DUETMIND) validate
hash-features: setup-env ## print the hashes of the built features
	@$(DUETMIND) hash-features
train: setup-env ## train, evaluate and register a model
	@$(DUETMIND) train
lint: setup-env ## check style
	npm run --silent lint
format: setup-env ## format the code
	npm run --silent format
check: setup-env ## types, style, build, tests
	npm run --silent check
bench: setup-env ## every bench, results in bench/results
	npm run bench bench/all.ts
db-migrate: setup-env ## bring the metadata database to this version
	@$(DUETMIND) db migrate
