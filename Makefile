# Two commands do everything on a fresh machine with Python 3.11 or newer: make demo, make test.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lock is complete: nothing has to be resolved, and Python compiles what it really uses.
INSTALL = $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --no-compile
PORT ?= 8080
RESET ?= 0


.PHONY: demo run-setup test check format lock bench screenshots examples clean

demo: $(VENV)/.run
	@PORT=$(PORT) RESET=$(RESET) exec $(BIN)/python -m bot demo

run-setup: $(VENV)/.run

test: check
	$(BIN)/pytest

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m tests.check_texts

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Hashes for every platform and Python 3.11 to 3.13; no index address is written into the lock.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 --quiet pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --generate-hashes --no-header --no-annotate --no-emit-index-url \
		--python-version 3.11 --quiet --group dev pyproject.toml -o requirements-dev.lock

examples: $(VENV)/.dev
	$(BIN)/python -m docs.examples.year_2020

screenshots: $(VENV)/.dev
	$(BIN)/python -m docs.screenshots.take

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock | $(VENV)/bin/python
	@echo "installing the locked packages…"
	@$(INSTALL) -r requirements.lock
	@touch $@

$(VENV)/.dev: requirements-dev.lock | $(VENV)/bin/python
	@echo "installing the locked packages for development…"
	@$(INSTALL) -r requirements-dev.lock
	@touch $@ $(VENV)/.run
