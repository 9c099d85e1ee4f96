# make run        a first simulation        make test       all that must hold, in minutes
# make lint       style, types, layers      make test-slow  the long proofs
# make bench      speed and memory          make lock       resolve the constraints anew
# Each target sets up .venv by itself. Another Python: make test PYTHON=python3.12

PYTHON ?= $(shell sh tools/find-python.sh default)
VENV ?= .venv
BIN := $(VENV)/bin
VERSION := $(shell $(PYTHON) -c 'import sys; print("{}.{}".format(*sys.version_info[:2]))' 2>/dev/null)
# Versions between the oldest and the newest resolve like the newest.
CONSTRAINTS := $(or $(wildcard constraints/python$(VERSION).txt),constraints/python3.13.txt)
# The environment is set up anew only when what it is made from, or the Python, has changed.
STAMP := $(VENV)/installed-$(VERSION)
PYTEST_WORKERS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(PYTEST_WORKERS)
SMOKE ?= smoke

.PHONY: setup run test test-fast test-newest test-slow lint bench docs lock clean help

help:
	@sed -n 's/^# make/make/p' Makefile

setup: $(STAMP)

$(STAMP): pyproject.toml $(wildcard constraints/*.txt)
	@test -n "$(VERSION)" || { echo "No Python from 3.11 to 3.13 found; say which with PYTHON=..." >&2; exit 2; }
	@test -f $@ && $(BIN)/python -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV) (Python $(VERSION), $(CONSTRAINTS)); this takes a minute or two ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c $(CONSTRAINTS) --editable '.[dev]'
	@touch $@

run: $(STAMP)
	$(BIN)/jiazheng run scenarios/baseline.yaml

test: lint test-fast test-newest

test-fast: $(STAMP)
	$(PYTEST)

# A part of the fast suite (SMOKE=smoke), or all of it (SMOKE="not slow"), on the newest Python of this machine.
test-newest:
	@sh tools/test-newest.sh "$(VERSION)" "$(SMOKE)" "$(PYTEST_WORKERS)"

test-slow: $(STAMP)
	$(PYTEST) -m slow

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

bench: $(STAMP)
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.profile

docs: $(STAMP)
	$(BIN)/python tools/licences.py
	$(BIN)/python -m tools.result_pages
	$(BIN)/python -m sim.data.parameters_doc
	$(BIN)/python -m sim.data.sources_doc
	$(BIN)/python -m sim.scenario.policies_doc
	$(BIN)/python -m sim.report.odd.page

lock:
	$$(sh tools/find-python.sh newest 3.11) tools/lock.py
	$$(sh tools/find-python.sh newest 3.13) tools/lock.py

clean:
	rm -rf .venv .venv-newest build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find sim tests benchmarks tools -name __pycache__ -type d -prune -exec rm -rf {} +
