# The doors of the project. `make` alone shows them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := libs/contracts libs/runtime stack services/gateway services/identity services/catalog services/production
UV := VIRTUAL_ENV=$(VENV) $(BIN)/uv pip
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
	--no-emit-package atelier-contracts --no-emit-package atelier-runtime
.PHONY: help lock
help: ## show this
	@grep -hE '^[a-z][a-z-]*:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | awk -F'\t' '{printf "  make %-14s %s\n", $$1, $$2}'

lock: $(BIN)/uv ## choose the newest versions that fit and write requirements/*.txt
	$(COMPILE) requirements/bootstrap.in -o requirements/bootstrap.txt
	$(COMPILE) requirements/run.in $(PACKAGES:%=%/pyproject.toml) -o requirements/run.txt
	$(COMPILE) requirements/dev.in $(PACKAGES:%=%/pyproject.toml) -c requirements/run.txt -o requirements/dev.txt
