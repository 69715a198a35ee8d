# The doors of the project. `make` alone shows them.
.DEFAULT_GOAL := help
# The first that is new enough; name another with `make run PYTHON=…`.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && exit; done; echo python3)
VENV := .venv
# How many test processes, each with a stack of its own: one a core of a small machine.
WORKERS ?= 2
BIN := $(VENV)/bin
PACKAGES := libs/contracts libs/runtime stack services/gateway services/identity services/catalog services/media services/production services/generation services/export clients/python

# What is installed is marked by files, one set a place, as an installation can't be moved.
MARKS := $(VENV)/set-up/$(shell pwd | cksum | cut -d' ' -f1)
SET_UP = @PYTHON="$(PYTHON)" VENV="$(VENV)" MARKS="$(MARKS)" PACKAGES="$(PACKAGES)" sh stack/set_up.sh
INPUTS := requirements/bootstrap.txt requirements/run.txt $(PACKAGES:%=%/pyproject.toml) stack/src/atelier/stack/kafka_jars.txt \
	docs/openapi.json clients/python/hatch_build.py $(wildcard clients/python/generator/*)

.PHONY: help run demo stack exec test check fmt docs bench mutants install lock clean

help: ## show this
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(MARKS)/run ## everything on this machine, until Ctrl-C (DATA_DIR=.data GATEWAY_PORT=8000)
	@exec $(BIN)/python -m atelier.stack run

demo: $(MARKS)/run ## walk the whole road on what `make run` runs (IMAGES=folder LOOKS=8 OUT=folder)
	@exec $(BIN)/python -m demo

stack: $(MARKS)/run ## only PostgreSQL, Kafka and S3, until Ctrl-C
	@exec $(BIN)/python -m atelier.stack parts

exec: $(MARKS)/run ## a service's command beside `make run`: SERVICE=production ARGS="dead-letters list"
	@test -n "$(SERVICE)" || { echo 'Say which service: make exec SERVICE=production ARGS="--help"' >&2; exit 2; }
	@exec $(BIN)/python -m atelier.stack exec $(SERVICE) -- $(ARGS)

test: $(MARKS)/dev ## all tests (ARGS="-k relay" for some)
	@exec $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(MARKS)/dev ## style, types and the dependency rule
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(PACKAGES:%=%/src) demo
	$(BIN)/lint-imports

fmt: $(MARKS)/dev ## bring the code into style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(MARKS)/run ## write what is generated: schemas, AsyncAPI, events page, OpenAPI
	$(BIN)/python -m atelier.contracts.documents .
	for service in identity catalog media production generation export; do \
		$(BIN)/python -m atelier.$$service openapi > .cache/openapi.json && mv .cache/openapi.json services/$$service/openapi.json || exit 1; done
	$(BIN)/python -m atelier.gateway openapi > .cache/openapi.json && mv .cache/openapi.json docs/openapi.json

bench: $(MARKS)/dev ## measure, each figure beside its baseline
	@exec $(BIN)/python -m benchmarks $(ARGS)

mutants: $(MARKS)/dev ## take safeguards out one by one and see their tests fail
	@exec $(BIN)/python -m tests.mutants $(ARGS)

install: ## fetch and install everything (`run` and `test` do it by themselves)
	$(SET_UP) dev

$(MARKS)/run: $(INPUTS)
	$(SET_UP) run

$(MARKS)/dev: $(INPUTS) requirements/dev.txt
	$(SET_UP) dev

COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	--no-emit-package atelier-contracts --no-emit-package atelier-runtime

lock: $(MARKS)/run ## choose the newest versions that fit and write requirements/*.txt
	$(COMPILE) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(COMPILE) requirements/run.in $(PACKAGES:%=%/pyproject.toml) -o requirements/run.txt
	$(COMPILE) requirements/dev.in $(PACKAGES:%=%/pyproject.toml) -c requirements/run.txt -o requirements/dev.txt

clean: ## remove what was installed and cached; the data in .data stays
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
