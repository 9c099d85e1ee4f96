# make run: a first simulation; make test: everything that must hold. Both set up .venv by themselves.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin

.PHONY: setup run test test-slow lint
setup:
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --editable '.[dev]'
run: setup
	$(BIN)/jiazheng run scenarios/baseline.yaml
test: setup
	$(BIN)/python -m pytest -n 2
test-slow: setup
	$(BIN)/python -m pytest -n 2 -m slow
lint: setup
	$(BIN)/ruff check .
