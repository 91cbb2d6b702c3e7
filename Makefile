# The menu. `make` alone prints it.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
COMPLETE := $(BIN)/python -m pip --disable-pip-version-check check >$(VENV)/check.txt || { cat $(VENV)/check.txt; exit 1; }
# The first Python of at least 3.11 that really starts; PYTHON=... chooses another.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: help install dev run test quick lint fmt bench crash lock screenshot screens clean
.DEFAULT_GOAL := help

# What was compiled is kept: without that, every worker and every process that tests start compiles all of it again.
export PYTHONDONTWRITEBYTECODE :=

# Tests wait much of the time, for disks and for other processes: one more of them than there are cores.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## what `make run` needs, into .venv

dev: $(VENV)/.dev ## what `make test` needs as well

run: install ## start the newsroom (FRESH=1: start the playground over)
	@exec $(BIN)/paperboy run $(if $(FRESH),--fresh)

test: dev ## everything: code rules, types, tests with coverage
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
	@$(BIN)/coverage erase
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal --cov --cov-report=term $(ARGS)

quick: dev ## the inner loop: tests without the slow ones (ARGS=tests/domain)
	@$(BIN)/pytest -q -n auto -m 'not slow and not browser' $(ARGS)

lint: dev ## code rules and types
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

fmt: dev ## format, and mend what can be mended
	@$(BIN)/ruff check --fix-only --quiet . ; $(BIN)/ruff format .

bench: dev ## the short benchmarks; each script in bench/ tells its own options
	@for b in $(filter-out %/screenshot.py %/screens.py,$(wildcard bench/[a-z]*.py)); do \
		echo "== $$b"; $(BIN)/python $$b --short || exit 1; done

crash: dev ## campaigns of kills, faults and failing disks, within a time (MINUTES=30, SEED=1)
	@mkdir -p build
	@$(BIN)/python -m bench.crash --seed $(or $(SEED),$$(date +%s)) --minutes $(or $(MINUTES),30) \
		--results build/crash-$$(date +%s).jsonl

screenshot: dev ## make docs/newsroom.png anew (needs chromium)
	@$(BIN)/python bench/screenshot.py

screens: dev ## make the pictures in docs/screens anew (needs chromium)
	@$(BIN)/python bench/screens.py

lock: dev ## write both lock files anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --no-header $(if $(UPGRADE),--upgrade) --extra dev pyproject.toml -o requirements-dev.lock

clean: ## remove .venv and caches; data/ stays
	@rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Paperboy needs Python 3.11 or newer; none was found. Install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "That Python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv"; exit 1; }

# The lock names everything, so pip has nothing to resolve (asked to, it looks past "coverage==" for a newer
# "coverage[toml]"), and checks afterwards that nothing is missing. The project itself goes in the same way, in place.
$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the newsroom needs (about a minute, once) ..."
	@$(PIP) install --no-deps --require-hashes --only-binary :all: -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(COMPLETE)
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --no-deps --require-hashes --only-binary :all: -r requirements-dev.lock
	@$(COMPLETE)
	@touch $@
