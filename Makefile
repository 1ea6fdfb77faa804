# Passend. `make demo` shows it, `make test` proves it; both install what they need into .venv first.
# Nothing else is asked of a machine than Python 3.11 or newer: no database, no Redis, no Node.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench lock assets stop clean

# Compiled modules are kept, also where the machine says otherwise: compiling them anew costs each of
# the dozens of processes of the tests a second or more.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
CATALOGUE := locale/nl/LC_MESSAGES/django.mo
APPS := backend providers procurement matching quality

# Size of the demo region: default or large.
SIZE ?= default
# Programs of tests/benchmarks, each with its references; `make bench ARGS=--quick` for a first look.
BENCHES := engine api placement server batch recommendation imports catalogue money
# Extra arguments, for example: make test ARGS="-k outbox"
ARGS ?=
# Parallel test processes; each has its own database.
JOBS ?= auto

help:
	@echo "make demo [SIZE=large]  start Passend with a realistic region and ready-made log-ins"
	@echo "make test [ARGS=...]    run all tests; what this machine lacks is skipped by name"
	@echo "make lint | format      check | tidy the code"
	@echo "make bench              performance as ratios against honest references"
	@echo "make setup              only install (into .venv)"
	@echo "make stop               stop Passend's own PostgreSQL"
	@echo "make lock | assets      renew the lock files | the vendored style sheets (needs npm)"

setup: $(STAMP) $(CATALOGUE)

$(STAMP): requirements-dev.lock tools/setup.sh
	@tools/setup.sh $(VENV) requirements-dev.lock
	@touch $@

$(CATALOGUE): $(STAMP) $(wildcard locale/fragments/*.po)
	@$(PY) -m backend.manage build_translations
	@touch $@

demo: setup
	@$(PY) -m backend.manage demo --size $(SIZE) $(ARGS)

test: setup
	$(PY) -m pytest -n $(JOBS) --maxprocesses 4 --dist worksteal $(ARGS)

lint: setup
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy $(APPS)
	$(VENV)/bin/lint-imports
	$(PY) -m backend.manage makemigrations --check --dry-run

format: setup
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup
	@set -e; for one in $(BENCHES); do $(PY) -m tests.benchmarks.$$one $(ARGS); done

lock:
	@tools/lock.sh

assets: setup
	npm ci
	$(PY) tools/assets/build.py

stop:
	@if [ -x $(PY) ]; then $(PY) -m backend.manage postgres stop; fi

clean: stop
	rm -rf $(VENV) .local locale/nl .mypy_cache .ruff_cache .import_linter_cache .hypothesis
